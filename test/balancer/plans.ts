// Plans of load balancers for tests, short enough to be read.

import type {
  ActionPlan,
  BalancerPlan,
  ConditionPlan,
  GroupPlan,
  ListenerPlan,
  RulePlan,
  TargetPlan,
} from '#dataplane/balancer/balancer.ts'

type At = Pick<TargetPlan, 'address' | 'port'>

/** Checked every second; one answer decides. */
export const group = (id: string, targets: readonly At[], more: Partial<GroupPlan> = {}): GroupPlan => ({
  id,
  protocol: 'HTTP',
  version: 'HTTP1',
  algorithm: 'round_robin',
  slowStartSeconds: 0,
  proxyProtocolV2: false,
  healthCheck: {
    protocol: 'HTTP',
    path: '/health',
    matcher: '200',
    intervalSeconds: 1,
    timeoutSeconds: 1,
    healthyThreshold: 1,
    unhealthyThreshold: 1,
  },
  targets: targets.map(({ address, port }) => ({ address, port, isDraining: false })),
  ...more,
})

/** The same, checked by whether it takes connections. */
export const streamGroup = (id: string, targets: readonly At[], more: Partial<GroupPlan> = {}): GroupPlan => {
  const made = group(id, targets)
  return { ...made, protocol: 'TCP', healthCheck: { ...made.healthCheck, protocol: 'TCP' }, ...more }
}

export const draining = (id: string, targets: readonly At[]): GroupPlan =>
  group(id, [], { targets: targets.map(({ address, port }) => ({ address, port, isDraining: true })) })

export const forward = (...groups: readonly (readonly [id: string, weight: number])[]): ActionPlan => ({
  do: 'forward',
  groups: groups.map(([id, weight]) => ({ id, weight })),
})

export const respond = (status: number, body = ''): ActionPlan => ({
  do: 'respond',
  status,
  contentType: 'text/plain',
  body,
})

export const redirect = (part: Partial<Extract<ActionPlan, { do: 'redirect' }>>): ActionPlan => ({
  do: 'redirect',
  status: 302,
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
  ...part,
})

/** Without conditions: always. */
export const when = (action: ActionPlan, ...conditions: readonly ConditionPlan[]): RulePlan => ({ conditions, action })

export const PORT = 8080

export const listener = (rules: readonly RulePlan[], more: Partial<ListenerPlan> = {}): ListenerPlan => ({
  id: 'web',
  port: PORT,
  protocol: 'HTTP',
  certificates: [],
  rules,
  ...more,
})

export const balancerPlan = (
  where: Pick<BalancerPlan, 'doors' | 'hostAddresses'>,
  groups: readonly GroupPlan[],
  listeners: readonly ListenerPlan[],
  more: Partial<BalancerPlan> = {},
): BalancerPlan => ({
  id: 'app-test',
  kind: 'application',
  doors: where.doors,
  hostAddresses: where.hostAddresses,
  listeners,
  groups,
  idleTimeoutSeconds: 60,
  dropInvalidHeaders: false,
  preserveHost: false,
  keepsAccessLog: true,
  ...more,
})
