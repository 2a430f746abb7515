// Goal: what a load balancer's counters say becomes CloudWatch's metrics, with AWS's names, dimensions, units, statistics.
// Method: the pure part by tables; the loop with a load balancer whose counters the test turns, in simulated time.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { HEALTH, type TargetRecord } from '#apis/elbv2/model/target.ts'
import { listeners, loadBalancers, targetGroups, targets } from '#apis/elbv2/tables.ts'
import { listenerArn, listenerRuleArn, loadBalancerArn, targetGroupArn } from '#aws/arn.ts'
import { silentLog } from '#base/log.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import type { BalancerCounters, GroupCounters } from '#dataplane/balancer/balancer.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { memoryMetricStore } from '#telemetry/metrics/memory/memory-metric-store.ts'
import type { MetricStore } from '#telemetry/metrics/metric-store.ts'
import { LoadBalancerMetricsController } from './controller.ts'
import { KEPT_SECONDS } from './limits.ts'
import { type Measured, samplesOf, steady } from './plan.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const createdAt = '2026-01-01T00:00:00Z'
const group = {
  arn: targetGroupArn(scope, 'api', 'aaaaaaaaaaaaaaaa'),
  scope,
  name: 'api',
  id: 'aaaaaaaaaaaaaaaa',
  targetType: 'ip',
  protocol: 'HTTP',
  port: 80,
} as TargetGroupRecord
const target = (id: string, status: TargetRecord['status']): TargetRecord => ({
  targetGroupArn: group.arn,
  scope,
  id,
  port: 80,
  spec: { registeredAt: createdAt },
  status,
})
const since = createdAt
const both = [target('10.0.0.1', { ...HEALTH.healthy, since }), target('10.0.0.2', { ...HEALTH.healthy, since })]
const balancer: LoadBalancerRecord = {
  arn: loadBalancerArn(scope, 'app/web/0123456789abcdef'),
  scope,
  name: 'web',
  id: '0123456789abcdef',
  type: 'application',
  scheme: 'internet-facing',
  vpcId: 'vpc-1',
  dnsName: 'web-1.eu-west-1.elb.amazonaws.com',
  createdAt,
  tags: [],
  spec: { subnets: [], securityGroupIds: [], ipAddressType: 'ipv4', attributes: {}, deleteRequested: false },
  status: { state: 'active', addresses: [] },
}

const ofGroup = (change: Partial<GroupCounters> = {}): GroupCounters => ({
  requests: 0,
  responses: { '2': 0, '3': 0, '4': 0, '5': 0 },
  connectionErrors: 0,
  meanResponseTime: 0,
  ...change,
})
const counters = (change: Partial<BalancerCounters> = {}): BalancerCounters => ({
  epoch: 1,
  groups: { [group.id]: ofGroup() },
  activeConnections: 0,
  newConnections: 0,
  receivedBytes: 0,
  sentBytes: 0,
  requests: 0,
  ownResponses: { '3': 0, '4': 0, '5': 0 },
  ...change,
})

/** "name dimensions sum/samples unit", in their order. */
const told = (change: Partial<Measured>, isHealthNews = false): string[] =>
  samplesOf(
    {
      balancer,
      groups: [{ group, targets: both }],
      before: counters(),
      now: counters(),
      at: 10,
      isQuietToo: false,
      ...change,
    },
    isHealthNews,
  ).map(({ name, dimensions, sum, samples, unit }) => {
    const of = Object.entries(dimensions).map(([key, value]) => `${key}=${value.split('/')[1]}`)
    return `${name} ${of.toSorted().join(' ')} ${sum}/${samples} ${unit}`
  })

