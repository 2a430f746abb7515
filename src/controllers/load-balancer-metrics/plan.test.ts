// Goal: what a load balancer has counted and written down becomes CloudWatch's metrics, with AWS's names, dimensions, units
// and statistics. Method: readings and requests as a load balancer gives them, and the samples they come to, as lines.

import { describe, expect, it } from 'vitest'
import type { ListenerRules } from '#apis/elbv2/model/decision.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import { HEALTH } from '#apis/elbv2/model/target.ts'
import type { BalancerCounters, DoorCounters, GroupCounters, LoggedRequest } from '#dataplane/balancer/balancer.ts'
import { activeBalancerRow, groupRow, listenerRow, loggedRequestRow, targetRow } from '#test/balancer/rows.ts'
import { countersRow, doorRow, groupCountersRow } from '#test/balancer/counters.ts'
import { baseOf, type Measured } from './measured.ts'
import { measuredSamples } from './plan.ts'

const balancer = activeBalancerRow()
const healthy = (id: string, zone?: string) => ({
  ...targetRow(id, zone),
  status: { ...HEALTH.healthy, since: 'now' },
})
const targets = [healthy('10.0.0.1'), healthy('10.0.1.2', 'eu-west-1b')]
const rule = (type: 'redirect' | 'fixed-response'): RuleRecord =>
  ({ spec: { priority: 1, conditions: [], actions: [{ type }] } }) as unknown as RuleRecord
/** Rule 1 redirects, rule 2 answers, the third is the default one and forwards. */
const web: ListenerRules = { listener: listenerRow, rules: [rule('redirect'), rule('fixed-response')] }

const door = (change: Partial<DoorCounters>, index = 0): DoorCounters => ({
  ...doorRow,
  listenerId: listenerRow.id,
  door: index,
  ...change,
})
const counters = (doors: readonly DoorCounters[] = [], ofGroup: Partial<GroupCounters> = {}): BalancerCounters => ({
  ...countersRow,
  doors: doors.length > 0 ? doors : [door({}), door({}, 1)],
  groups: { [groupRow.id]: { ...groupCountersRow, ...ofGroup } },
})

const served = { ...loggedRequestRow, rule: 3 }
const { target: _target, targetStatus: _status, ...untargeted } = served
const { groupId: _group, ...unrouted } = untargeted
/** What the load balancer answers by itself. */
const own = (change: Partial<LoggedRequest>): LoggedRequest => ({ ...unrouted, rule: 0, ...change })

const SHORT = { LoadBalancer: 'LB', TargetGroup: 'TG', AvailabilityZone: '' } as const

/** "name dimensions sum/samples", in the order of names; a zone is its letter. */
const told = (change: Partial<Measured>): string[] =>
  measuredSamples({
    balancer,
    listeners: new Map([[listenerRow.id, web]]),
    groups: [{ group: groupRow, targets }],
    before: counters(),
    now: counters(),
    requests: [],
    isAll: true,
    isLate: false,
    at: 10,
    isQuietToo: false,
    isHealthNews: false,
    ...change,
  })
    .samples.map(({ name, dimensions, sum, samples }) => {
      const of = Object.entries(dimensions).map(
        ([key, value]) => SHORT[key as keyof typeof SHORT] || value.replace('eu-west-1', ''),
      )
      return `${name} ${of.toSorted().join(' ')} ${Math.round(sum * 1e6) / 1e6}/${samples}`
    })
    .toSorted()

/** Only the load balancer's own values. */
const whole = (change: Partial<Measured>): string[] =>
  told(change)
    .flatMap((line) => (line.includes(' LB ') ? [line.replace(' LB ', ' ')] : []))
    .filter((line) => line.split(' ').length === 2)

