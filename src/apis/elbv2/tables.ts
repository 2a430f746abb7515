// The tables of Elastic Load Balancing v2, and the only questions anyone may ask of them.

import type { CertificateArn, ListenerArn, LoadBalancerArn, ServiceArn, TargetGroupArn, TaskArn } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table, type Transaction } from '#store/store.ts'
import { targetGroupsOf } from './model/action.ts'
import {
  checkedListenerArn,
  checkedLoadBalancerArn,
  checkedRuleArn,
  checkedTargetGroupArn,
  listenerNotFound,
  listenerOfRule,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
} from './model/arns.ts'
import { TARGETS_PER_TARGET_GROUP } from './model/limits.ts'
import type { ListenerRecord } from './model/listener.ts'
import type { LoadBalancerRecord } from './model/load-balancer.ts'
import type { RuleRecord } from './model/rule.ts'
import type { TargetGroupRecord } from './model/target-group.ts'
import { deregisteredTarget, type TargetRecord } from './model/target.ts'
import { isInEnabledZone } from './model/target-health.ts'

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
    defaultRule: (row) => [row.defaultRuleArn],
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
  indexes: {
    targetGroup: (row) => [row.targetGroupArn],
    id: (row) => [`${scopeKey(row.scope)}/${row.id}`],
    task: (row) => (row.spec.task === undefined ? [] : [row.spec.task.arn]),
    service: (row) => (row.spec.task === undefined ? [] : [row.spec.task.serviceArn]),
  },
})

/** Undefined when there is none, or none any more. */
export const loadBalancerByArn = async (
  reader: Reader,
  arn: LoadBalancerArn,
): Promise<LoadBalancerRecord | undefined> => {
  const row = await reader.get(loadBalancers, arn)
  return row?.spec.deleteRequested === true ? undefined : row
}

/** Refuses what is no ARN of a load balancer, and one that is not there. */
export const existingLoadBalancer = async (reader: Reader, scope: Scope, text: string): Promise<LoadBalancerRecord> => {
  const row = await loadBalancerByArn(reader, checkedLoadBalancerArn(text, scope))
  if (row === undefined) throw loadBalancerNotFound(text)
  return row
}

/** Still wanted, in no certain order. */
export const loadBalancersOfScope = async (reader: Reader, scope: Scope): Promise<LoadBalancerRecord[]> => {
  const rows = await reader.list(loadBalancers, { index: 'scope', value: scopeKey(scope) })
  return rows.filter((row) => !row.spec.deleteRequested)
}

export const loadBalancerNamed = async (
  reader: Reader,
  scope: Scope,
  name: string,
): Promise<LoadBalancerRecord | undefined> =>
  (await reader.list(loadBalancers, { index: 'name', value: `${scopeKey(scope)}/${name}` }))[0]

export const existingTargetGroup = async (reader: Reader, scope: Scope, text: string): Promise<TargetGroupRecord> => {
  const row = await targetGroupByArn(reader, checkedTargetGroupArn(text, scope))
  if (row === undefined) throw targetGroupNotFound(text)
  return row
}

export const targetGroupNamed = async (
  reader: Reader,
  scope: Scope,
  name: string,
): Promise<TargetGroupRecord | undefined> =>
  (await reader.list(targetGroups, { index: 'name', value: `${scopeKey(scope)}/${name}` }))[0]

export const targetGroupsOfScope = (reader: Reader, scope: Scope): Promise<TargetGroupRecord[]> =>
  reader.list(targetGroups, { index: 'scope', value: scopeKey(scope) })

export const existingListener = async (reader: Reader, scope: Scope, text: string): Promise<ListenerRecord> => {
  const row = await reader.get(listeners, checkedListenerArn(text, scope))
  if (row === undefined) throw listenerNotFound(text)
  return row
}

export const existingRule = async (reader: Reader, scope: Scope, text: string): Promise<RuleRecord> => {
  const row = await reader.get(rules, checkedRuleArn(text, scope))
  if (row === undefined) throw ruleNotFound(text)
  return row
}

/** A rule and its listener; without the rule where the ARN is that of the listener's default one. */
export const existingRuleOrDefault = async (
  reader: Reader,
  scope: Scope,
  text: string,
): Promise<{ readonly rule?: RuleRecord; readonly listener: ListenerRecord }> => {
  const arn = checkedRuleArn(text, scope)
  const listener = await reader.get(listeners, listenerOfRule(arn, scope))
  if (listener === undefined) throw ruleNotFound(text)
  return listener.defaultRuleArn === arn ? { listener } : { listener, rule: await existingRule(reader, scope, text) }
}