describe('of two readings', () => {
  it('are told the differences, in AWS’s names', () => {
    const before = counters({
      requests: 10,
      newConnections: 4,
      sentBytes: 100,
      groups: { [group.id]: ofGroup({ requests: 9 }) },
    })
    const now = counters({
      requests: 15,
      newConnections: 6,
      activeConnections: 3,
      receivedBytes: 50,
      sentBytes: 300,
      ownResponses: { '3': 1, '4': 0, '5': 0 },
      groups: {
        [group.id]: ofGroup({
          requests: 13,
          responses: { '2': 3, '3': 0, '4': 0, '5': 1 },
          connectionErrors: 1,
          meanResponseTime: 250,
        }),
      },
    })
    expect(told({ before, now })).toEqual([
      'RequestCount LoadBalancer=web 5/5 Count',
      'NewConnectionCount LoadBalancer=web 2/2 Count',
      'ActiveConnectionCount LoadBalancer=web 3/1 Count',
      'ProcessedBytes LoadBalancer=web 250/1 Bytes',
      'HTTPCode_ELB_3XX_Count LoadBalancer=web 1/1 Count',
      'RequestCount LoadBalancer=web TargetGroup=api 4/4 Count',
      'RequestCountPerTarget TargetGroup=api 2/1 Count',
      'RequestCountPerTarget LoadBalancer=web TargetGroup=api 2/1 Count',
      'HTTPCode_Target_2XX_Count LoadBalancer=web 3/3 Count',
      'HTTPCode_Target_2XX_Count LoadBalancer=web TargetGroup=api 3/3 Count',
      'HTTPCode_Target_5XX_Count LoadBalancer=web 1/1 Count',
      'HTTPCode_Target_5XX_Count LoadBalancer=web TargetGroup=api 1/1 Count',
      'TargetConnectionErrorCount LoadBalancer=web 1/1 Count',
      'TargetConnectionErrorCount LoadBalancer=web TargetGroup=api 1/1 Count',
      'TargetResponseTime LoadBalancer=web 1/4 Seconds',
      'TargetResponseTime LoadBalancer=web TargetGroup=api 1/4 Seconds',
    ])
  })

  it('is told nothing while nothing happens, but now and then that it is nothing', () => {
    expect(told({})).toEqual([])
    expect(told({ isQuietToo: true })).toEqual([
      'RequestCount LoadBalancer=web 0/1 Count',
      'RequestCount LoadBalancer=web TargetGroup=api 0/1 Count',
      'RequestCountPerTarget TargetGroup=api 0/1 Count',
      'RequestCountPerTarget LoadBalancer=web TargetGroup=api 0/1 Count',
      'HealthyHostCount LoadBalancer=web TargetGroup=api 2/1 Count',
      'UnHealthyHostCount LoadBalancer=web TargetGroup=api 0/1 Count',
    ])
  })

  it('the health of targets is told when it changes', () => {
    const [one] = both
    const sick = target('10.0.0.2', { state: 'unhealthy', since, reason: 'Target.Timeout', description: 'd' })
    const draining = target('10.0.0.3', { ...HEALTH.draining, since })
    expect(told({ groups: [{ group, targets: [one!, sick, draining] }] }, true)).toEqual([
      'HealthyHostCount LoadBalancer=web TargetGroup=api 1/1 Count',
      'UnHealthyHostCount LoadBalancer=web TargetGroup=api 1/1 Count',
    ])
  })

  it('a network load balancer has flows', () => {
    const now = counters({ newConnections: 2, activeConnections: 1, receivedBytes: 7, requests: 9 })
    const network = { ...balancer, type: 'network' as const }
    expect(told({ balancer: network, now, groups: [] })).toEqual([
      'NewFlowCount LoadBalancer=web 2/2 Count',
      'ActiveFlowCount LoadBalancer=web 1/1 Count',
      'ProcessedBytes LoadBalancer=web 7/1 Bytes',
    ])
    expect(
      samplesOf({ balancer: network, groups: [], before: undefined, now, at: 1, isQuietToo: false }, false)[0],
    ).toMatchObject({
      namespace: 'AWS/NetworkELB',
      dimensions: { LoadBalancer: 'net/web/0123456789abcdef' },
      minimum: 1,
      maximum: 1,
    })
  })

  it.each<[what: string, before: BalancerCounters | undefined, now: BalancerCounters, requests: number]>([
    ['loaded anew: it counts from nothing', counters({ requests: 100 }), counters({ epoch: 2, requests: 3 }), 3],
    ['loaded anew and busier than before', counters({ requests: 2 }), counters({ epoch: 2, requests: 9 }), 9],
    ['started by us: all of it is new', undefined, counters({ requests: 4 }), 4],
    ['found running: what was before is not known', undefined, counters({ epoch: 0, requests: 400 }), 0],
  ])('%s', (_what, before, now, requests) => {
    const [first] = samplesOf({ balancer, groups: [], before, now, at: 10, isQuietToo: true }, false)
    expect(first).toMatchObject({ name: 'RequestCount', sum: requests })
  })

  it('what the load balancer answers itself never grows because it was read a moment too late', () => {
    const own = (count: number, epoch = 1) => counters({ epoch, ownResponses: { '3': 0, '4': 0, '5': count } })
    expect(steady(own(5), own(3)).ownResponses['5']).toBe(5)
    expect(steady(own(5), own(6)).ownResponses['5']).toBe(6)
    expect(steady(own(5), own(1, 2)).ownResponses['5']).toBe(1)
  })
})