describe('requests', () => {
  it('of a target are told by load balancer, zone, group, and both', () => {
    const slow = { ...served, door: 1, targetMilliseconds: 152, targetStatus: 503, status: 503 }
    expect(told({ requests: [served, served, slow] })).toEqual([
      'HTTPCode_Target_2XX_Count LB 2/2',
      'HTTPCode_Target_2XX_Count LB TG 2/2',
      'HTTPCode_Target_2XX_Count LB TG a 2/2',
      'HTTPCode_Target_2XX_Count LB a 2/2',
      'HTTPCode_Target_5XX_Count LB 1/1',
      'HTTPCode_Target_5XX_Count LB TG 1/1',
      'HTTPCode_Target_5XX_Count LB TG b 1/1',
      'HTTPCode_Target_5XX_Count LB b 1/1',
      'RequestCount LB 3/3',
      'RequestCount LB TG 3/3',
      'RequestCount LB TG a 2/2',
      'RequestCount LB TG b 1/1',
      'RequestCount LB a 2/2',
      'RequestCount LB b 1/1',
      'RequestCountPerTarget LB TG 1.5/1',
      'RequestCountPerTarget TG 1.5/1',
      'RuleEvaluations LB 6/6',
      'TargetResponseTime LB 0.248/3',
      'TargetResponseTime LB TG 0.248/3',
      'TargetResponseTime LB TG a 0.096/2',
      'TargetResponseTime LB TG b 0.152/1',
      'TargetResponseTime LB a 0.096/2',
      'TargetResponseTime LB b 0.152/1',
    ])
  })

  it.each<[what: string, request: LoggedRequest, lines: readonly string[]]>([
    [
      'a redirect',
      own({ rule: 1, status: 301, location: 'https://a/' }),
      ['HTTPCode_ELB_3XX_Count 1/1', 'HTTP_Redirect_Count 1/1', 'RuleEvaluations 1/1'],
    ],
    [
      'a fixed response',
      own({ rule: 2, status: 404 }),
      ['HTTPCode_ELB_4XX_Count 1/1', 'HTTP_Fixed_Response_Count 1/1', 'RuleEvaluations 2/2'],
    ],
    ['a malformed one', own({ status: 400 }), ['HTTPCode_ELB_4XX_Count 1/1']],
    ['an error of our own', own({ status: 500 }), ['HTTPCode_ELB_500_Count 1/1', 'HTTPCode_ELB_5XX_Count 1/1']],
    [
      'one without a target',
      { ...untargeted, status: 503 },
      ['HTTPCode_ELB_503_Count 1/1', 'HTTPCode_ELB_5XX_Count 1/1', 'RuleEvaluations 2/2'],
    ],
    [
      'one whose target refuses',
      { ...untargeted, target: { address: '10.0.0.1', port: 80 }, status: 502, targetMilliseconds: -1 },
      ['HTTPCode_ELB_502_Count 1/1', 'HTTPCode_ELB_5XX_Count 1/1', 'RequestCount 1/1', 'RuleEvaluations 2/2'],
    ],
    [
      'one whose target takes too long',
      { ...untargeted, target: { address: '10.0.0.1', port: 80 }, status: 504, targetMilliseconds: -1 },
      ['HTTPCode_ELB_504_Count 1/1', 'HTTPCode_ELB_5XX_Count 1/1', 'RequestCount 1/1', 'RuleEvaluations 2/2'],
    ],
    [
      'one by IPv6',
      own({ client: { address: '2001:db8::1', port: 1 }, receivedBytes: 3, sentBytes: 4, status: 400 }),
      ['HTTPCode_ELB_4XX_Count 1/1', 'IPv6ProcessedBytes 7/1', 'IPv6RequestCount 1/1'],
    ],
  ])('%s', (_what, request, lines) => {
    expect(whole({ requests: [request] })).toEqual(lines)
  })

  it('of a gRPC group are counted as such', () => {
    const group = { ...groupRow, protocolVersion: 'GRPC' as const }
    expect(whole({ groups: [{ group, targets }], requests: [served] })).toContain('GrpcRequestCount 1/1')
  })

  it('stand for as many as were answered, where there were more than could be read', () => {
    const now = counters([door({ answers: 300 }), door({ answers: 100 }, 1)])
    const lines = told({ now, requests: [served, { ...served, door: 1 }], isAll: false })
    expect(lines).toEqual(expect.arrayContaining(['RequestCount LB 400/400', 'RequestCount LB b 200/200']))
    expect(lines).toContain('TargetResponseTime LB 19.2/400')
  })
})

