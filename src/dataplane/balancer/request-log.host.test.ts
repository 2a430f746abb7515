// Goal: every request is written down as it was, whatever the client sends, and also when listeners change meanwhile.
// Method: real HAProxy, raw sockets for what no client library would send.

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import type { LoggedRequest } from './balancer.ts'

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

/** Sends these bytes and waits for the end of the answer. */
const sent = async (text: string): Promise<string> => {
  const socket = connect(PORT, world.hostAddress)
  let answer = ''
  socket.setEncoding('latin1').on('data', (part: string) => (answer += part))
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return answer
}
const get = (path: string, headers: readonly string[] = []): Promise<string> =>
  sent(
    `GET ${path} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n`,
  )

const plan = async () => {
  const target = await world.target('well')
  const rules = [when(respond(404), { on: 'path', patterns: ['/no'] }), when(forward(['tg', 1]))]
  return { target, plan: balancerPlan(world, [group('tg', [target])], [listener(rules)]) }
}

const recent = async (id: string, count: number): Promise<LoggedRequest[]> => {
  let found: LoggedRequest[] = []
  await expect
    .poll(async () => (found = (await world.balancer().recentRequests(id)) ?? []).length, { timeout: 30_000 })
    .toBe(count)
  return found
}

it('tells who asked what of whom, and what came of it', async () => {
  const { target, plan: wanted } = await plan()
  await world.apply(wanted)
  await get('/cart?a=1', ['User-Agent: test/1'])
  await get('/no')
  const [served, refused] = await recent(wanted.id, 2)
  expect(served).toMatchObject({
    client: { address: expect.stringMatching(/^127\./), port: expect.any(Number) },
    port: PORT,
    groupId: 'tg',
    target: { address: target.address, port: target.port },
    status: 200,
    targetStatus: 200,
    rule: 2,
    method: 'GET',
    version: 'HTTP/1.1',
    path: '/cart?a=1',
    host: 'shop.test',
    agent: 'test/1',
    trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    connection: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
  expect(served!.endedAt).toBeGreaterThanOrEqual(served!.receivedAt)
  expect(Math.abs(served!.endedAt - Date.now())).toBeLessThan(120_000)
  expect(refused).toMatchObject({ status: 404, rule: 1, path: '/no' })
  expect(refused).not.toHaveProperty('target')
  expect(refused).not.toHaveProperty('targetStatus')
  expect(refused!.id).not.toBe(served!.id)
})

it.each<[what: string, headers: readonly string[], path: string, agent: string]>([
  ['quotes, spaces and backslashes', ['User-Agent: a "b" \\ - '], '/"x"?y=\\', 'a "b" \\ -'],
  ['bytes above ASCII and a tab', ['User-Agent: \xe4\t\xff'], '/x', '\xe4\t\xff'],
  ['a line like our own', [`User-Agent: ${'1 '.repeat(60)}x`], '/x', `${'1 '.repeat(60)}x`],
  ['a long name', [`User-Agent: ${'u'.repeat(10_000)}`], '/x', 'u'.repeat(8192)],
  ['a long path', ['User-Agent: a'], `/${'p'.repeat(8000)}`, 'a'],
])('holds %s', async (_what, headers, path, agent) => {
  const { plan: wanted } = await plan()
  await world.apply(wanted)
  await get(path, headers)
  const [found] = await recent(wanted.id, 1)
  expect(found).toMatchObject({ path, agent, status: 200, version: 'HTTP/1.1' })
})

it('tells no more than metrics and people need while no access log is kept', async () => {
  const { target } = await plan()
  const { root, pem } = world.certificate('shop.test')
  const secure = listener([when(forward(['tg', 1]))], { protocol: 'HTTPS', certificates: [{ id: 'c1', pem }] })
  const wanted = balancerPlan(world, [group('tg', [target])], [secure], { keepsAccessLog: false })
  await world.apply(wanted)
  for (const path of ['/cart?a=1', `/${'p'.repeat(8000)}`]) {
    const session = connectHttp2(`https://${world.hostAddress}:${PORT}`, { ca: root, servername: 'shop.test' })
    const stream = session.request({ ':path': path, ':authority': 'shop.test', 'user-agent': 'test/1' })
    await once(stream.resume(), 'end')
    session.close()
  }
  const [short, long] = await recent(wanted.id, 2)
  const facts = { status: 200, targetStatus: 200, groupId: 'tg', rule: 1, method: 'GET' }
  expect(short).toMatchObject({ ...facts, version: 'HTTP/2.0', path: '/cart?a=1', host: 'shop.test' })
  expect(long).toMatchObject({ ...facts, path: expect.stringMatching(/^\/p{900,1020}$/) })
  expect(long).not.toHaveProperty('version')
  for (const what of ['agent', 'trace', 'location']) expect(short).not.toHaveProperty(what)
})

it('tells of each request what its TLS connection was opened with', async () => {
  const { target } = await plan()
  const { root, pem } = world.certificate('shop.test')
  const secure = listener([when(forward(['tg', 1]))], {
    id: 'secure',
    protocol: 'HTTPS',
    certificates: [{ id: 'c1', pem }],
  })
  const wanted = balancerPlan(world, [group('tg', [target])], [secure])
  await world.apply(wanted)
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: root, servername: 'shop.test' })
  for (const path of ['/first', '/second']) {
    const asked = request({ agent, host: world.hostAddress, port: PORT, path })
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
    await once(answer.resume(), 'end')
  }
  agent.destroy()
  const found = await recent(wanted.id, 2)
  const certificateSha1 = new X509Certificate(pem).fingerprint.replaceAll(':', '')
  for (const one of found) {
    expect(one).toMatchObject({ certificateSha1, serverName: 'shop.test', tlsProtocol: 'TLSv1.3' })
    expect(one.cipher).toMatch(/^TLS_/)
  }
  expect(found.map(({ path }) => path)).toEqual(['/first', '/second'])
  expect(new Set(found.map(({ connection }) => connection)).size).toBe(1)
})