describe('the loop', () => {
  let store: Store
  let metrics: MetricStore
  let clock: SimulatedClock
  let life: AbortController
  let running: Promise<void>
  let reading: BalancerCounters | undefined
  let asked = 0

  beforeEach(async () => {
    store = memoryStore()
    metrics = memoryMetricStore()
    clock = new SimulatedClock()
    reading = counters()
    asked = 0
    life = new AbortController()
    const answering = {
      counters: async () => {
        asked++
        return reading
      },
    }
    const nameOf = ({ name }: LoadBalancerRecord): string => name
    const options = { store, metrics, balancer: answering, nameOf, clock, log: silentLog }
    running = new LoadBalancerMetricsController(options).run(life.signal)
    await clock.advance(0)
  })
  afterEach(async () => {
    life.abort()
    await running
  })

  const added = async (): Promise<void> => {
    await store.write(async (tx) => {
      await tx.put(targetGroups, group)
      for (const one of both) await tx.put(targets, one)
      await tx.put(loadBalancers, balancer)
      const path = 'app/web/0123456789abcdef'
      const listener: ListenerRecord = {
        arn: listenerArn(scope, path, 'bbbbbbbbbbbbbbbb'),
        scope,
        loadBalancerArn: balancer.arn,
        id: 'bbbbbbbbbbbbbbbb',
        defaultRuleArn: listenerRuleArn(scope, path, 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'),
        createdAt,
        tags: [],
        spec: {
          protocol: 'HTTP',
          port: 80,
          certificateArns: [],
          defaultActions: [{ type: 'forward', targetGroups: [{ arn: group.arn, weight: 1 }] }],
          attributes: {},
        },
      }
      await tx.put(listeners, listener)
    })
    await clock.advance(2)
  }
  const sums = async (name: string): Promise<number[]> => {
    const { account, region } = scope
    const dimensions = { LoadBalancer: 'app/web/0123456789abcdef' }
    const [metric] = await metrics.list({ account, region, name, dimensions })
    if (metric === undefined) return []
    const points = await metrics.read(metric, { from: 0, to: 1e12, periodSeconds: 1, limit: 100_000 })
    return points.map(({ sum }) => sum).filter((sum) => sum > 0)
  }

  it('asks nobody while there is no load balancer, and each second once there is one', async () => {
    await clock.advance(3600)
    expect(asked).toBe(0)
    await added()
    const before = asked
    await clock.advance(10)
    expect(asked - before).toBe(10)
  })

  it('has a sample for each second in which something happened', async () => {
    await added()
    for (const requests of [3, 3, 10]) {
      reading = counters({ requests })
      await clock.advance(1)
    }
    expect(await sums('RequestCount')).toEqual([3, 7])
  })

  it('goes on after its load balancer did not answer', async () => {
    await added()
    reading = undefined
    await clock.advance(3)
    reading = counters({ epoch: 2, requests: 2 })
    await clock.advance(1)
    expect(await sums('RequestCount')).toEqual([2])
  })

  it('keeps some hours', async () => {
    await added()
    reading = counters({ requests: 5 })
    await clock.advance(1)
    expect(await sums('RequestCount')).toEqual([5])
    await clock.advance(KEPT_SECONDS + 600)
    expect(await sums('RequestCount')).toEqual([])
  })
})
