// The tables of Elastic Load Balancing v2, and the only questions anyone may ask of them.

import type { ListenerArn, LoadBalancerArn, TargetGroupArn } from '#aws/arn.ts'
import { scopeKey } from '#aws/scope.ts'
import { type Reader, table } from '#store/store.ts'
import { targetGroupsOf } from './model/action.ts'
import type { ListenerRecord } from './model/listener.ts'
import type { LoadBalancerRecord } from './model/load-balancer.ts'
import type { RuleRecord } from './model/rule.ts'
import type { TargetGroupRecord } from './model/target-group.ts'
import type { TargetRecord } from './model/target.ts'

export const loadBalancers = table<LoadBalancerRecord>({
  name: 'elbv2.load-balancers',
  key: (row) => row.arn,
  indexes: {
    scope: (row) => [scopeKey(row.scope)],
    /** Only what is still wanted: a name is free as soon as its load balancer is deleted. */
    name: (row) => (row.spec.deleteRequested ? [] : [`${scopeKey(row.scope)}/${row.name}`]),
  },
})

export const targetGroups = table<TargetGroupRecord>({
  name: 'elbv2.target-groups',
  key: (row) => row.arn,
  indexes: { scope: (row) => [scopeKey(row.scope)], name: (row) => [`${scopeKey(row.scope)}/${row.name}`] },
})

export const listeners = table<ListenerRecord>({
  name: 'elbv2.listeners',
  key: (row) => row.arn,
  indexes: {
    scope: (row) => [scopeKey(row.scope)],
    loadBalancer: (row) => [row.loadBalancerArn],
    targetGroup: (row) => [...new Set(targetGroupsOf(row.spec.defaultActions))],
    certificate: (row) => [
      ...new Set([
        ...row.spec.certificateArns,
        ...(row.spec.defaultCertificateArn ? [row.spec.defaultCertificateArn] : []),
      ]),
    ],
  },
})

export const rules = table<RuleRecord>({
  name: 'elbv2.rules',
  key: (row) => row.arn,
  indexes: {
    scope: (row) => [scopeKey(row.scope)],
    listener: (row) => [row.listenerArn],
    targetGroup: (row) => [...new Set(targetGroupsOf(row.spec.actions))],
  },
})

/** Port 0 stands for "none": a function has no port. */
export const targetKey = (target: Pick<TargetRecord, 'targetGroupArn' | 'id' | 'port'>): string =>
  `${target.targetGroupArn} ${target.id} ${target.port ?? 0}`

export const targets = table<TargetRecord>({
  name: 'elbv2.targets',
  key: targetKey,
  indexes: { targetGroup: (row) => [row.targetGroupArn] },
})

/** Undefined when there is none, or none any more. */
export const loadBalancerByArn = async (
  reader: Reader,
  arn: LoadBalancerArn,
): Promise<LoadBalancerRecord | undefined> => {
  const row = await reader.get(loadBalancers, arn)
  return row?.spec.deleteRequested === true ? undefined : row
}

export const targetGroupByArn = (reader: Reader, arn: TargetGroupArn): Promise<TargetGroupRecord | undefined> =>
  reader.get(targetGroups, arn)

export const listenersOf = (reader: Reader, arn: LoadBalancerArn): Promise<ListenerRecord[]> =>
  reader.list(listeners, { index: 'loadBalancer', value: arn })

/** By priority, lowest first; without the default rule. */
export const rulesOf = async (reader: Reader, arn: ListenerArn): Promise<RuleRecord[]> =>
  (await reader.list(rules, { index: 'listener', value: arn })).toSorted((a, b) => a.spec.priority - b.spec.priority)

/** Those that drain included. */
export const targetsOf = (reader: Reader, arn: TargetGroupArn): Promise<TargetRecord[]> =>
  reader.list(targets, { index: 'targetGroup', value: arn })

/** The load balancers that a listener or rule makes send requests to the group: at most one, as AWS has it. */
export const loadBalancersOfGroup = async (reader: Reader, arn: TargetGroupArn): Promise<LoadBalancerArn[]> => {
  const direct = await reader.list(listeners, { index: 'targetGroup', value: arn })
  const arns = new Set(direct.map((row) => row.loadBalancerArn))
  for (const rule of await reader.list(rules, { index: 'targetGroup', value: arn })) {
    const listener = await reader.get(listeners, rule.listenerArn)
    if (listener !== undefined) arns.add(listener.loadBalancerArn)
  }
  return [...arns]
}
