// Goal: an Application Load Balancer ends TLS as its listener says: which certificate for which name, which versions and
// ciphers; and speaks TLS to targets that want it. Method: real HAProxy, real clients and targets.

import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type ConnectionOptions } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import { createSecureServer } from 'node:http2'
import type { GroupPlan, ListenerPlan, TlsVersion } from './balancer.ts'

const TLS_PORT = 8443

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

const listening = (more: Partial<ListenerPlan>): Promise<void> => {
  const rules = [when(respond(200, 'here'))]
  return world.apply(balancerPlan(world, [], [listener(rules, { port: TLS_PORT, protocol: 'HTTPS', ...more })]))
}

interface Shaken {
  readonly version: string | null
  readonly cipher: string
  readonly names: string | undefined
}

/** What came of a handshake; undefined when there was none. */
const shaken = async (options: ConnectionOptions): Promise<Shaken | undefined> => {
  const socket = connect({ host: world.hostAddress, port: TLS_PORT, rejectUnauthorized: false, ...options })
  const failed = once(socket, 'error').then(() => undefined)
  const opened = once(socket, 'secureConnect').then(() => ({
    version: socket.getProtocol(),
    cipher: socket.getCipher().name,
    names: socket.getPeerCertificate().subjectaltname,
  }))
  opened.catch(() => {})
  failed.catch(() => {})
  const result = await Promise.race([opened, failed])
  socket.destroy()
  return result
}

const NO = undefined
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-SHA',
]

describe('a listener', () => {
  it('shows the certificate that the client names, whole or by its wildcard, and the first to others', async () => {
    const certificates = [['one.test'], ['other.test', 'www.other.test'], ['*.wild.test']].map((names) => ({
      id: names[0]!.replaceAll(/[^a-z]/g, ''),
      pem: world.certificate(...names).pem,
    }))
    await listening({ certificates })
    const shown = async (servername: string) => (await shaken({ servername }))?.names
    expect(await shown('one.test')).toBe('DNS:one.test')
    expect(await shown('www.other.test')).toBe('DNS:other.test, DNS:www.other.test')
    expect(await shown('a.wild.test')).toBe('DNS:*.wild.test')
    expect(await shown('nobody.test')).toBe('DNS:one.test')
  })

  it.each<[oldest: TlsVersion, newest: TlsVersion, served: readonly (string | undefined)[]]>([
    ['TLSv1.3', 'TLSv1.3', [NO, NO, NO, 'TLSv1.3']],
    ['TLSv1.2', 'TLSv1.3', [NO, NO, 'TLSv1.2', 'TLSv1.3']],
    ['TLSv1.2', 'TLSv1.2', [NO, NO, 'TLSv1.2', NO]],
    ['TLSv1.0', 'TLSv1.2', ['TLSv1', 'TLSv1.1', 'TLSv1.2', NO]],
  ])('speaks TLS from %s to %s, and nothing else', async (oldest, newest, served) => {
    const tls = { oldest, newest, ciphers: CIPHERS }
    await listening({ certificates: [{ id: 'one', pem: world.certificate('one.test').pem }], tls })
    const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
    const found: unknown[] = []
    for (const version of versions) {
      const only = { minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' }
      found.push((await shaken({ servername: 'one.test', ...only }))?.version)
    }
    expect(found).toEqual(served)
  })

  it('agrees on one of its ciphers, the earlier the better, and on no other', async () => {
    const tls = { oldest: 'TLSv1.2', newest: 'TLSv1.3', ciphers: CIPHERS } as const
    await listening({ certificates: [{ id: 'one', pem: world.certificate('one.test').pem }], tls })
    const agreed = async (...ciphers: string[]) => {
      const isNew = ciphers.every((cipher) => cipher.startsWith('TLS_'))
      const versions = isNew ? ({ minVersion: 'TLSv1.3' } as const) : ({ maxVersion: 'TLSv1.2' } as const)
      return (await shaken({ servername: 'one.test', ...versions, ciphers: ciphers.join(':') }))?.cipher
    }
    const [newer = '', first = '', second = ''] = CIPHERS
    expect(await agreed('ECDHE-ECDSA-AES256-SHA384', second, first)).toBe(first)
    expect(await agreed(second)).toBe(second)
    expect(await agreed('ECDHE-ECDSA-AES256-SHA384')).toBe(NO)
    expect(await agreed('TLS_AES_256_GCM_SHA384', newer)).toBe(newer)
    expect(await agreed('TLS_AES_256_GCM_SHA384')).toBe(NO)
  })
})

describe('targets that speak TLS', () => {
  it('are checked and asked by it, whoever signed their certificate', async () => {
    const { pem } = world.certificate('somebody.test')
    const asked: string[] = []
    const target = await world.listen(
      createHttpsServer({ key: pem, cert: pem }, (request, response) => {
        asked.push(`${request.url} ${String(request.headers['x-forwarded-proto'] ?? 'check')}`)
        response.end('secret')
      }),
    )
    const { healthCheck, ...plain } = group('tg', [target])
    const secure: GroupPlan = { ...plain, protocol: 'HTTPS', healthCheck: { ...healthCheck, protocol: 'HTTPS' } }
    await world.apply(balancerPlan(world, [secure], [listener([when(forward(['tg', 1]))])]))
    expect(await world.send({ port: PORT, path: '/' })).toMatchObject({ status: 200, body: 'secret' })
    expect(new Set(asked)).toEqual(new Set(['/health check', '/ http']))
  })

  it('and HTTP/2 are asked by that, and checked by HTTP/1.1', async () => {
    const { pem } = world.certificate('somebody.test')
    const asked = new Set<string>()
    const target = await world.listen(
      createSecureServer({ key: pem, cert: pem, allowHTTP1: true }, (request, response) => {
        asked.add(`${request.url} ${request.httpVersion}`)
        response.end('secret')
      }),
    )
    const { healthCheck, ...plain } = group('tg', [target])
    const secure: GroupPlan = {
      ...plain,
      protocol: 'HTTPS',
      version: 'HTTP2',
      healthCheck: { ...healthCheck, protocol: 'HTTPS' },
    }
    await world.apply(balancerPlan(world, [secure], [listener([when(forward(['tg', 1]))])]))
    expect(await world.send({ port: PORT, path: '/' })).toMatchObject({ status: 200, body: 'secret' })
    expect(asked).toEqual(new Set(['/health 1.1', '/ 2.0']))
  })
})
