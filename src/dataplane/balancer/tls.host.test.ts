// Goal: an Application Load Balancer ends TLS as its listener says: which certificate for which name, no version that is
// too old; and speaks TLS to targets that want it. Method: real HAProxy, real clients and targets.

import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type ConnectionOptions } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import type { GroupPlan, ListenerPlan } from './balancer.ts'

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
  readonly names: string | undefined
}

/** What came of a handshake; undefined when there was none. */
const shaken = async (options: ConnectionOptions): Promise<Shaken | undefined> => {
  const socket = connect({ host: world.hostAddress, port: TLS_PORT, rejectUnauthorized: false, ...options })
  const failed = once(socket, 'error').then(() => undefined)
  const opened = once(socket, 'secureConnect').then(() => ({
    version: socket.getProtocol(),
    names: socket.getPeerCertificate().subjectaltname,
  }))
  opened.catch(() => {})
  failed.catch(() => {})
  const result = await Promise.race([opened, failed])
  socket.destroy()
  return result
}

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

  it.each<[least: NonNullable<ListenerPlan['leastTlsVersion']>, served: readonly (string | undefined)[]]>([
    ['TLSv1.3', [undefined, undefined, undefined, 'TLSv1.3']],
    ['TLSv1.2', [undefined, undefined, 'TLSv1.2', 'TLSv1.3']],
  ])('from %s on speaks to clients of no older version', async (leastTlsVersion, served) => {
    await listening({ certificates: [{ id: 'one', pem: world.certificate('one.test').pem }], leastTlsVersion })
    const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
    const found: unknown[] = []
    for (const version of versions) {
      const only = { minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' }
      found.push((await shaken({ servername: 'one.test', ...only }))?.version)
    }
    expect(found).toEqual(served)
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
})
