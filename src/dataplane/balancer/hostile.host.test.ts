// Goal: what strangers send, and what targets do, harms nobody else: one request stays one request, limits are AWS's, who
// is slow or sends rubbish is alone with it. Method: bytes written by hand to a real HAProxy.

import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import type { BalancerPlan } from './balancer.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }

let world: BalancerWorld
let plan: BalancerPlan
/** What the target was asked, but for health checks. */
let asked: { readonly line: string; readonly headers: readonly string[]; readonly body: string }[] = []

beforeAll(async () => {
  world = await BalancerWorld.open()
  const target = await world.web(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const line = `${request.method} ${request.url}`
    if (line !== 'GET /health') asked.push({ line, headers: request.rawHeaders, body })
    const sized = Number(/^\/sized\?(\d+)$/.exec(request.url ?? '')?.[1] ?? 0)
    for (let index = 0; index < sized; index++) response.setHeader(`x-${index}`, 'a'.repeat(8000))
    response.end('ok')
  })
  plan = balancerPlan(world, [group('tg', [target])], [listener([when(forward(['tg', 1]))])])
  await world.apply(plan)
})
afterAll(() => world.close())
beforeEach(async () => {
  asked = []
})

const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
const raw = (...lines: readonly string[]): Promise<string> => world.sendRaw(PORT, lines.join('\r\n'))
const CLOSE = ['Host: a', 'Connection: close']
const lengths = (): string[] =>
  asked.flatMap(({ headers }) => headers.filter((name) => /^(content-length|transfer-encoding)$/i.test(name)))

