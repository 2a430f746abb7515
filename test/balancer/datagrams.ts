// Sockets of the test's own for datagrams, in any network namespace: one that answers, and one that asks and waits.

import { createSocket, type Socket } from 'node:dgram'
import { systemClock } from '#base/clock.ts'
import { datagramSocket } from '#linux/network-socket.ts'

/** Of a listener that sends datagrams nowhere. */
const SILENCE_SECONDS = 2
const LOOK_SECONDS = 0.25

export interface DatagramPlace {
  /** The host's when absent. */
  readonly namespacePath?: string
  readonly address: string
  /** Any that is free when absent. */
  readonly port?: number
}

export interface DatagramAnswer {
  /** "address:port" */
  readonly from: string
  readonly name: string
  /** Whom the one who answers took for the client, "address:port". */
  readonly seen: string
}

export interface DatagramClient {
  /** Undefined when nobody answered for some time. */
  ask(address: string, port: number, text?: string): Promise<DatagramAnswer | undefined>
  close(): Promise<void>
}

const opened = async ({ namespacePath, address, port = 0 }: DatagramPlace): Promise<Socket> => {
  const socket = createSocket('udp4')
  // A refusal is an answer like silence.
  socket.on('error', () => {})
  const at = namespacePath === undefined ? { address, port } : { fd: datagramSocket(namespacePath, address, port) }
  await new Promise<void>((done) => socket.bind(at, done))
  return socket
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.close(resolve))

/** Says to every client its name, and what it has heard of whom. Returns "stop". */
export const datagramServer = async (place: DatagramPlace, name: string): Promise<() => Promise<void>> => {
  const socket = await opened(place)
  socket.on('message', (bytes, { address, port }) =>
    socket.send(`${name} ${address}:${port} ${String(bytes)}`, port, address),
  )
  return () => closed(socket)
}

/** All that it asks comes from one port: to one load balancer, it is one flow. */
export const datagramClient = async (place: DatagramPlace): Promise<DatagramClient> => {
  const socket = await opened(place)
  const heard: string[] = []
  let wake = new AbortController()
  let asked = 0
  socket.on('message', (bytes, { address, port }) => {
    heard.push(`${address}:${port} ${String(bytes)}`)
    wake.abort()
  })
  return {
    ask: async (address, port, text = 'hello') => {
      // What comes late is no answer to what is asked now.
      const number = `${asked++}:${text}`
      heard.length = 0
      socket.send(number, port, address)
      for (let waited = 0; waited < SILENCE_SECONDS; waited += LOOK_SECONDS) {
        const answer = heard.find((each) => each.endsWith(` ${number}`))
        const [from = '', name = '', seen = ''] = answer?.split(' ') ?? []
        if (answer !== undefined) return { from, name, seen }
        wake = new AbortController()
        await systemClock.sleep(LOOK_SECONDS, wake.signal)
      }
      return undefined
    },
    close: () => closed(socket),
  }
}
