// Goal: what clients and targets of an Application Load Balancer see of each other is what AWS documents: headers, cookies,
// shares, and the protocols beside plain HTTP/1.1. Method: real HAProxy, real clients of each protocol.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { request as requestHttps } from 'node:https'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { CONVERSATION, conversation, grpcClient, grpcTarget } from '#test/balancer/grpc.ts'
import { balancerPlan, forward, group, listener, PORT, redirect, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld, type WorldServer } from '#test/balancer/world.ts'
import type { ActionPlan, GroupPlan, ListenerPlan } from './balancer.ts'

const TLS_PORT = 8443
const NAME = 'shop.example.test'

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

interface Echo {
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly raw: readonly string[]
}

/** Answers with what it was sent. */
const echo = (name = 'echo'): Promise<WorldServer> =>
  world.web((asked, response) =>
    response.end(JSON.stringify({ target: name, headers: asked.headers, raw: asked.rawHeaders })),
  )

const ask = async (
  headers: Record<string, string | string[]> = {},
  path = '/',
): Promise<
  Echo & { readonly answer: IncomingHttpHeaders; readonly cookies: readonly string[]; readonly status: number }
> => {
  const asked = request({ host: world.hostAddress, port: PORT, path, headers, agent: false })
  asked.end()
  const [response] = await once(asked, 'response')
  let body = ''
  for await (const chunk of response) body += String(chunk)
  const echoed = body.startsWith('{') ? (JSON.parse(body) as Echo) : { target: '', headers: {}, raw: [] }
  const { statusCode: status, headers: answer } = response as IncomingMessage & { statusCode: number }
  return { ...echoed, answer, status, cookies: answer['set-cookie'] ?? [] }
}

const targetsOf = async (count: number, headers: Record<string, string> = {}): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (let index = 0; index < count; index++) {
    const { target } = await ask(headers)
    counts[target] = (counts[target] ?? 0) + 1
  }
  return counts
}

const secure = (pem: string, more: Partial<ListenerPlan>): ListenerPlan =>
  listener([when(forward(['tg', 1]))], {
    id: 'secure',
    port: TLS_PORT,
    protocol: 'HTTPS',
    certificates: [{ id: 'first', pem }],
    ...more,
  })

const served = (...groups: readonly GroupPlan[]): Promise<void> =>
  world.apply(balancerPlan(world, groups, [listener([when(forward(...groups.map(({ id }) => [id, 1] as const)))])]))

