// Everything that is recorded about one load balancer, read at once.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { ec2Key, networkInterfaces } from '#apis/ec2/tables.ts'
import { servicesThatSleep, targetGroupsOfService } from '#apis/ecs/tables.ts'
import { targetGroupsOf } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import { listenersOf, loadBalancers, rulesOf, targetGroupByArn, targetsOf } from '#apis/elbv2/tables.ts'
import type { Reader } from '#store/store.ts'

export interface GroupFacts {
  readonly group: TargetGroupRecord
  /** Requests wait for its first target: a service that sleeps is woken by them. */
  readonly isHeld?: boolean
  readonly targets: readonly TargetRecord[]
}

export interface Facts {
  readonly balancer: LoadBalancerRecord
  /** By their ids. */
  readonly interfaces: ReadonlyMap<string, NetworkInterfaceRecord>
  readonly listeners: readonly { readonly listener: ListenerRecord; readonly rules: readonly RuleRecord[] }[]
  readonly groups: readonly GroupFacts[]
  /** Of the load balancers that are targets, by their ARNs: where they answer. */
  readonly addressesBehind: ReadonlyMap<string, readonly string[]>
}

const addressesOfBalancer = async (reader: Reader, arn: string): Promise<readonly string[]> => {
  const { spec, status } = (await reader.get(loadBalancers, arn)) ?? {}
  const wanted = new Set(spec?.subnets.map(({ subnetId }) => subnetId))
  return (status?.addresses ?? []).filter(({ subnetId }) => wanted.has(subnetId)).map(({ privateIp }) => privateIp)
}

/** The target groups of services that sleep when nobody asks for them. */
const heldGroups = async (reader: Reader): Promise<ReadonlySet<string>> => {
  const services = await servicesThatSleep(reader)
  return new Set((await Promise.all(services.map((one) => targetGroupsOfService(reader, one)))).flat())
}

/** Undefined when the row is gone. */
export const loadFacts = async (reader: Reader, arn: string): Promise<Facts | undefined> => {
  const balancer = await reader.get(loadBalancers, arn)
  if (balancer === undefined) return undefined
  const interfaces = new Map<string, NetworkInterfaceRecord>()
  for (const { networkInterfaceId } of balancer.status.addresses) {
    const found = await reader.get(networkInterfaces, ec2Key(balancer.scope, networkInterfaceId))
    if (found !== undefined) interfaces.set(networkInterfaceId, found)
  }
  const listeners = []
  const used = new Set<TargetGroupRecord['arn']>()
  for (const listener of await listenersOf(reader, balancer.arn)) {
    const rules = await rulesOf(reader, listener.arn)
    listeners.push({ listener, rules })
    const actions = [...listener.spec.defaultActions, ...rules.flatMap(({ spec }) => spec.actions)]
    for (const group of targetGroupsOf(actions)) used.add(group)
  }
  const groups = []
  const held = await heldGroups(reader)
  const addressesBehind = new Map<string, readonly string[]>()
  for (const groupArn of used) {
    const group = await targetGroupByArn(reader, groupArn)
    if (group === undefined) continue
    const targets = await targetsOf(reader, groupArn)
    groups.push({ group, targets, isHeld: held.has(groupArn) })
    if (group.targetType !== 'alb') continue
    for (const { id } of targets) addressesBehind.set(id, await addressesOfBalancer(reader, id))
  }
  return { balancer, interfaces, listeners, groups, addressesBehind }
}
