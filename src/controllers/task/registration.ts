// Registers a task with its target groups when it is ready, and asks them to let go of it when it ends; each in the
// transaction that records why.

import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import { registeredTarget, targetOfTask } from '#apis/elbv2/model/target.ts'
import { drainEndsAt } from '#apis/elbv2/model/target-group-attributes.ts'
import { deregister, targetGroupByArn, targetKey, targets, targetsOfTask } from '#apis/elbv2/tables.ts'
import type { Clock } from '#base/clock.ts'
import type { Reader, Transaction } from '#store/store.ts'
import type { Registration } from './draining.ts'
import { DRAIN_PATIENCE_SECONDS } from './limits.ts'

/** `before`: the task as it is on record; `task`: as it will be. */
export const noteTargets = async (
  tx: Transaction,
  before: TaskRecord,
  task: TaskRecord,
  clock: Clock,
): Promise<void> => {
  if (task.owner?.targets === undefined || task.status.registeredAt === undefined) return
  const now = clock.now().toISOString()
  if (desiredStatus(task) === 'STOPPED') await deregisterTask(tx, task, now)
  else if (before.status.registeredAt === undefined) await registerTask(tx, task, now)
}

const addressOf = ({ status }: TaskRecord, type: 'ipv4' | 'ipv6'): string | undefined =>
  status.attachment.details.find(({ name }) => name === (type === 'ipv6' ? 'ipv6Address' : 'privateIPv4Address'))?.value

const registerTask = async (tx: Transaction, task: TaskRecord, now: string): Promise<void> => {
  const { owner, status, arn } = task
  for (const { targetGroupArn, containerPort: port } of owner?.targets ?? []) {
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
    await tx.put(targets, targetOfTask(row, { arn, serviceArn: owner.serviceArn }, before))
  }
}

const deregisterTask = async (tx: Transaction, task: TaskRecord, now: string): Promise<void> => {
  for (const target of await targetsOfTask(tx, task.arn)) {
    if (target.spec.deregisteredAt === undefined) await deregister(tx, target, now)
  }
}

/** The target groups that have the task, or are still letting go of it. */
export const registrationsOf = async (reader: Reader, task: TaskRecord): Promise<Registration[]> => {
  if (task.owner?.targets === undefined || task.status.registeredAt === undefined) return []
  const found: Registration[] = []
  for (const { targetGroupArn, port, spec } of await targetsOfTask(reader, task.arn)) {
    const target = task.owner.targets.find((one) => one.targetGroupArn === targetGroupArn && one.containerPort === port)
    const group = await targetGroupByArn(reader, targetGroupArn)
    if (target === undefined || group === undefined) continue
    const { containerName } = target
    found.push(
      spec.deregisteredAt === undefined
        ? { containerName }
        : { containerName, until: drainEndsAt(group, spec.deregisteredAt) + DRAIN_PATIENCE_SECONDS * 1000 },
    )
  }
  return found
}
