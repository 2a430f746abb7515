// Goal: every connection to a TLS listener is written down as it was, however it ended, and none to another listener.
// Method: real HAProxy, real TLS clients.

import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { balancerPlan, forward, listener, PORT, streamGroup, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import type { LoggedConnection } from './balancer.ts'

const TLS_PORT = 8443
const NAME = 'db.example.test'
const ID = 'net-test'

let world: BalancerWorld
let pem: string
beforeEach(async () => {
  world = await BalancerWorld.open()
  const target = await world.listen(
    createServer((socket) => {
      socket.on('data', (bytes) => socket.write(bytes))
      socket.on('end', () => socket.end())
    }),
  )
  pem = world.certificate(NAME).pem
  const rules = [when(forward(['tg', 1]))]
  const plain = listener(rules, { protocol: 'TCP' })
  const secure = listener(rules, {
    id: 'secure',
    port: TLS_PORT,
    protocol: 'TLS',
    certificates: [{ id: 'db', pem }],
    alpn: ['h2', 'http/1.1'],
  })
  const more = { id: ID, kind: 'network' } as const
  await world.apply(balancerPlan(world, [streamGroup('tg', [target])], [plain, secure], more))
})
afterEach(() => world.close())

/** Says so much, hears it again, and ends as it is told to. */
const talked = async (text: string, end: 'well' | 'broken', options: ConnectionOptions = {}): Promise<number> => {
  const tcp = connect(TLS_PORT, world.hostAddress)
  tcp.on('error', () => {})
  const client = connectTls({ socket: tcp, rejectUnauthorized: false, ...options })
  client.on('error', () => {})
  await once(client, 'secureConnect')
  const port = tcp.localPort ?? 0
  client.write(text)
  await once(client, 'data')
  const closed = once(tcp, 'close')
  if (end === 'well') client.end()
  else tcp.resetAndDestroy()
  await closed
  return port
}

const recent = async (count: number): Promise<LoggedConnection[]> => {
  let found: LoggedConnection[] = []
  await expect
    .poll(async () => (found = (await world.balancer().recentConnections(ID)) ?? []).length, { timeout: 60_000 })
    .toBe(count)
  return found
}

it('tells who spoke how long, how much, sealed by what', async () => {
  const plain = connect(PORT, world.hostAddress)
  plain.end()
  await once(plain, 'close')
  const ports = [
    await talked('hello', 'well', { servername: NAME, ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2' }),
    await talked('broken off', 'broken', { minVersion: 'TLSv1.3' }),
  ]
  const found = await recent(2)
  const [well, broken] = ports.map((port) => found.find(({ client }) => client.port === port))
  expect(well).toMatchObject({
    listenerId: 'secure',
    door: 0,
    destination: { address: world.hostAddress, port: TLS_PORT },
    receivedBytes: 5,
    sentBytes: 5,
    tlsProtocol: 'TLSv1.2',
    cipher: expect.stringMatching(/^ECDHE-ECDSA-/),
    serverName: NAME,
    alpn: 'h2',
  })
  const shown = new X509Certificate(pem)
  expect(well?.certificateSha1?.toLowerCase()).toBe(createHash('sha1').update(shown.raw).digest('hex'))
  expect(well!.endedAt - well!.startedAt).toBeGreaterThanOrEqual(well!.handshakeMilliseconds)
  expect(Math.abs(well!.endedAt - Date.now())).toBeLessThan(120_000)
  expect(broken).toMatchObject({ receivedBytes: 10, tlsProtocol: 'TLSv1.3', serverName: undefined, alpn: undefined })
  // None of it is taken for a request.
  expect(await world.balancer().recentRequests(ID)).toEqual([])
}, 120_000)

it('is followed as connections end', async () => {
  const seen: LoggedConnection[] = []
  const life = new AbortController()
  const following = world.balancer().followConnections(ID, (news) => seen.push(...news), life.signal)
  const port = await talked('hello', 'well')
  await expect.poll(() => seen.map(({ client }) => client.port), { timeout: 60_000 }).toEqual([port])
  life.abort()
  await following
}, 120_000)