/** What the ARN of a rule, a default rule or a listener names: without a rule, the listener's default actions. */
export const ruleOrListener = async (
  reader: Reader,
  arn: string,
): Promise<{ readonly rule?: RuleRecord; readonly listener: ListenerRecord } | undefined> => {
  const rule = await reader.get(rules, arn)
  const [byDefault] = await reader.list(listeners, { index: 'defaultRule', value: arn })
  const listener = byDefault ?? (await reader.get(listeners, rule?.listenerArn ?? arn))
  return listener === undefined ? undefined : { listener, ...(rule === undefined ? {} : { rule }) }
}

/** A listener goes with its rules. */
export const deleteListenerRow = async (tx: Transaction, listener: ListenerRecord): Promise<void> => {
  for (const rule of await rulesOf(tx, listener.arn)) await tx.delete(rules, rule.arn)
  await tx.delete(listeners, listener.arn)
}

/** The load balancers, still wanted, that are to have an interface in this subnet. */
export const loadBalancersInSubnet = async (
  reader: Reader,
  scope: Scope,
  subnetId: string,
): Promise<LoadBalancerRecord[]> =>
  (await loadBalancersOfScope(reader, scope)).filter(({ spec }) =>
    spec.subnets.some((one) => one.subnetId === subnetId),
  )

/** The load balancers, still wanted, that are in this security group. */
export const loadBalancersInGroup = async (
  reader: Reader,
  scope: Scope,
  groupId: string,
): Promise<LoadBalancerRecord[]> =>
  (await loadBalancersOfScope(reader, scope)).filter(({ spec }) => spec.securityGroupIds.includes(groupId))

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

/** Whether the group's quota is used up; those that drain do not count. */
export const isGroupFull = async (reader: Reader, arn: TargetGroupArn): Promise<boolean> => {
  // Cheap, and nearly always enough.
  if ((await reader.count(targets, { index: 'targetGroup', value: arn })) < TARGETS_PER_TARGET_GROUP) return false
  const live = (await targetsOf(reader, arn)).filter(({ spec }) => spec.deregisteredAt === undefined)
  return live.length >= TARGETS_PER_TARGET_GROUP
}

/** What a service has registered of its task; those that drain included. */
export const targetsOfTask = (reader: Reader, arn: TaskArn): Promise<TargetRecord[]> =>
  reader.list(targets, { index: 'task', value: arn })

/** What a service has registered of all its tasks; those that drain included. */
export const targetsOfService = (reader: Reader, arn: ServiceArn): Promise<TargetRecord[]> =>
  reader.list(targets, { index: 'service', value: arn })

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

/** The groups in which a load balancer is registered itself, as the target of a network load balancer. */
export const targetGroupsWithTarget = async (reader: Reader, arn: LoadBalancerArn): Promise<TargetRecord[]> => {
  const balancer = await reader.get(loadBalancers, arn)
  if (balancer === undefined) return []
  const rows = await reader.list(targets, { index: 'id', value: `${scopeKey(balancer.scope)}/${arn}` })
  return rows.filter((row) => row.spec.deregisteredAt === undefined)
}

/** The groups that a listener or rule of the load balancer sends requests to. */
export const targetGroupsOfBalancer = async (
  reader: Reader,
  balancer: Pick<LoadBalancerRecord, 'arn'>,
): Promise<TargetGroupRecord[]> => {
  const arns = new Set<TargetGroupArn>()
  for (const listener of await listenersOf(reader, balancer.arn)) {
    for (const arn of targetGroupsOf(listener.spec.defaultActions)) arns.add(arn)
    for (const rule of await rulesOf(reader, listener.arn)) {
      for (const arn of targetGroupsOf(rule.spec.actions)) arns.add(arn)
    }
  }
  const rows = await Promise.all([...arns].map((arn) => targetGroupByArn(reader, arn)))
  return rows.filter((row) => row !== undefined)
}

/** The load balancer that sends requests to the group; undefined when none does. */
export const loadBalancerOfGroup = async (
  reader: Reader,
  arn: TargetGroupArn,
): Promise<LoadBalancerRecord | undefined> => {
  const [first] = await loadBalancersOfGroup(reader, arn)
  return first === undefined ? undefined : loadBalancerByArn(reader, first)
}

/**
 * Asks for the end of a target's registration: drained first where a load balancer serves it, else gone at once.
 * `now` is ISO 8601.
 */
export const deregister = async (tx: Transaction, target: TargetRecord, now: string): Promise<void> => {
  const balancer = await loadBalancerOfGroup(tx, target.targetGroupArn)
  if (balancer === undefined || !isInEnabledZone(target, balancer)) await tx.delete(targets, targetKey(target))
  else await tx.put(targets, deregisteredTarget(target, now))
}

/** The load balancers of which a listener shows the certificate. */
export const loadBalancersWithCertificate = async (reader: Reader, arn: CertificateArn): Promise<LoadBalancerArn[]> => {
  const rows = await reader.list(listeners, { index: 'certificate', value: arn })
  return [...new Set(rows.map(({ loadBalancerArn }) => loadBalancerArn))]
}