describe('a request that can be read in two ways', () => {
  const hidden = ['GET /hidden HTTP/1.1', 'Host: a', '', '']

  it('with both lengths is read by its chunks, and nothing is behind it', async () => {
    const text = await raw(
      'POST / HTTP/1.1',
      ...CLOSE,
      'Content-Length: 60',
      'Transfer-Encoding: chunked',
      '',
      '0',
      '',
      ...hidden,
    )
    expect([200, 400]).toContain(statusOf(text))
    expect(asked.map(({ line }) => line)).not.toContain('GET /hidden')
    expect(lengths().length).toBeLessThanOrEqual(asked.length)
  })

  it.each([
    ['two different lengths', ['Content-Length: 5', 'Content-Length: 0']],
    ['two lengths in one', ['Content-Length: 5, 0']],
    ['a length that is no number', ['Content-Length: +5']],
    ['a negative length', ['Content-Length: -1']],
    ['an unknown coding', ['Transfer-Encoding: xchunked']],
    ['chunked twice', ['Transfer-Encoding: chunked, chunked']],
    ['chunked and something after it', ['Transfer-Encoding: chunked, identity']],
    ['a space before the colon', ['Content-Length : 5']],
    ['a name with a space', ['X Content-Length: 5']],
    ['a name that is empty', [': 5']],
    ['a NUL', ['X-Nul: a\0b']],
  ])('for %s is refused', async (_, headers) => {
    const text = await raw('POST / HTTP/1.1', ...CLOSE, ...headers, '', ...hidden)
    expect(statusOf(text)).toBe(400)
    expect(asked).toEqual([])
  })

  it.each([
    ['a chunk size that is too large', 'ffffffffffffffff1\r\nhello\r\n0\r\n\r\n'],
    ['a chunk size with a sign', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a chunk without an end', '3\r\nhello\r\n0\r\n\r\n'],
  ])('for %s reaches no target as another', async (_, body) => {
    await raw('POST /chunked HTTP/1.1', ...CLOSE, 'Transfer-Encoding: chunked', '', body + hidden.join('\r\n'))
    expect(asked.map(({ line }) => line)).not.toContain('GET /hidden')
  })

  it('for folded headers or bare line feeds is refused, or goes on as one plain request', async () => {
    const folded = await raw('GET /folded HTTP/1.1', ...CLOSE, 'X-Folded: a', ' Content-Length: 5', '', ...hidden)
    expect([200, 400]).toContain(statusOf(folded))
    const bare = await world.sendRaw(PORT, 'GET /bare HTTP/1.1\nHost: a\nConnection: close\nX: a\n\n')
    expect([200, 400]).toContain(statusOf(bare))
    const lines = asked.map(({ line }) => line)
    expect(lines.filter((line) => !['GET /folded', 'GET /bare'].includes(line))).toEqual([])
    expect(lengths()).toEqual([])
  })

  it('says its length twice but alike: it goes on with one', async () => {
    await raw('POST / HTTP/1.1', ...CLOSE, 'Content-Length: 5', 'Content-Length: 5', '', 'hello')
    expect(asked.map(({ body }) => body)).toEqual(['hello'])
    expect(lengths()).toHaveLength(1)
  })
})

describe('limits', () => {
  it('of the request line: 16 K, then 414', async () => {
    const path = `/${'a'.repeat(16_000)}`
    expect(statusOf(await raw(`GET ${path} HTTP/1.1`, ...CLOSE, '', ''))).toBe(200)
    const long = await raw(`GET ${path}${'a'.repeat(1000)} HTTP/1.1`, ...CLOSE, '', '')
    expect(statusOf(long)).toBe(414)
    expect(long).toMatch(/^server: awselb\/2\.0\r$/im)
  })

  it('of one header: 16 K, of all together: 20 K, then 400', async () => {
    const header = (name: string, length: number): string => `${name}: ${'a'.repeat(length)}`
    const two = [header('X-A', 16_000), header('X-B', 4000)]
    expect(statusOf(await raw('GET / HTTP/1.1', ...CLOSE, ...two, '', ''))).toBe(200)
    expect(statusOf(await raw('GET / HTTP/1.1', ...CLOSE, header('X-Long', 16_500), '', ''))).toBe(400)
    const five = ['X-A', 'X-B', 'X-C', 'X-D', 'X-E'].map((name) => header(name, 16_000))
    expect(statusOf(await raw('GET / HTTP/1.1', ...CLOSE, ...five, '', ''))).toBe(400)
    expect(asked).toHaveLength(1)
  })

  it('of X-Forwarded-For: 30 addresses, then 463', async () => {
    const list = (count: number): string =>
      `X-Forwarded-For: ${Array.from({ length: count }, () => '192.0.2.1').join(', ')}`
    expect(statusOf(await raw('GET / HTTP/1.1', ...CLOSE, list(30), '', ''))).toBe(200)
    expect(statusOf(await raw('GET / HTTP/1.1', ...CLOSE, list(31), '', ''))).toBe(463)
  })

  it('of methods: TRACE is 405, CONNECT 400', async () => {
    expect(statusOf(await raw('TRACE / HTTP/1.1', ...CLOSE, '', ''))).toBe(405)
    expect(statusOf(await raw('CONNECT 10.9.0.11:8001 HTTP/1.1', ...CLOSE, '', ''))).toBe(400)
    expect(asked).toEqual([])
  })

  it('of answers’ headers: 20 K, then 502', async () => {
    const sized = (count: number): Promise<string> => raw(`GET /sized?${count} HTTP/1.1`, ...CLOSE, '', '')
    expect(statusOf(await sized(2))).toBe(200)
    expect(statusOf(await sized(3))).toBe(502)
  })

  it('of hosts: HTTP/1.1 names one, HTTP/1.0 need not', async () => {
    const close = 'Connection: close'
    expect(statusOf(await raw('GET / HTTP/1.1', close, '', ''))).toBe(400)
    expect(statusOf(await raw('GET / HTTP/1.1', 'Host:', close, '', ''))).toBe(400)
    expect(statusOf(await raw('GET / HTTP/1.1', 'Host: a', 'Host: b', close, '', ''))).toBe(400)
    expect(asked).toEqual([])
    expect(statusOf(await raw('GET / HTTP/1.0', '', ''))).toBe(200)
  })

  it('of header names: what is not letters, digits and hyphens stays out where that is wished', async () => {
    const names = async (): Promise<string[]> => {
      asked = []
      await raw('GET / HTTP/1.1', ...CLOSE, 'X_Under: 1', 'X.Dot: 1', 'X-Good: 1', '', '')
      return (
        asked[0]?.headers.filter((name) => /^x.(under|dot|good)$/i.test(name)).map((name) => name.toLowerCase()) ?? []
      )
    }
    expect(await names()).toEqual(['x_under', 'x.dot', 'x-good'])
    await world.apply({ ...plan, dropInvalidHeaders: true })
    await expect.poll(names, PATIENCE).toEqual(['x-good'])
    await world.apply(plan)
  })
})

describe('strangers', () => {
  it('that send rubbish are refused, and others are served', async () => {
    const rubbish = Array.from({ length: 400 }, (_, index) => String.fromCodePoint((index * 7919) % 256)).join('')
    for (const bytes of [
      rubbish,
      '\x16\x03\x01\x02\x00\x01\x00',
      `GET /${'\x00'} HTTP/1.1\r\n\r\n`,
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxxxxx',
    ]) {
      const socket = connect(PORT, world.hostAddress)
      socket.on('error', () => {})
      socket.end(bytes, 'latin1')
      socket.resume()
      await once(socket, 'close')
    }
    expect(asked).toEqual([])
    expect((await world.send({ port: PORT, path: '/' }))?.status).toBe(200)
  })

  it('that are slow with their headers lose their connection, and keep nobody from being served', async () => {
    const slow: Socket[] = []
    const ended: Promise<string>[] = []
    for (let index = 0; index < 100; index++) {
      const socket = connect(PORT, world.hostAddress)
      socket.on('error', () => {})
      socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n')
      slow.push(socket)
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
      ended.push(once(socket, 'close').then(() => text))
    }
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('X-Drip: 1\r\n')
    }, 1000)
    expect((await world.send({ port: PORT, path: '/' }))?.status).toBe(200)
    const answers = await Promise.all(ended)
    clearInterval(drip)
    expect([...new Set(answers.map(statusOf))]).toEqual([408])
    expect(asked.map(({ line }) => line)).toEqual(['GET /'])
  })
})