it('knows the requests of one connection as such, and when it was taken', async () => {
  const { target } = await plan()
  const { pem } = world.certificate('shop.test')
  const more = { protocol: 'HTTPS', certificates: [{ id: 'shop', pem }] } as const
  const wanted = balancerPlan(world, [group('tg', [target])], [listener([when(forward(['tg', 1]))], more)])
  await world.apply(wanted)
  const startedAt = Date.now()
  const socket = connectTls({ host: world.hostAddress, port: PORT, rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
  await once(socket, 'secureConnect')
  for (const last of ['keep-alive', 'close']) {
    socket.write(`GET /${last} HTTP/1.1\r\nHost: shop.test\r\nConnection: ${last}\r\n\r\n`)
    await once(socket, 'data')
  }
  socket.destroy()
  const [first, second] = await recent(wanted.id, 2)
  expect(first!.connection).toBe(second!.connection)
  expect(first).toMatchObject({ tlsProtocol: 'TLSv1.2', cipher: expect.stringMatching(/^ECDHE-/) })
  expect(first!.handshakeMilliseconds).toBeGreaterThanOrEqual(0)
  // Its clock and ours are the same, but for a fraction of a second that each leaves out.
  expect(first!.connectedAt).toBeGreaterThan(startedAt - 1000)
  expect(first!.connectedAt).toBeLessThanOrEqual(first!.receivedAt)
})

it('knows what was no request', async () => {
  const { plan: wanted } = await plan()
  await world.apply(wanted)
  await sent('GET / HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n')
  const [found] = await recent(wanted.id, 1)
  expect(found).toMatchObject({ status: 400, rule: 0 })
  expect(found).not.toHaveProperty('method')
})

it('says 460 of a client that left in the middle of its request', async () => {
  let hasBegun = false
  const target = await world.web((asked, response) => {
    if (asked.url === '/health') response.end()
    else {
      hasBegun = true
      asked.on('error', () => {})
    }
  })
  const wanted = balancerPlan(world, [group('tg', [target])], [listener([when(forward(['tg', 1]))])])
  await world.apply(wanted)
  const socket = connect(PORT, world.hostAddress)
  socket.write('POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nnot all')
  await expect.poll(() => hasBegun, { timeout: 30_000 }).toBe(true)
  socket.destroy()
  const [found] = await recent(wanted.id, 1)
  expect(found).toMatchObject({ status: 460, path: '/up', groupId: 'tg' })
  expect(found).not.toHaveProperty('targetStatus')
})

it('is followed as requests end, also after the load balancer was loaded anew', async () => {
  const { target, plan: wanted } = await plan()
  await world.apply(wanted)
  const seen = new Map<string, string>()
  const life = new AbortController()
  const following = (async (): Promise<void> => {
    while (!life.signal.aborted) {
      await world.balancer().followRequests(
        wanted.id,
        (requests) => {
          for (const { id, path } of requests) seen.set(id, path ?? '')
        },
        life.signal,
      )
    }
  })()
  const paths = (): string[] => [...seen.values()]
  await get('/one')
  await expect.poll(paths, { timeout: 30_000 }).toEqual(['/one'])
  await world.apply(balancerPlan(world, [group('tg', [target])], [listener([when(forward(['tg', 1]))])]))
  await get('/two')
  await expect.poll(paths, { timeout: 30_000 }).toEqual(['/one', '/two'])
  life.abort()
  await following
})
