// Goal: what clients did to a load balancer is told exactly: each request by what became of it, each connection that failed.
// Method: a real HAProxy with two doors, known numbers of requests, and the metrics' sums once they have settled.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listeners, loadBalancers, rules, targetGroups, targets } from '#apis/elbv2/tables.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import { HEALTH } from '#apis/elbv2/model/target.ts'
import { listenerRuleArn, targetGroupArn } from '#aws/arn.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { memoryMetricStore } from '#telemetry/metrics/memory/memory-metric-store.ts'
import type { MetricStore } from '#telemetry/metrics/metric-store.ts'
import {
  balancerPlan,
  forward,
  group,
  listener,
  PORT,
  redirect,
  respond,
  streamGroup,
  when,
} from '#test/balancer/plans.ts'
import { activeBalancerRow, BALANCER_PATH, groupRow, listenerRow, SCOPE, targetRow } from '#test/balancer/rows.ts'
import { BalancerWorld, SECOND_ADDRESS } from '#test/balancer/world.ts'
import { LoadBalancerMetricsController } from './controller.ts'

const TLS_PORT = PORT + 1
const refusing = {
  ...groupRow,
  arn: targetGroupArn(SCOPE, 'bad', 'dddddddddddddddd'),
  name: 'bad',
  id: 'dddddddddddddddd',
}
const empty = {
  ...groupRow,
  arn: targetGroupArn(SCOPE, 'none', 'eeeeeeeeeeeeeeee'),
  name: 'none',
  id: 'eeeeeeeeeeeeeeee',
}
const secure = { ...listenerRow, arn: `${listenerRow.arn}s` as typeof listenerRow.arn, id: 'secure' }

let world: BalancerWorld
let metrics: MetricStore
let store: Store
let life: AbortController
let running: Promise<void>
beforeEach(async () => {
  world = await BalancerWorld.open()
  metrics = memoryMetricStore()
  life = new AbortController()
})
afterEach(async () => {
  life.abort()
  await running
  await world.close()
})

const rule = (priority: number, actions: readonly object[]): RuleRecord =>
  ({
    arn: listenerRuleArn(SCOPE, BALANCER_PATH, listenerRow.id, `${priority}`.repeat(16)),
    scope: SCOPE,
    listenerArn: listenerRow.arn,
    tags: [],
    spec: { priority, conditions: [], actions },
  }) as unknown as RuleRecord
const forwardTo = ({ arn }: typeof groupRow) => ({ type: 'forward', targetGroups: [{ arn, weight: 1 }] })

/** What is recorded, of a load balancer that does the same. */
const recorded = async () => {
  const store = memoryStore()
  await store.write(async (tx) => {
    await tx.put(loadBalancers, activeBalancerRow())
    for (const row of [groupRow, refusing, empty]) await tx.put(targetGroups, row)
    await tx.put(targets, { ...targetRow('10.0.0.1'), status: { ...HEALTH.healthy, since: 'now' } })
    await tx.put(listeners, listenerRow)
    await tx.put(listeners, secure)
    await tx.put(rules, rule(1, [{ type: 'redirect' }]))
    await tx.put(rules, rule(2, [{ type: 'fixed-response' }]))
    await tx.put(rules, rule(3, [forwardTo(refusing)]))
    await tx.put(rules, rule(4, [forwardTo(empty)]))
  })
  return store
}

const started = async (): Promise<void> => {
  const server = createServer((asked, response) => {
    response.statusCode = Number(asked.headers['x-status'] ?? 200)
    response.end('it')
  })
  const target = await world.listen(server)
  const bad = await world.target('refuses')
  const on = (path: string) => ({ on: 'path', patterns: [path] }) as const
  const all = [
    when(redirect({ path: '/there' }), on('/away')),
    when(respond(404), on('/no')),
    when(forward([refusing.id, 1]), on('/bad')),
    when(forward([empty.id, 1]), on('/none')),
    when(forward([groupRow.id, 1])),
  ]
  const { pem } = world.certificate('shop.test')
  const plan = balancerPlan(
    { doors: world.twoDoors(), hostAddresses: world.hostAddresses },
    [group(groupRow.id, [target]), group(refusing.id, [bad]), group(empty.id, [])],
    [
      listener(all, { id: listenerRow.id }),
      listener([when(forward([groupRow.id, 1]))], {
        id: secure.id,
        port: TLS_PORT,
        protocol: 'HTTPS',
        certificates: [{ id: 'shop', pem }],
      }),
    ],
  )
  await world.apply(plan, 1)
  // It is let in, unhealthy as it is, once it has been asked.
  const isJudged = async (): Promise<boolean> =>
    (await world.balancer().targets(plan.id))?.some((seen) => seen.health === 'unhealthy') ?? false
  await expect.poll(isJudged, { timeout: 60_000 }).toBe(true)
  store = await recorded()
  looks()
  // From its first reading on, it counts.
  await expect.poll(() => sum('RequestCount'), { timeout: 60_000 }).toBe(0)
}

