// Goal: what a user sets by an attribute is what clients and targets see. Method: real HAProxy, real clients.

import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import type { BalancerPlan, GroupPlan, ListenerPlan } from './balancer.ts'

const TLS_PORT = 8443
const NAME = 'shop.example.test'
const PATIENCE = { timeout: 60_000, interval: 100 }

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

/** Answers with the headers it was sent. */
const echo = () =>
  world.web((asked, response) => {
    response.setHeader('server', 'mine')
    response.setHeader('x-frame-options', 'SAMEORIGIN')
    response.end(JSON.stringify(asked.headers))
  })

const served = async (
  more: Partial<BalancerPlan>,
  ofListener: Partial<ListenerPlan> = {},
  ofGroup: Partial<GroupPlan> = {},
): Promise<void> => {
  const rules = [when(respond(404), { on: 'path', patterns: ['/no'] }), when(forward(['tg', 1]))]
  const groups = [group('tg', [await echo()], ofGroup)]
  await world.apply(balancerPlan(world, groups, [listener(rules, ofListener)], more))
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  /** What the target was sent. */
  readonly sent: IncomingHttpHeaders
  readonly localPort: number
}

const ask = async (path = '/', headers: Record<string, string> = {}, agent: Agent | false = false): Promise<Answer> => {
  const asked = request({ host: world.hostAddress, port: PORT, path, headers, agent })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const localPort = response.socket.localPort ?? 0
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { headers: response.headers, sent: body === '' ? {} : (JSON.parse(body) as IncomingHttpHeaders), localPort }
}

describe('X-Forwarded-For', () => {
  const before = { 'x-forwarded-for': '203.0.113.9' }

  it('is left as it came, or taken away', async () => {
    await served({ forwardedFor: { mode: 'preserve', withPort: true } })
    expect((await ask('/', before)).sent['x-forwarded-for']).toBe('203.0.113.9')
    expect((await ask()).sent).not.toHaveProperty('x-forwarded-for')
    await served({ forwardedFor: { mode: 'remove', withPort: false } })
    expect((await ask('/', before)).sent).not.toHaveProperty('x-forwarded-for')
  })

  it('has the client’s port', async () => {
    await served({ forwardedFor: { mode: 'append', withPort: true } })
    const { sent, localPort } = await ask('/', before)
    expect(sent['x-forwarded-for']).toBe(`203.0.113.9, 127.0.0.1:${localPort}`)
  })
})

describe('headers of answers', () => {
  it('are set, over what the target says and on the load balancer’s own', async () => {
    const policy = `default-src 'self'; report "100%" %[src]`
    await served({}, { responseHeaders: { 'X-Frame-Options': 'DENY', 'Content-Security-Policy': policy } })
    const wanted = { 'x-frame-options': 'DENY', 'content-security-policy': policy }
    expect((await ask()).headers).toMatchObject({ ...wanted, server: 'mine' })
    expect((await ask('/no')).headers).toMatchObject({ ...wanted, server: 'awselb/2.0' })
  })

  it('do not name the load balancer where that is wished; a target’s own name stays', async () => {
    await served({}, { hidesServer: true })
    expect((await ask('/no')).headers).not.toHaveProperty('server')
    expect((await ask()).headers.server).toBe('mine')
  })
})

describe('TLS', () => {
  it('is told to targets, whatever the client says of it', async () => {
    const { pem, root } = world.certificate(NAME)
    const tlsHeaders = { version: 'X-Amzn-Tls-Version', cipher: 'X-My-Cipher' }
    const certificates = [{ id: 'first', pem }]
    await served({}, { port: TLS_PORT, protocol: 'HTTPS', certificates, tlsHeaders, alpn: ['http/1.1'] })
    const open = (ALPNProtocols: string[]) =>
      connectTls({ host: world.hostAddress, port: TLS_PORT, servername: NAME, ca: root, ALPNProtocols })
    const socket = open(['h2', 'http/1.1'])
    await once(socket, 'secureConnect')
    // HTTP/2 is not offered.
    expect(socket.alpnProtocol).toBe('http/1.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Amzn-Tls-Version: SSLv2\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    const sent = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as IncomingHttpHeaders
    expect(sent).toMatchObject({
      'x-amzn-tls-version': socket.getProtocol() ?? 'TLSv1.3',
      'x-my-cipher': expect.stringMatching(/^TLS_/),
    })
  })
})

describe('a connection', () => {
  it('is closed after the answer that is given when its time is over', async () => {
    await served({ connectionSeconds: 3 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports: number[] = []
    await expect
      .poll(async () => {
        const { headers, localPort } = await ask('/', {}, agent)
        ports.push(localPort)
        return headers.connection
      }, PATIENCE)
      .toBe('close')
    // Until then it was used again and again.
    expect(ports.length).toBeGreaterThan(1)
    const [last = 0] = ports.splice(-1)
    expect(new Set(ports)).toEqual(new Set([last]))
    expect((await ask('/', {}, agent)).localPort).not.toBe(last)
    agent.destroy()
  })
})

it('weighted_random draws a target for each request', async () => {
  const names = ['a', 'b']
  const targets = await Promise.all(
    names.map((name) => world.web((_, response) => response.end(JSON.stringify({ name })))),
  )
  const groups = [group('tg', targets, { algorithm: 'weighted_random' })]
  await world.apply(balancerPlan(world, groups, [listener([when(forward(['tg', 1]))])]))
  const drawn: string[] = []
  for (let index = 0; index < 60; index++) drawn.push(String((await ask()).sent['name']))
  expect([...new Set(drawn)].toSorted()).toEqual(names)
  // In turn, nobody would be drawn twice.
  expect(drawn.some((name, index) => index > 0 && name === drawn[index - 1])).toBe(true)
})
