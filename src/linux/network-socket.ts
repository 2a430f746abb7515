// Sockets opened inside another network namespace and used from this one: a socket stays where it was made.

import { closeSync } from 'node:fs'
import { bind, checked } from './libc.ts'
import { addressBytes } from './netlink-codec.ts'
import { inside, openNamespace } from './network-namespace.ts'

const socket = bind('int socket(int domain, int type, int protocol)')
const bindAddress = bind('int bind(int fd, const uint8_t *address, int length)')
const listen = bind('int listen(int fd, int backlog)')
const setsockopt = bind('int setsockopt(int fd, int level, int option, const uint8_t *value, int length)')
const close = bind('int close(int fd)')

const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
/** Connections that wait to be accepted; the kernel's usual highest is 4,096. */
const BACKLOG = 1024

const familyOf = (host: string): number => (host.includes(':') ? AF_INET6 : AF_INET)

/** struct sockaddr_in or sockaddr_in6. */
const address = (host: string, port: number): Buffer => {
  const isIpv6 = familyOf(host) === AF_INET6
  const bytes = Buffer.alloc(isIpv6 ? 28 : 16)
  bytes.writeUInt16LE(familyOf(host), 0)
  bytes.writeUInt16BE(port, 2)
  addressBytes(host).copy(bytes, isIpv6 ? 8 : 4)
  return bytes
}

const opened = (namespacePath: string, type: number, host: string, port: number): number => {
  const namespace = openNamespace(namespacePath)
  try {
    return inside(namespace, () => {
      const descriptor = checked('socket', socket(familyOf(host), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
      try {
        if (type === SOCK_STREAM) {
          const on = Buffer.from([1, 0, 0, 0])
          checked('setsockopt', setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, on, on.length))
        }
        const bytes = address(host, port)
        checked(`bind ${host}:${port}`, bindAddress(descriptor, bytes, bytes.length))
        if (type === SOCK_STREAM) checked(`listen ${host}:${port}`, listen(descriptor, BACKLOG))
        return descriptor
      } catch (error) {
        close(descriptor)
        throw error
      }
    })
  } finally {
    closeSync(namespace)
  }
}

/**
 * A listening socket in that namespace, for net.Server.listen({ fd }); on "::" it takes IPv4 as well. KernelFault when the
 * port is taken.
 */
export const listeningSocket = (namespacePath: string, host: string, port: number): number =>
  opened(namespacePath, SOCK_STREAM, host, port)

/** A bound datagram socket in that namespace, for dgram.Socket.bind({ fd }). KernelFault when the port is taken. */
export const datagramSocket = (namespacePath: string, host: string, port: number): number =>
  opened(namespacePath, SOCK_DGRAM, host, port)