/** As a control plane that has just started does. */
const looks = (): void => {
  life = new AbortController()
  running = new LoadBalancerMetricsController({
    store,
    metrics,
    balancer: world.balancer(),
    requests: world.balancer(),
    nameOf: () => 'app-test',
    clock: systemClock,
    log: silentLog,
  }).run(life.signal)
}

/** Undefined before it was told of at all. */
const sum = async (name: string, dimensions: Readonly<Record<string, string>> = {}): Promise<number | undefined> => {
  const { account, region } = SCOPE
  const [metric] = await metrics.list({
    account,
    region,
    name,
    dimensions: { LoadBalancer: BALANCER_PATH, ...dimensions },
  })
  if (metric === undefined) return undefined
  const points = await metrics.read(metric, { from: 0, to: 1e12, periodSeconds: 1, limit: 100_000 })
  return points.reduce((total, point) => total + point.sum, 0)
}
const sums = async (...names: readonly string[]): Promise<Record<string, number | undefined>> =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await sum(name)] as const)))

const get = async (path: string, status = 200): Promise<void> => {
  await world.send({ port: PORT, path, headers: { 'x-status': String(status) } })
}

it('requests by what became of them', async () => {
  await started()
  for (const status of [200, 200, 201, 304, 404, 500]) await get('/', status)
  for (const path of ['/away', '/no', '/no', '/bad', '/none']) await get(path)
  await world.sendRaw(PORT, 'GET / HTTP/1.1\r\nno header\r\n\r\n')
  const expected = {
    HTTPCode_Target_2XX_Count: 3,
    HTTPCode_Target_3XX_Count: 1,
    HTTPCode_Target_4XX_Count: 1,
    HTTPCode_Target_5XX_Count: 1,
    HTTPCode_ELB_3XX_Count: 1,
    HTTPCode_ELB_4XX_Count: 3,
    HTTPCode_ELB_5XX_Count: 2,
    // Of a target that refuses, and of none at all.
    HTTPCode_ELB_502_Count: 1,
    HTTPCode_ELB_503_Count: 1,
    HTTP_Redirect_Count: 1,
    HTTP_Fixed_Response_Count: 2,
    // The six that a target answered, and the one that a target was chosen for.
    RequestCount: 7,
    // Six and one were asked of all four, one of each of the others as far as its own.
    RuleEvaluations: 6 * 4 + 1 + 2 * 2 + 3 + 4,
    TargetConnectionErrorCount: 1,
  }
  await expect.poll(() => sums(...Object.keys(expected)), { timeout: 60_000 }).toEqual(expected)
  expect(await sum('UnhealthyRoutingRequestCount', { TargetGroup: 'targetgroup/bad/dddddddddddddddd' })).toBe(1)
  expect(await sum('RequestCount', { TargetGroup: 'targetgroup/api/aaaaaaaaaaaaaaaa' })).toBe(6)
}, 120_000)

it('connections that speak no TLS, and what comes in by the second door', async () => {
  await started()
  await world.sendRaw(TLS_PORT, 'GET / HTTP/1.1\r\n\r\n')
  const silent = connect(TLS_PORT, world.hostAddress)
  await once(silent, 'connect')
  silent.destroy()
  const url = `http://${SECOND_ADDRESS}:${PORT}`
  const client = world.inside(() =>
    spawn('curl', ['-s', '--noproxy', '*', `${url}/no`, `${url}/`, '-o', '/dev/null', '-o', '/dev/null']),
  )
  expect(await once(client, 'exit')).toEqual([0, null])
  const inZone = (name: string) => sum(name, { AvailabilityZone: 'eu-west-1b' })
  await expect
    .poll(
      async () => ({
        ...(await sums('ClientTLSNegotiationErrorCount', 'NewConnectionCount')),
        fixed: await inZone('HTTP_Fixed_Response_Count'),
        requests: await inZone('RequestCount'),
        failed: await inZone('ClientTLSNegotiationErrorCount'),
      }),
      { timeout: 60_000 },
    )
    // Three from clients, and one to the target.
    .toEqual({ ClientTLSNegotiationErrorCount: 2, NewConnectionCount: 4, fixed: 1, requests: 1, failed: undefined })
}, 120_000)

it('what was asked while no control plane ran', async () => {
  await started()
  for (let count = 0; count < 3; count++) await get('/')
  await expect.poll(() => sum('RequestCount'), { timeout: 60_000 }).toBe(3)
  life.abort()
  await running
  world.restart()
  for (const status of [200, 500, 200, 404]) await get('/', status)
  await get('/away')
  looks()
  await get('/')
  const expected = {
    RequestCount: 8,
    HTTPCode_Target_2XX_Count: 6,
    HTTPCode_Target_4XX_Count: 1,
    HTTPCode_Target_5XX_Count: 1,
    HTTP_Redirect_Count: 1,
  }
  await expect.poll(() => sums(...Object.keys(expected)), { timeout: 60_000 }).toEqual(expected)
}, 120_000)

