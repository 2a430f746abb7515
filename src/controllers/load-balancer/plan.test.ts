// What is recorded of listeners, rules and target groups, as the load balancer is told it.

import { describe, expect, it } from 'vitest'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { certificateArn } from '#aws/arn.ts'
import type { GroupPlan, ListenerPlan } from '#dataplane/balancer/balancer.ts'
import { activeBalancerRow, groupRow, listenerRow, SCOPE, targetRow } from '#test/balancer/rows.ts'
import type { Facts } from './facts.ts'
import { balancerPlan } from './plan.ts'

const attached = (id: string) =>
  [id, { id, status: { state: 'attached', namespacePath: `/run/${id}` } } as NetworkInterfaceRecord] as const

const FACTS: Facts = {
  balancer: activeBalancerRow(),
  interfaces: new Map(['eni-a', 'eni-b'].map(attached)),
  listeners: [{ listener: listenerRow, rules: [] }],
  groups: [{ group: groupRow, targets: [targetRow('10.0.0.9')] }],
  addressesBehind: new Map(),
}

const groupOf = (change: Partial<TargetGroupRecord>, spec: Partial<TargetGroupRecord['spec']> = {}): GroupPlan => {
  const group = { ...groupRow, ...change, spec: { ...groupRow.spec, ...spec } }
  return balancerPlan({ ...FACTS, groups: [{ ...FACTS.groups[0]!, group }] }, new Map())!.groups[0]!
}

const [FIRST, SECOND] = ['1', '2'].map((digit) => certificateArn(SCOPE, digit.repeat(8))) as [never, never]
const KEYS = new Map<string, string>([
  [FIRST, 'first'],
  [SECOND, 'second'],
])
const listenerOf = (spec: Partial<ListenerRecord['spec']>, keys = KEYS): ListenerPlan | undefined => {
  const listener = { ...listenerRow, spec: { ...listenerRow.spec, ...spec } }
  return balancerPlan({ ...FACTS, listeners: [{ listener, rules: [] }] }, keys)!.listeners[0]
}

describe('a target group', () => {
  it.each(['HTTP1', 'HTTP2', 'GRPC'] as const)('speaks %s to its targets, by TLS where it is of HTTPS', (version) => {
    expect(groupOf({ protocol: 'HTTPS', protocolVersion: version })).toMatchObject({ protocol: 'HTTPS', version })
  })

  it('has each setting of its health check', () => {
    const healthCheck = {
      enabled: true,
      protocol: 'HTTPS',
      port: 9000,
      path: '/AWS.ALB/healthcheck',
      matcher: '0-3,12',
      intervalSeconds: 7,
      timeoutSeconds: 3,
      healthyThreshold: 4,
      unhealthyThreshold: 6,
    } as const
    const { enabled: _, ...told } = healthCheck
    expect(groupOf({ protocolVersion: 'GRPC' }, { healthCheck }).healthCheck).toEqual(told)
    expect(groupOf({}).healthCheck).not.toHaveProperty('port')
  })

  it.each<[what: string, attributes: Readonly<Record<string, string>>, stickiness: object | undefined]>([
    ['nobody', { 'stickiness.type': 'lb_cookie' }, undefined],
    [
      'the load balancer’s cookie',
      { 'stickiness.enabled': 'true', 'stickiness.lb_cookie.duration_seconds': '600' },
      { by: 'lb_cookie', seconds: 600 },
    ],
    [
      'the application’s cookie',
      {
        'stickiness.enabled': 'true',
        'stickiness.type': 'app_cookie',
        'stickiness.app_cookie.cookie_name': 'SESSION',
        'stickiness.app_cookie.duration_seconds': '60',
      },
      { by: 'app_cookie', cookie: 'SESSION', seconds: 60 },
    ],
  ])('keeps clients by %s', (_what, attributes, stickiness) => {
    expect(groupOf({}, { attributes }).stickiness).toEqual(stickiness)
  })

  it('has its algorithm and its slow start', () => {
    const least = { 'load_balancing.algorithm.type': 'least_outstanding_requests' }
    expect(groupOf({}, { attributes: least }).algorithm).toBe('least_outstanding_requests')
    expect(groupOf({}, { attributes: { 'slow_start.duration_seconds': '30' } }).slowStartSeconds).toBe(30)
  })
})

describe('a listener of TLS', () => {
  const SECURE = { protocol: 'HTTPS', defaultCertificateArn: FIRST, certificateArns: [SECOND] } as const

  it('shows its default certificate first, and is not there without any key', () => {
    expect(listenerOf(SECURE)?.certificates.map(({ pem }) => pem)).toEqual(['first', 'second'])
    expect(listenerOf(SECURE, new Map())).toBeUndefined()
  })

  it.each([
    ['ELBSecurityPolicy-2016-08', 'TLSv1.0', 'TLSv1.2', 18],
    ['ELBSecurityPolicy-TLS13-1-1-2021-06', 'TLSv1.1', 'TLSv1.3', 21],
    ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06', 'TLSv1.2', 'TLSv1.3', 7],
    ['ELBSecurityPolicy-TLS13-1-3-2021-06', 'TLSv1.3', 'TLSv1.3', 3],
  ])('with the policy %s speaks %s to %s with its ciphers', (sslPolicy, oldest, newest, count) => {
    const { ciphers = [], ...versions } = listenerOf({ ...SECURE, sslPolicy })?.tls ?? {}
    expect(versions).toEqual({ oldest, newest })
    expect(ciphers).toHaveLength(count)
  })

  it.each([
    ['HTTP1Only', ['http/1.1']],
    ['HTTP2Only', ['h2']],
    ['HTTP2Optional', ['http/1.1', 'h2']],
    ['HTTP2Preferred', ['h2', 'http/1.1']],
    ['None', []],
  ])('with the ALPN policy %s offers %j', (alpnPolicy, alpn) => {
    expect(listenerOf({ ...SECURE, protocol: 'TLS', alpnPolicy })?.alpn).toEqual(alpn)
  })
})

describe('an action', () => {
  it('forwards by weight, and keeps clients with their group for so long', () => {
    const forward = (enabled: boolean) =>
      listenerOf({
        defaultActions: [
          {
            type: 'forward',
            targetGroups: [{ arn: groupRow.arn, weight: 3 }],
            stickiness: { enabled, durationSeconds: 300 },
          },
        ],
      })?.rules[0]?.action
    const groups = [{ id: groupRow.id, weight: 3 }]
    expect(forward(true)).toEqual({ do: 'forward', groups, stickySeconds: 300 })
    expect(forward(false)).toEqual({ do: 'forward', groups })
  })
})