describe('two readings', () => {
  it('tell by how much was counted; connections to targets are the load balancer’s, too', () => {
    const before = counters([door({ newConnections: 4, sentBytes: 100 }), door({}, 1)], { newConnections: 1 })
    const now = counters(
      [
        door({ newConnections: 6, activeConnections: 3, receivedBytes: 50, sentBytes: 300, failedHandshakes: 2 }),
        door({ newConnections: 1, receivedBytes: 5 }, 1),
      ],
      {
        newConnections: 3,
        activeConnections: 2,
        connectionErrors: 3,
        failedHandshakes: 4,
        failedOpen: 5,
      },
    )
    expect(told({ before, now, requests: [{ ...untargeted, status: 503 }] })).toEqual(
      expect.arrayContaining([
        'ActiveConnectionCount LB 5/1',
        'ClientTLSNegotiationErrorCount LB 2/2',
        'ClientTLSNegotiationErrorCount LB a 2/2',
        'NewConnectionCount LB 5/5',
        'ProcessedBytes LB 255/1',
        'ProcessedBytes LB a 250/1',
        'ProcessedBytes LB b 5/1',
        // One of the three has found no target to connect to.
        'TargetConnectionErrorCount LB 2/2',
        'TargetConnectionErrorCount LB TG 2/2',
        'TargetTLSNegotiationErrorCount LB 4/4',
        'TargetTLSNegotiationErrorCount LB TG 4/4',
        'UnhealthyRoutingRequestCount LB TG 5/5',
      ]),
    )
  })

  it('tell nothing while nothing happens, but now and then that it is nothing', () => {
    expect(told({})).toEqual([])
    expect(told({ isQuietToo: true })).toEqual([
      'ConsumedLCUs LB 0/1',
      'HealthyHostCount LB TG 2/1',
      'HealthyHostCount LB TG a 1/1',
      'HealthyHostCount LB TG b 1/1',
      'RequestCount LB 0/1',
      'RequestCount LB TG 0/1',
      'RequestCountPerTarget LB TG 0/1',
      'RequestCountPerTarget TG 0/1',
      'UnHealthyHostCount LB TG 0/1',
      'UnHealthyHostCount LB TG a 0/1',
      'UnHealthyHostCount LB TG b 0/1',
    ])
  })

  it('the health of targets is told when it changes, by their zones', () => {
    const [one] = targets
    const sick = { ...targetRow('10.0.0.2'), status: { ...HEALTH.timeout, since: 'now' } }
    const away = { ...healthy('192.168.0.1'), availabilityZone: 'all' }
    expect(told({ groups: [{ group: groupRow, targets: [one!, sick, away] }], isHealthNews: true })).toEqual([
      'HealthyHostCount LB TG 2/1',
      'HealthyHostCount LB TG a 1/1',
      'UnHealthyHostCount LB TG 1/1',
      'UnHealthyHostCount LB TG a 1/1',
    ])
  })

  it('each request is a value of 1, each second one value of bytes, each time its own', () => {
    const fast = { ...served, targetMilliseconds: 8 }
    const { samples } = measuredSamples({
      balancer,
      listeners: new Map([[listenerRow.id, web]]),
      groups: [{ group: groupRow, targets }],
      before: counters(),
      now: counters([door({ sentBytes: 700 })]),
      requests: [served, fast],
      isAll: true,
      isLate: false,
      at: 10,
      isQuietToo: false,
      isHealthNews: false,
    })
    const of = (name: string) => samples.find((one) => one.name === name)
    expect(of('RequestCount')).toEqual({
      account: balancer.scope.account,
      region: 'eu-west-1',
      namespace: 'AWS/ApplicationELB',
      name: 'RequestCount',
      unit: 'Count',
      dimensions: { LoadBalancer: 'app/web/0123456789abcdef' },
      at: 10,
      samples: 2,
      sum: 2,
      minimum: 1,
      maximum: 1,
    })
    expect(of('ProcessedBytes')).toMatchObject({ unit: 'Bytes', samples: 1, minimum: 700, maximum: 700 })
    expect(of('TargetResponseTime')).toMatchObject({
      unit: 'Seconds',
      samples: 2,
      minimum: 0.008,
      maximum: 0.048,
      values: [
        [0.048, 1],
        [0.008, 1],
      ],
    })
  })

  it('tell once a minute how many capacity units were used: of each request, ten rules are free', () => {
    const rules = Array.from({ length: 71 }, () => rule('redirect'))
    const asksAll = { ...served, rule: 72 }
    const minute = {
      balancer,
      listeners: new Map([[listenerRow.id, { listener: listenerRow, rules }]]),
      groups: [{ group: groupRow, targets }],
      before: counters(),
      now: counters(),
      requests: Array.from({ length: 500 }, () => asksAll),
      isAll: true,
      isLate: false,
      at: 10,
      isQuietToo: false,
      isHealthNews: false,
    }
    const first = measuredSamples(minute)
    expect(first.samples.map(({ name }) => name)).not.toContain('ConsumedLCUs')
    const { samples, used } = measuredSamples({ ...minute, isQuietToo: true }, first.used)
    // 1000 requests within a minute, 61 rules of each.
    expect(samples.find(({ name }) => name === 'ConsumedLCUs')?.sum).toBeCloseTo((1000 * 61) / 60 / 1000)
    expect(used).toEqual({})
  })

  it('of a network load balancer tell its flows, by protocol', () => {
    const tls = { ...listenerRow, id: 'tls', spec: { ...listenerRow.spec, protocol: 'TLS' as const } }
    const tcp = { ...listenerRow, spec: { ...listenerRow.spec, protocol: 'TCP' as const } }
    const listeners = new Map([tls, tcp].map((listener) => [listener.id, { listener, rules: [] }]))
    const now = counters(
      [
        door({ newConnections: 2, activeConnections: 1, receivedBytes: 7 }),
        { ...door({ newConnections: 3, failedHandshakes: 1, sentBytes: 10 }, 1), listenerId: 'tls' },
      ],
      { clientAborts: 2, targetAborts: 1, failedOpen: 1 },
    )
    const network = { ...balancer, type: 'network' as const }
    expect(told({ balancer: network, listeners, now })).toEqual([
      'ActiveFlowCount LB 1/1',
      'ActiveFlowCount LB a 1/1',
      'ActiveFlowCount_TCP LB 1/1',
      'ActiveFlowCount_TCP LB a 1/1',
      'ClientTLSNegotiationErrorCount LB 1/1',
      'ClientTLSNegotiationErrorCount LB b 1/1',
      'NewFlowCount LB 5/5',
      'NewFlowCount LB a 2/2',
      'NewFlowCount LB b 3/3',
      'NewFlowCount_TCP LB 2/2',
      'NewFlowCount_TCP LB a 2/2',
      'NewFlowCount_TLS LB 3/3',
      'NewFlowCount_TLS LB b 3/3',
      'ProcessedBytes LB 17/1',
      'ProcessedBytes LB a 7/1',
      'ProcessedBytes LB b 10/1',
      'ProcessedBytes_TCP LB 7/1',
      'ProcessedBytes_TCP LB a 7/1',
      'ProcessedBytes_TLS LB 10/1',
      'ProcessedBytes_TLS LB b 10/1',
      'TCP_Client_Reset_Count LB 2/2',
      'TCP_Target_Reset_Count LB 1/1',
      'UnhealthyRoutingFlowCount LB TG 1/1',
    ])
  })

  it('of datagrams are told beside those of connections, and of each zone', () => {
    const datagrams = [
      { door: 0, activeFlows: 4, newFlows: 2, receivedBytes: 30, sentBytes: 12 },
      { door: 1, activeFlows: 1, newFlows: 0, receivedBytes: 8, sentBytes: 0 },
    ]
    const before = {
      ...counters(),
      datagrams: [{ door: 1, activeFlows: 1, newFlows: 0, receivedBytes: 5, sentBytes: 0 }],
    }
    const network = { ...balancer, type: 'network' as const }
    const samples = told({ balancer: network, listeners: new Map(), before, now: { ...counters(), datagrams } })
    expect(samples).toEqual([
      'ActiveFlowCount LB 5/1',
      'ActiveFlowCount LB a 4/1',
      'ActiveFlowCount LB b 1/1',
      'ActiveFlowCount_UDP LB 5/1',
      'ActiveFlowCount_UDP LB a 4/1',
      'ActiveFlowCount_UDP LB b 1/1',
      'NewFlowCount LB 2/2',
      'NewFlowCount LB a 2/2',
      'NewFlowCount_UDP LB 2/2',
      'NewFlowCount_UDP LB a 2/2',
      'ProcessedBytes LB 45/1',
      'ProcessedBytes LB a 42/1',
      'ProcessedBytes LB b 3/1',
      'ProcessedBytes_UDP LB 45/1',
      'ProcessedBytes_UDP LB a 42/1',
      'ProcessedBytes_UDP LB b 3/1',
    ])
  })

  it.each<[what: string, before: BalancerCounters | undefined, now: BalancerCounters, isFrom: string]>([
    ['loaded anew, it counts from nothing', countersRow, { ...countersRow, epoch: 'b' }, 'nothing'],
    ['the same goes on', countersRow, { ...countersRow, since: 9 }, 'before'],
    ['started since we look, all of it is new', undefined, { ...countersRow, since: 100 }, 'nothing'],
    ['found at work, what was before is not of this second', undefined, { ...countersRow, since: 99 }, 'now'],
  ])('%s', (_what, before, now, isFrom) => {
    const base = baseOf(before, now, 100)
    expect(base === undefined ? 'nothing' : base === now ? 'now' : 'before').toBe(isFrom)
  })
})