describe('headers', () => {
  it('tell the target who asks, by which protocol and port, and trace the request', async () => {
    await served(group('tg', [await echo()]))
    const { headers } = await ask({ host: NAME })
    expect(headers).toMatchObject({
      host: `${NAME}:${PORT}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': `${PORT}`,
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    })
  })

  it('keep what proxies before it have said', async () => {
    await served(group('tg', [await echo()]))
    const one = await ask({ host: `${NAME}:99`, 'x-forwarded-for': '203.0.113.9, 198.51.100.7' })
    expect(one.headers['x-forwarded-for']).toBe('203.0.113.9, 198.51.100.7, 127.0.0.1')
    expect(one.headers.host).toBe(`${NAME}:99`)
    const several = await ask({ 'x-forwarded-for': ['203.0.113.9', '198.51.100.7'] })
    expect(several.headers['x-forwarded-for']).toBe('203.0.113.9, 198.51.100.7, 127.0.0.1')
    const forged = await ask({ 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' })
    expect(forged.headers).toMatchObject({ 'x-forwarded-proto': 'http', 'x-forwarded-port': `${PORT}` })
    const root = 'Root=1-67891233-abcdef012345678912345678'
    const traced = await ask({ 'x-amzn-trace-id': `${root};CalledFrom=app` })
    expect(traced.headers['x-amzn-trace-id']).toMatch(
      new RegExp(`^Self=1-[0-9a-f]{8}-[0-9a-f]{24};${root};CalledFrom=app$`),
    )
    const rootless = await ask({ 'x-amzn-trace-id': 'CalledFrom=app' })
    expect(rootless.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;CalledFrom=app)?$/)
  })

  it('say https where the client came by TLS, and the host is left alone where that is wished', async () => {
    const { root, pem } = world.certificate(NAME)
    const groups = [group('tg', [await echo()])]
    await world.apply(balancerPlan(world, groups, [secure(pem, {})], { preserveHost: true }))
    const asked = requestHttps({
      host: world.hostAddress,
      port: TLS_PORT,
      servername: NAME,
      ca: root,
      headers: { host: NAME },
      agent: false,
    })
    asked.end()
    const [response] = await once(asked, 'response')
    let body = ''
    for await (const chunk of response) body += String(chunk)
    expect((JSON.parse(body) as Echo).headers).toMatchObject({
      host: NAME,
      'x-forwarded-proto': 'https',
      'x-forwarded-port': `${TLS_PORT}`,
    })
  })

  it.each<[status: number, title: string, action: ActionPlan]>([
    [503, '503 Service Temporarily Unavailable', forward(['none', 1])],
    [301, '301 Moved Permanently', redirect({ status: 301, port: '443', protocol: 'HTTPS' })],
    [302, '302 Found', redirect({ status: 302, port: '443', protocol: 'HTTPS' })],
  ])('of its own answers are ELB’s: %i', async (status, title, action) => {
    await world.apply(balancerPlan(world, [group('none', [])], [listener([when(action)])]))
    const asked = request({ host: world.hostAddress, port: PORT, agent: false, headers: { host: NAME } })
    asked.end()
    const [response] = await once(asked, 'response')
    let body = ''
    for await (const chunk of response) body += String(chunk)
    expect(response.statusCode).toBe(status)
    expect(response.headers).toMatchObject({
      server: 'awselb/2.0',
      'content-type': 'text/html',
      date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
    })
    expect(body).toContain(`<center><h1>${title}</h1></center>`)
    expect(response.headers.location).toBe(status < 400 ? `https://${NAME}:443/` : undefined)
  })
})

it('a health check names the target, as ELB’s do', async () => {
  const hosts = new Set<string>()
  const heard = (asked: IncomingMessage): void => {
    if (asked.url === '/health') hosts.add(`${asked.headers.host} ${asked.headers['user-agent']}`)
  }
  const target = await world.web((asked, response) => {
    heard(asked)
    response.end()
  })
  const other = await echo()
  const check = { ...group('', []).healthCheck, port: target.port }
  await served(group('own', [target]), group('elsewhere', [other], { healthCheck: check }))
  expect([...hosts]).toEqual([`${target.address}:${target.port} ELB-HealthChecker/2.0`])
})

describe('stickiness', () => {
  it('by the load balancer’s cookie keeps a client with its target, and lets it go with the target', async () => {
    const [a, b] = [await echo('a'), await echo('b')]
    const sticky = { stickiness: { by: 'lb_cookie', seconds: 60 } } as const
    await served(group('tg', [a, b], sticky))
    const first = await ask()
    const [cookie = '', cors = ''] = first.cookies
    expect(cookie).toMatch(/^AWSALB=[^;]+;.*Max-Age=60.*Path=\//i)
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    expect(await targetsOf(10, headers)).toEqual({ [first.target]: 10 })
    const value = cookie.slice(cookie.indexOf('='), cookie.indexOf(';'))
    expect(cors).toBe(`AWSALBCORS${value}; Max-Age=60; Path=/; SameSite=None; Secure`)
    expect(await targetsOf(10, { cookie: `a=b; AWSALBCORS${value}` })).toEqual({ [first.target]: 10 })
    expect(first.answer).not.toHaveProperty('cache-control')
    // It lasts as long as the client comes back in time.
    const again = async (): Promise<string> => (await ask(headers)).cookies[0] ?? ''
    await expect.poll(again, { timeout: 60_000 }).toMatch(/^AWSALB=[^;]+;.*Max-Age=60/)
    const [other, name] = first.target === 'a' ? [b, 'b'] : [a, 'a']
    await served(group('tg', [other], sticky))
    expect(await targetsOf(4, headers)).toEqual({ [name]: 4 })
  })

  it('by the application’s cookie begins when a target sets it', async () => {
    const setting = (name: string): Promise<WorldServer> =>
      world.web((asked, response) => {
        if (asked.url === '/login') response.setHeader('set-cookie', `SESSION=of-${name}; Path=/`)
        response.end(JSON.stringify({ target: name, headers: {}, raw: [] }))
      })
    const targets = [await setting('a'), await setting('b')]
    await served(group('tg', targets, { stickiness: { by: 'app_cookie', cookie: 'SESSION', seconds: 60 } }))
    expect(await targetsOf(10)).toEqual({ a: 5, b: 5 })
    const { target } = await ask({}, '/login')
    expect(await targetsOf(10, { cookie: `SESSION=of-${target}` })).toEqual({ [target]: 10 })
  })

  it('of groups keeps a client with the group it was drawn into, also across a change of weights', async () => {
    const groups = [group('a', [await echo('a')]), group('b', [await echo('b')])]
    const sticky = (a: number, b: number): ActionPlan => ({
      do: 'forward',
      groups: [
        { id: 'a', weight: a },
        { id: 'b', weight: b },
      ],
      stickySeconds: 60,
    })
    const weighted = (a: number, b: number) => balancerPlan(world, groups, [listener([when(sticky(a, b))])])
    await world.apply(weighted(1, 0))
    const first = await ask()
    expect(first.target).toBe('a')
    expect(first.cookies).toEqual([
      expect.stringMatching(/^AWSALBTG=/),
      expect.stringMatching(/^AWSALBTGCORS=.*SameSite=None; Secure$/),
    ])
    await world.apply(weighted(1, 1_000_000))
    const headers = { cookie: first.cookies[0]?.split(';')[0] ?? '' }
    expect(await targetsOf(10, headers)).toEqual({ a: 10 })
    expect(await targetsOf(10)).toEqual({ b: 10 })
  })
})

describe('shares', () => {
  it('go to whoever is least busy, where that is the algorithm', async () => {
    const held: string[] = []
    const holding = await world.web((asked, response) => {
      if (asked.url === '/health') response.end()
      else held.push(asked.url ?? '')
    })
    const quick = await echo('quick')
    await served(group('tg', [holding, quick], { algorithm: 'least_outstanding_requests' }))
    const waiting = new AbortController()
    const answered: Promise<unknown>[] = []
    for (let index = 0; index < 20; index++) {
      const asked = request({ host: world.hostAddress, port: PORT, agent: false, signal: waiting.signal })
      asked.on('error', () => {})
      asked.end()
      const response = once(asked, 'response').catch(() => undefined)
      const before = held.length
      await Promise.race([
        response,
        (async () => {
          while (held.length === before && !waiting.signal.aborted) await new Promise((next) => setTimeout(next, 5))
        })(),
      ])
      answered.push(response)
    }
    expect(held.length).toBeGreaterThan(0)
    expect(held.length).toBeLessThanOrEqual(2)
    waiting.abort()
    await Promise.all(answered)
  })

  it('of a new target grow slowly, where that is wished', async () => {
    const [old, fresh] = [await echo('old'), await echo('fresh')]
    const slow = { slowStartSeconds: 900 }
    await served(group('tg', [old], slow))
    await served(group('tg', [old, fresh], slow))
    const counts = await targetsOf(200)
    expect(counts['fresh']).toBeGreaterThan(0)
    expect(counts['fresh']).toBeLessThan(60)
  })
})

describe('protocols', () => {
  it('WebSocket: messages both ways, and through a change of rules', async () => {
    const sockets = new WebSocketServer({ noServer: true })
    const server = await world.web((_, response) => response.end())
    const target = createServer((_, response) => response.end())
    target.on('upgrade', (asked, socket, head) =>
      sockets.handleUpgrade(asked, socket, head, (chat) =>
        chat.on('message', (bytes: Buffer) => chat.send(`echo ${bytes.toString()}`)),
      ),
    )
    const upgrading = await world.listen(target)
    const plan = (body: string) =>
      balancerPlan(
        world,
        [group('tg', [upgrading]), group('other', [server])],
        [listener([when(respond(200, body), { on: 'path', patterns: ['/x'] }), when(forward(['tg', 1]))])],
      )
    await world.apply(plan('one'))
    const client = new WebSocket(`ws://${world.hostAddress}:${PORT}/chat`)
    await once(client, 'open')
    const said = async (text: string): Promise<string> => {
      client.send(text)
      const [answer] = await once(client, 'message')
      return String(answer)
    }
    expect(await said('hello')).toBe('echo hello')
    await world.apply(plan('two'))
    expect((await world.send({ port: PORT, path: '/x' }))?.body).toBe('two')
    expect(await said('still there')).toBe('echo still there')
    client.close()
    await once(client, 'close')
  })

  it('HTTP/2 from end to end, and HTTP/2 in front of HTTP/1.1', async () => {
    const server = createHttp2Server((asked, response) =>
      response.end(`${asked.httpVersion} ${asked.headers['x-forwarded-proto'] as string}`),
    )
    const h2 = await world.listen(server)
    const h1 = await world.web((asked, response) => response.end(asked.httpVersion))
    const { root, pem } = world.certificate(NAME)
    const groups = [group('h2', [h2], { version: 'HTTP2' }), group('h1', [h1])]
    const rules = [when(forward(['h1', 1]), { on: 'path', patterns: ['/h1'] }), when(forward(['h2', 1]))]
    await world.apply(balancerPlan(world, groups, [secure(pem, { rules })]))
    const session = connectHttp2(`https://${world.hostAddress}:${TLS_PORT}`, { ca: root, servername: NAME })
    await once(session, 'connect')
    const get = async (path: string): Promise<string> => {
      const stream = session.request({ ':path': path, ':authority': NAME })
      let body = ''
      for await (const chunk of stream) body += String(chunk)
      return body
    }
    const all = await Promise.all(['/', '/h1', '/', '/h1'].map(get))
    expect(all).toEqual(['2.0 https', '1.1', '2.0 https', '1.1'])
    session.close()
    await once(session, 'close')
  })

  it('gRPC: one message, many, and both at once', async () => {
    const grpc = grpcTarget()
    const target = await world.listen(grpc.listener)
    const { root, pem } = world.certificate(NAME)
    const check = { ...group('', []).healthCheck, path: '/AWS.ALB/healthcheck', matcher: '12' }
    const groups = [group('tg', [target], { version: 'GRPC', healthCheck: check })]
    const rules = [when(forward(['tg', 1]))]
    await world.apply(balancerPlan(world, groups, [secure(pem, { rules })]))
    const client = grpcClient(`${world.hostAddress}:${TLS_PORT}`, root, NAME)
    expect(await conversation(client)).toEqual(CONVERSATION)
    client.close()
    grpc.close()
  })
})
