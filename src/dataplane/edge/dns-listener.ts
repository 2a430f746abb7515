// The sockets of a VPC's resolver: UDP and TCP on each of its addresses.

import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '#base/log.ts'
import { datagramSocket, listeningSocket } from '#linux/network-socket.ts'
import type { EdgeVpc, VpcResolver } from './contract.ts'
import { limitPerSource } from './per-source.ts'

const PORT = 53
const TCP_CONNECTIONS_PER_SOURCE = 32
const TCP_IDLE_SECONDS = 10
/** No question is longer; what is announced to be longer is not waited for. */
const QUESTION_BYTES = 4096

const udpListener = (vpc: EdgeVpc, address: string, resolver: VpcResolver, log: Log): Datagrams => {
  const socket = createSocket('udp4')
  socket.on('error', (error) => log.warn('dns-socket-failed', { vpc: vpc.id, address, error: error.message }))
  socket.on('message', (bytes, { address: source, port }) => {
    resolver.answer(bytes, source, 'udp').then(
      (answer) => {
        // Undelivered answers are asked for again.
        if (answer !== undefined) socket.send(answer, port, source, () => {})
      },
      (error: unknown) => log.bug('dns-failed', error, { vpc: vpc.id }),
    )
  })
  socket.bind({ fd: datagramSocket(vpc.namespacePath, address, PORT) })
  return socket
}

/** Questions on one connection are answered one after the other. */
const converse = async (socket: Socket, resolver: VpcResolver): Promise<void> => {
  const source = socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  let waiting = Buffer.alloc(0)
  for await (const part of socket as AsyncIterable<Buffer>) {
    waiting = Buffer.concat([waiting, part])
    while (waiting.length >= 2) {
      const length = waiting.readUInt16BE(0)
      if (length > QUESTION_BYTES) return
      if (waiting.length < 2 + length) break
      const answer = await resolver.answer(waiting.subarray(2, 2 + length), source, 'tcp')
      if (answer === undefined) return
      const prefix = Buffer.alloc(2)
      prefix.writeUInt16BE(answer.length)
      socket.write(Buffer.concat([prefix, answer]))
      waiting = waiting.subarray(2 + length)
    }
  }
}

const tcpListener = (vpc: EdgeVpc, address: string, resolver: VpcResolver, log: Log): Server => {
  const server = createServer((socket) => {
    socket.setTimeout(TCP_IDLE_SECONDS * 1000, () => socket.destroy())
    converse(socket, resolver).then(
      () => socket.destroy(),
      (error: unknown) => {
        // A connection that broke off is the task's own affair.
        if (!socket.errored) log.bug('dns-failed', error, { vpc: vpc.id })
        socket.destroy()
      },
    )
  })
  limitPerSource(server, TCP_CONNECTIONS_PER_SOURCE)
  server.listen({ fd: listeningSocket(vpc.namespacePath, address, PORT) })
  return server
}

export const dnsListeners = (vpc: EdgeVpc, resolver: VpcResolver, log: Log): (Datagrams | Server)[] =>
  vpc.resolverAddresses.flatMap((address) => [
    udpListener(vpc, address, resolver, log),
    tcpListener(vpc, address, resolver, log),
  ])
