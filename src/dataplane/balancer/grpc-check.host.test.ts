// Goal: a gRPC target is as healthy as what it answers to a call of the health check's method: a code, which is told when it
// is not the right one. Method: a real gRPC server, and bytes as other servers write them.

import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { grpcTarget } from '#test/balancer/grpc.ts'
import { balancerPlan, group, listener, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld, type WorldServer } from '#test/balancer/world.ts'
import type { GroupPlan, HealthCheckPlan } from './balancer.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

const grpc = (
  id: string,
  target: WorldServer,
  check: Partial<HealthCheckPlan>,
  more: Partial<GroupPlan> = {},
): GroupPlan =>
  group(id, [target], { version: 'GRPC', healthCheck: { ...group('', []).healthCheck, ...check }, ...more })

/** By group: how its target is, and the code it answered where that was wrong. */
const verdicts = async (groups: readonly GroupPlan[]): Promise<() => Promise<Record<string, string>>> => {
  await world.balancer().apply(balancerPlan(world, groups, [listener([when(respond(404))])]))
  return async () =>
    Object.fromEntries(
      ((await world.balancer().targets('app-test')) ?? []).map(({ groupId, health, failure }) => [
        groupId,
        [health, failure?.why, failure?.why === 'mismatch' ? failure.code : undefined]
          .filter((word) => word !== undefined)
          .join(' '),
      ]),
    )
}

it('calls the method with an empty message, and knows every code', { timeout: 120_000 }, async () => {
  const server = grpcTarget()
  const target = await world.listen(server.listener)
  const of = (id: string, path: string, matcher: string) => grpc(id, target, { path, matcher })
  const seen = await verdicts([
    of('default', '/AWS.ALB/healthcheck', '12'),
    of('served', '/test.Echo/Say', '0'),
    of('streamed', '/test.Echo/Count', '0'),
    of('denied', '/test.Echo/Refuse', '5,7-8'),
    of('all', '/test.Echo/Refuse', '0-99'),
    of('long', `/test.Echo/${'x'.repeat(1000)}`, '12'),
    of('unknown', '/test.Echo/Nothing', '0-5,7'),
    of('refused', '/test.Echo/Refuse', '0'),
    of('unwished', '/test.Echo/Say', '12'),
  ])
  const healthy = ['default', 'served', 'streamed', 'denied', 'all', 'long'].map((id) => [id, 'healthy'] as const)
  await expect.poll(seen, PATIENCE).toEqual({
    ...Object.fromEntries(healthy),
    unknown: 'unhealthy mismatch 12',
    refused: 'unhealthy mismatch 7',
    unwished: 'unhealthy mismatch 0',
  })
  server.close()
})

it('by TLS, too', { timeout: 120_000 }, async () => {
  const server = grpcTarget()
  const { pem } = world.certificate('a.test')
  const inner = server.listener
  const secure = createTlsServer({ key: pem, cert: pem, ALPNProtocols: ['h2'] }, (socket) =>
    inner.emit('connection', socket),
  )
  const target = await world.listen(secure)
  const seen = await verdicts([
    grpc('tg', target, { path: '/test.Echo/Say', matcher: '0', protocol: 'HTTPS' }, { protocol: 'HTTPS' }),
  ])
  await expect.poll(seen, PATIENCE).toEqual({ tg: 'healthy' })
  server.close()
})

/** Settings, and headers of the first stream that end it. */
const said = (fields: string): Buffer => {
  const bytes = Buffer.from(fields, 'hex')
  return Buffer.concat([
    Buffer.from(`00000004000000000000${bytes.length.toString(16).padStart(4, '0')}010500000001`, 'hex'),
    bytes,
  ])
}
const plainly = (name: string): string => Buffer.from([name.length, ...Buffer.from(name)]).toString('hex')

it.each<[what: string, answer: Buffer, wanted: string]>([
  ['a code that is not compressed', said(`8840${plainly('grpc-status')}${plainly('12')}`), 'healthy'],
  ['one that is, never to be remembered', said('8810889acac8b21234da8f8208bf'), 'healthy'],
  ['another code', said(`8840${plainly('grpc-status')}${plainly('3')}`), 'unhealthy mismatch 3'],
  ['a code that only begins alike', said(`8840${plainly('grpc-status')}${plainly('120')}`), 'unhealthy timeout'],
  ['no code', said('88'), 'unhealthy timeout'],
  ['HTTP/1.1', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'), 'unhealthy timeout'],
])('understands %s', { timeout: 120_000 }, async (_, answer, wanted) => {
  const server = createServer((socket: Socket) => socket.on('error', () => {}).write(answer))
  const seen = await verdicts([grpc('tg', await world.listen(server), { path: '/a.B/C', matcher: '12' })])
  await expect.poll(seen, PATIENCE).toEqual({ tg: wanted })
})

it('is told where the other side only leaves', { timeout: 120_000 }, async () => {
  const server = createServer((socket: Socket) => socket.on('error', () => {}).end('no'))
  const seen = await verdicts([grpc('tg', await world.listen(server), { path: '/a.B/C', matcher: '12' })])
  await expect.poll(seen, PATIENCE).toEqual({ tg: 'unhealthy malformed' })
})
