// Tasks of services as targets: registered with their groups in Elastic Load Balancing's tables, and let go of.

import type { Transaction } from '#store/store.ts'
import { ec2Key, subnets } from '../ec2/tables.ts'
import { registeredTarget, targetOfTask, type TargetRecord, TOO_MANY_TARGETS } from '../elbv2/model/target.ts'
import type { TargetGroupRecord } from '../elbv2/model/target-group.ts'
import { deregister, isGroupFull, targetGroupByArn, targetKey, targets, targetsOfTask } from '../elbv2/tables.ts'
import type { RefusedTarget, TaskTarget } from './model/task-target.ts'
import { subnetOf, type TaskRecord } from './model/task.ts'

const addressOf = ({ status }: TaskRecord, type: 'ipv4' | 'ipv6'): string | undefined =>
  status.attachment.details.find(({ name }) => name === (type === 'ipv6' ? 'ipv6Address' : 'privateIPv4Address'))?.value

/** Why the group would not have the task. */
const refusalOf = async (
  tx: Transaction,
  task: TaskRecord,
  group: TargetGroupRecord,
  { id, before }: { readonly id: string; readonly before: TargetRecord | undefined },
): Promise<string | undefined> => {
  const subnet = await tx.get(subnets, ec2Key(task.scope, subnetOf(task) ?? ''))
  if (subnet !== undefined && subnet.vpcId !== group.vpcId) {
    return `The following targets are not in the target group VPC '${group.vpcId}': '${id}'`
  }
  const isThere = before !== undefined && before.spec.deregisteredAt === undefined
  return !isThere && (await isGroupFull(tx, group.arn)) ? TOO_MANY_TARGETS : undefined
}

/** Registers a task that is ready. Returns the groups that refuse it. `now` is ISO 8601. */
export const registerTask = async (
  tx: Transaction,
  task: TaskRecord,
  wanted: readonly TaskTarget[],
  now: string,
): Promise<RefusedTarget[]> => {
  const { owner, status, arn } = task
  const refused: RefusedTarget[] = []
  for (const target of wanted) {
    const { targetGroupArn, containerPort: port } = target
    const group = await targetGroupByArn(tx, targetGroupArn)
    const id = group === undefined ? undefined : addressOf(task, group.ipAddressType)
    // Its service tells that a task has no target group, or is none of its targets, and replaces it.
    if (owner === undefined || group === undefined || id === undefined) continue
    const { availabilityZone } = status
    const row = registeredTarget(
      group,
      { id, port, ...(availabilityZone === undefined ? {} : { availabilityZone }) },
      now,
    )
    const before = await tx.get(targets, targetKey(row))
    const error = await refusalOf(tx, task, group, { id, before })
    const { containerName } = target
    if (error !== undefined) refused.push({ targetGroupArn, containerName, containerPort: port, error })
    else await tx.put(targets, targetOfTask(row, { arn, serviceArn: owner.serviceArn }, before))
  }
  return refused
}

/** `now` is ISO 8601. */
export const deregisterTask = async (tx: Transaction, task: TaskRecord, now: string): Promise<void> => {
  for (const target of await targetsOfTask(tx, task.arn)) {
    if (target.spec.deregisteredAt === undefined) await deregister(tx, target, now)
  }
}
