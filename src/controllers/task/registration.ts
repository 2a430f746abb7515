// Registers a task with its target groups when it is ready, and asks them to let go of it when it ends; each in the
// transaction that records why.

import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import { deregisterTask, registerTask } from '#apis/ecs/target-tables.ts'
import { drainEndsAt } from '#apis/elbv2/model/target-group-attributes.ts'
import { targetGroupByArn, targetsOfTask } from '#apis/elbv2/tables.ts'
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
  else if (before.status.registeredAt === undefined) {
    const refusedBy = await registerTask(tx, task, task.owner.targets, now)
    // Its service tells so, and asks them again.
    if (refusedBy.length > 0) await tx.put(tasks, { ...task, owner: { ...task.owner, refusedBy } })
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
