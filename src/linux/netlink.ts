// A rtnetlink socket: bound to the network namespace in which it was opened, synchronous, microseconds per message.

import { bind, checked, KernelFault } from './libc.ts'
import { dumpLinks, getLink, linkOf, MESSAGE, received, type Link, type Received } from './netlink-codec.ts'

const socket = bind('int socket(int domain, int type, int protocol)')
const send = bind('long send(int fd, const uint8_t *bytes, size_t length, int flags)')
const receive = bind('long recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)')
const setsockopt = bind('int setsockopt(int fd, int level, int option, const uint8_t *value, int length)')
const close = bind('int close(int fd)')

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const NETLINK_ROUTE = 0
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
/** More acknowledgements at once could overflow the socket's buffer, and some would be lost. */
const PIPELINE_MESSAGES = 100
/** The kernel never fills more than 32 KiB of one datagram for us. */
const DATAGRAM_BYTES = 64 * 1024
const ENODEV = 19

/** Shared by all sockets: what is received is read before anything else runs. */
const datagram = Buffer.alloc(DATAGRAM_BYTES)

export class Netlink {
  readonly #descriptor: number
  #sequence = 1

  constructor() {
    this.#descriptor = checked('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE))
    const on = Buffer.from([1, 0, 0, 0])
    // Failures then name the error only, instead of repeating the whole message.
    checked('setsockopt', setsockopt(this.#descriptor, SOL_NETLINK, NETLINK_CAP_ACK, on, on.length))
  }

  /** Sends all and waits for all answers. The first failure is thrown, after the others have been tried. */
  execute(messages: readonly Buffer[]): void {
    let failure: KernelFault | undefined
    for (let at = 0; at < messages.length; at += PIPELINE_MESSAGES) {
      const batch = messages.slice(at, at + PIPELINE_MESSAGES)
      this.#send(batch)
      for (let left = batch.length; left > 0;) {
        for (const answer of this.#receive()) {
          if (answer.type !== MESSAGE.error) continue
          left--
          const code = answer.body.readInt32LE(0)
          if (code !== 0) failure ??= new KernelFault('rtnetlink', -code)
        }
      }
    }
    if (failure !== undefined) throw failure
  }

  /** All messages that answer a dump. */
  dump(request: Buffer): Received[] {
    this.#send([request])
    const found: Received[] = []
    for (;;) {
      for (const answer of this.#receive()) {
        if (answer.type === MESSAGE.done) return found
        if (answer.type === MESSAGE.error) throw new KernelFault('rtnetlink dump', -answer.body.readInt32LE(0))
        // The buffer is used again for the next datagram.
        found.push({ type: answer.type, body: Buffer.from(answer.body) })
      }
    }
  }

  link(name: string): Link | undefined {
    this.#send([getLink(name)])
    const [answer] = this.#receive()
    if (answer === undefined) throw new Error('the kernel sent an empty answer')
    if (answer.type !== MESSAGE.error) return linkOf(answer)
    const errno = -answer.body.readInt32LE(0)
    if (errno === ENODEV) return undefined
    throw new KernelFault(`get link ${name}`, errno)
  }

  links(): Link[] {
    return this.dump(dumpLinks()).map(linkOf)
  }

  close(): void {
    close(this.#descriptor)
  }

  #send(messages: readonly Buffer[]): void {
    for (const message of messages) message.writeUInt32LE(this.#sequence++ >>> 0, 8)
    const bytes = Buffer.concat(messages)
    checked('send', send(this.#descriptor, bytes, bytes.length, 0))
  }

  #receive(): Received[] {
    const length = checked('recv', receive(this.#descriptor, datagram, datagram.length, 0))
    return received(datagram.subarray(0, length))
  }
}
