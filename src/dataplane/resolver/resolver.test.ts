// A VPC's resolver as a client meets it: own names, forwarded names, limits.

import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { seededRandom } from '#base/random.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { Forwarder, hostUpstreams, upstreamsOf, type Upstream } from './forwarder.ts'
import { nameBytes, readQuery, TYPE, writeResponse } from './message.ts'
import { Resolver } from './resolver.ts'
import type { Zone } from './zone.ts'

const zone: Zone = {
  region: 'eu-west-1',
  cidrs: ['10.0.0.0/16'],
  apiAddress: '169.254.170.4',
  privateZones: [],
  records: {},
}
const query = (name: string, type: number = TYPE.A): Buffer => {
  const header = Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([header, nameBytes(name), Buffer.from([0, type, 0, 1])])
}
const code = (bytes: Buffer | undefined): number | undefined => (bytes === undefined ? undefined : bytes[3]! & 0xf)

const open: (Socket | Server)[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

const answerTo = (bytes: Buffer, size = 1): Buffer => {
  const read = readQuery(bytes)
  if (read === undefined) throw new Error('the forwarder sent no query')
  const record = { name: read.question.name, type: TYPE.A, ttlSeconds: 1, data: Buffer.from([192, 0, 2, 1]) }
  return writeResponse(bytes, read, { code: 0, answers: Array.from({ length: size }, () => record) }, 65_535)
}

const upstream = async (onMessage: (bytes: Buffer, reply: (bytes: Buffer) => void) => void): Promise<Upstream> => {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, { port, address }) => onMessage(bytes, (answer) => socket.send(answer, port, address)))
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  open.push(socket)
  return { address: '127.0.0.1', port: socket.address().port }
}
const resolverWith = (...servers: Upstream[]): Resolver => {
  const forwarder = new Forwarder({ clock: systemClock, random: seededRandom(1), servers: () => servers })
  return new Resolver({ clock: systemClock, forwarder }, zone)
}

describe('a resolver', () => {
  it('forwards under an id of its own and answers under the one it was asked with', async () => {
    const seen: number[] = []
    const server = await upstream((bytes, reply) => {
      seen.push(bytes.readUInt16BE(0))
      reply(answerTo(bytes))
    })
    const answer = await resolverWith(server).answer(query('example.com'), '10.0.0.9', 'udp')
    expect(answer?.readUInt16BE(0)).toBe(0xabcd)
    expect(answer?.subarray(-4)).toEqual(Buffer.from([192, 0, 2, 1]))
    expect(seen).not.toContain(0xabcd)
  })

  it('believes no answer to another question or under another id', async () => {
    const server = await upstream((bytes, reply) => {
      const forged = answerTo(bytes)
      forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1, 0)
      reply(forged)
      reply(answerTo(Buffer.concat([bytes.subarray(0, 12), query('evil.com').subarray(12)])))
      reply(answerTo(bytes, 2))
    })
    const answer = await resolverWith(server).answer(query('example.com'), '10.0.0.9', 'udp')
    expect(answer?.readUInt16BE(6)).toBe(2)
  })

  it('asks the next server when one is not there', async () => {
    const dead = { address: '127.0.0.1', port: 1 }
    const server = await upstream((bytes, reply) => reply(answerTo(bytes)))
    expect(code(await resolverWith(dead, server).answer(query('example.com'), '10.0.0.9', 'udp'))).toBe(0)
    expect(code(await resolverWith(dead).answer(query('example.com'), '10.0.0.9', 'udp'))).toBe(2)
  })

  it('cuts a long answer over UDP and gives the whole over TCP', async () => {
    const udp = await upstream((bytes, reply) => reply(answerTo(bytes, 50)))
    const cut = await resolverWith(udp).answer(query('example.com'), '10.0.0.9', 'udp')
    expect((cut?.readUInt16BE(2) ?? 0) & 0x0200).toBe(0x0200)
    const server = createServer((socket) => {
      socket.on('data', (bytes) => {
        const whole = answerTo(bytes.subarray(2), 50)
        const length = Buffer.alloc(2)
        length.writeUInt16BE(whole.length)
        socket.write(Buffer.concat([length, whole.subarray(0, 100)]))
        setTimeout(() => socket.end(whole.subarray(100)), 5)
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    open.push(server)
    const tcp = { address: '127.0.0.1', port: (server.address() as AddressInfo).port }
    const whole = await resolverWith(tcp).answer(query('example.com'), '10.0.0.9', 'tcp')
    expect(whole?.readUInt16BE(6)).toBe(50)
  })

  it('says that it cannot, rather than that there is none, when nothing may leave', async () => {
    const resolver = new Resolver({ clock: systemClock }, zone)
    expect(code(await resolver.answer(query('example.com'), '10.0.0.9', 'udp'))).toBe(2)
    expect(code(await resolver.answer(query('aws.neargate.internal'), '10.0.0.9', 'udp'))).toBe(0)
  })

  it('answers each task 1,024 times a second and no more', async () => {
    const clock = new SimulatedClock()
    const resolver = new Resolver({ clock }, zone)
    const ask = async (source: string): Promise<boolean> =>
      (await resolver.answer(query('aws.neargate.internal'), source, 'udp')) !== undefined
    const answered = await Promise.all(Array.from({ length: 1100 }, () => ask('10.0.0.9')))
    expect(answered.filter(Boolean)).toHaveLength(1024)
    expect(await ask('10.0.0.10')).toBe(true)
    await clock.advance(0.5)
    expect(await ask('10.0.0.9')).toBe(true)
  })

  it('stays silent to what is no question', async () => {
    expect(await resolverWith().answer(Buffer.from('GET / HTTP/1.1'), '10.0.0.9', 'udp')).toBeUndefined()
  })

  it('reads the resolvers of the host', () => {
    const text = 'search x\nnameserver 192.0.2.1\n# nameserver 192.0.2.2\nnameserver fd00::1\n  nameserver 127.0.0.53\n'
    expect(upstreamsOf(text)).toEqual([
      { address: '192.0.2.1', port: 53 },
      { address: '127.0.0.53', port: 53 },
    ])
    expect(hostUpstreams('/nowhere')).toEqual([])
  })
})
