// Which work a change of the records calls for. Pure.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { networkInterfaces } from '#apis/ec2/tables.ts'
import { idleSecondsOf } from '#apis/ecs/model/scale-to-zero.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import { targetGroupsOf } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import { listeners, loadBalancers, rules, targetGroups, targets } from '#apis/elbv2/tables.ts'
import type { Change } from '#store/store.ts'

/** What is worked on: a load balancer, those that use a group, that of a listener, those that have it as their target. */
export type Kind = 'balancer' | 'group' | 'listener' | 'target' | 'stray'

export const keyOf = (kind: Kind, name: string): string => `${kind} ${name}`

export const partsOf = (key: string): readonly [Kind, name: string] => {
  const space = key.indexOf(' ')
  return [key.slice(0, space) as Kind, key.slice(space + 1)]
}

/** Whether requests are to wait for a service's tasks, and which of them. */
const sleepingWish = (service: ServiceRecord | undefined): string | undefined =>
  service === undefined || idleSecondsOf(service) === undefined ? undefined : service.status.primaryRevisionArn

/** Which groups a service has is looked up when it matters, which is seldom: then it concerns every load balancer. */
export const concernsAll = ({ before, after }: Change): boolean =>
  sleepingWish(before as ServiceRecord | undefined) !== sleepingWish(after as ServiceRecord | undefined)

/** What has only been recorded by us needs no work; above all no fault: trying again is for the queue, which waits. */
const isWish = ({ before, after }: Change): boolean =>
  (before as { readonly spec: unknown } | undefined)?.spec !== (after as { readonly spec: unknown } | undefined)?.spec

const ofBalancer = (change: Change, { arn }: LoadBalancerRecord): string[] => {
  const [before, after] = [change.before, change.after] as (LoadBalancerRecord | undefined)[]
  const hasMoved = isWish(change) || before?.status.addresses !== after?.status.addresses
  return [...(isWish(change) ? [keyOf('balancer', arn)] : []), ...(hasMoved ? [keyOf('target', arn)] : [])]
}

const ofRow = (change: Change, row: unknown): string[] => {
  const groups = (arns: readonly string[]): string[] => arns.map((arn) => keyOf('group', arn))
  switch (change.table) {
    case loadBalancers.name:
      return ofBalancer(change, row as LoadBalancerRecord)
    case networkInterfaces.name: {
      const { ownerArn = '' } = (row as NetworkInterfaceRecord).spec
      return ownerArn.includes(':loadbalancer/') ? [keyOf('balancer', ownerArn)] : []
    }
    case targetGroups.name:
      return groups([(row as TargetGroupRecord).arn])
    case targets.name:
      return isWish(change) ? groups([(row as TargetRecord).targetGroupArn]) : []
    case listeners.name: {
      const { loadBalancerArn, spec } = row as ListenerRecord
      return [keyOf('balancer', loadBalancerArn), ...groups(targetGroupsOf(spec.defaultActions))]
    }
    case rules.name: {
      const { listenerArn, spec } = row as RuleRecord
      return [...groups(targetGroupsOf(spec.actions)), keyOf('listener', listenerArn)]
    }
    default:
      return []
  }
}

/** Of any table but that of services. */
export const keysOf = (change: Change): ReadonlySet<string> =>
  new Set([change.before, change.after].flatMap((row) => (row === undefined ? [] : ofRow(change, row))))