it('what becomes of the flows of a network load balancer, and handshakes that its targets refuse', async () => {
  // Says nothing but what it hears, and breaks off when it is told to.
  const target = await world.listen(
    createTcpServer((socket) => {
      socket.on('data', (bytes) => void (String(bytes) === 'break' ? socket.resetAndDestroy() : socket.write(bytes)))
    }),
  )
  const { pem } = world.certificate('db.test')
  const well = streamGroup(groupRow.id, [target])
  // It speaks no TLS, and is not healthy: what is sent there is sent there nevertheless.
  const deaf = streamGroup(refusing.id, [target], {
    protocol: 'TLS',
    healthCheck: { ...well.healthCheck, protocol: 'HTTPS' },
  })
  const to = (id: string) => [when(forward([id, 1]))]
  const plan = balancerPlan(
    world,
    [well, deaf],
    [
      listener(to(well.id), { id: listenerRow.id, protocol: 'TCP' }),
      listener(to(well.id), { id: secure.id, port: TLS_PORT, protocol: 'TLS', certificates: [{ id: 'db', pem }] }),
      listener(to(deaf.id), { id: 'deaf', port: TLS_PORT + 1, protocol: 'TCP' }),
    ],
    { id: 'app-test', kind: 'network' },
  )
  await world.apply(plan, 1)
  const isJudged = async (): Promise<boolean> =>
    (await world.balancer().targets(plan.id))?.some((seen) => seen.health === 'unhealthy') ?? false
  await expect.poll(isJudged, { timeout: 60_000 }).toBe(true)
  store = memoryStore()
  await store.write(async (tx) => {
    await tx.put(loadBalancers, { ...activeBalancerRow(), type: 'network' })
    for (const row of [groupRow, refusing]) await tx.put(targetGroups, row)
    const spec = listenerRow.spec
    await tx.put(listeners, { ...listenerRow, spec: { ...spec, protocol: 'TCP' } })
    await tx.put(listeners, { ...secure, spec: { ...spec, protocol: 'TLS' } })
    const defaultActions = [{ type: 'forward', targetGroups: [{ arn: refusing.arn, weight: 1 }] }] as const
    const arn = `${listenerRow.arn}d` as typeof listenerRow.arn
    await tx.put(listeners, { ...listenerRow, arn, id: 'deaf', spec: { ...spec, protocol: 'TCP', defaultActions } })
  })
  looks()
  const dimensions = { LoadBalancer: 'net/web/0123456789abcdef' }
  await expect.poll(() => sum('NewFlowCount', dimensions), { timeout: 60_000 }).toBe(0)

  const opened = async (port = PORT): Promise<Socket> => {
    const socket = connect(port, world.hostAddress)
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  const leaving = await opened()
  leaving.write('hello')
  await once(leaving, 'data')
  leaving.resetAndDestroy()
  const broken = await opened()
  broken.write('break')
  await once(broken, 'close')
  const sealed = connectTls({ host: world.hostAddress, port: TLS_PORT, rejectUnauthorized: false })
  sealed.on('error', () => {})
  await once(sealed, 'secureConnect')
  await world.sendRaw(TLS_PORT, 'no TLS at all')
  await world.sendRaw(TLS_PORT + 1, 'hello')
  const names = ['NewFlowCount', 'NewFlowCount_TCP', 'NewFlowCount_TLS', 'ClientTLSNegotiationErrorCount']
  const resets = ['TCP_Client_Reset_Count', 'TCP_Target_Reset_Count']
  const told = async (): Promise<unknown[]> => Promise.all([...names, ...resets].map((name) => sum(name, dimensions)))
  await expect.poll(told, { timeout: 60_000 }).toEqual([5, 3, 2, 1, 1, 1])
  // HAProxy tries again before it gives up.
  expect(await sum('TargetTLSNegotiationErrorCount', dimensions)).toBeGreaterThanOrEqual(1)
  expect(
    await sum('UnhealthyRoutingFlowCount', { ...dimensions, TargetGroup: 'targetgroup/bad/dddddddddddddddd' }),
  ).toBe(1)
  const [metric] = await metrics.list({ ...SCOPE, name: 'ActiveFlowCount_TLS', dimensions })
  const lastSecond = async () =>
    (await metrics.read(metric!, { from: 0, to: 1e12, periodSeconds: 1, limit: 1000 })).at(-1)
  await expect.poll(lastSecond, { timeout: 60_000 }).toMatchObject({ samples: 1, sum: 1 })
  sealed.destroy()
}, 120_000)
