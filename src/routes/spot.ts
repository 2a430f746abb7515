// POST /_neargate/spot/interrupt: gives Spot tasks notice, as AWS does when it wants the room back.

import { interrupted, isSpot } from '#apis/ecs/model/spot.ts'
import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks, tasksOfService } from '#apis/ecs/tables.ts'
import type { Route } from '#apiserver/route.ts'
import type { Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Clock } from '#base/clock.ts'
import type { Store, Transaction } from '#store/store.ts'
import { json, PREFIX } from './answers.ts'
import { namedService, namedTask, wholeNumber } from './named.ts'

/** AWS's limit on the tasks of a service. */
const COUNT_MOST = 5000

export interface SpotRouteOptions {
  readonly store: Store
  readonly clock: Clock
  readonly spotWarningSeconds: number
}

export const spotRoute = ({ store, clock, spotWarningSeconds }: SpotRouteOptions): Route => ({
  method: 'POST',
  path: `${PREFIX}spot/interrupt`,
  handle: async ({ query }, caller) => {
    const at = clock.now().toISOString()
    const told = await store.write(async (tx) => {
      const chosen = await chosenTasks(tx, query, caller)
      for (const task of chosen) await tx.put(tasks, interrupted(task, at, spotWarningSeconds))
      return chosen
    })
    return json({ interrupted: told.map(({ arn }) => arn), at, warningSeconds: spotWarningSeconds })
  },
})

const chosenTasks = async (
  tx: Transaction,
  query: URLSearchParams,
  caller: Caller | undefined,
): Promise<TaskRecord[]> => {
  const [task, service] = [query.get('task'), query.get('service')]
  if (task !== null) return [checked(await namedTask(tx, query, caller, task))]
  if (service === null) throw new AwsError('MissingParameter', 'say which: ?task=TASK, or ?service=NAME')
  const { arn, name } = await namedService(tx, query, caller, service)
  const count = wholeNumber(query, 'count', 1, COUNT_MOST)
  const running = (await tasksOfService(tx, arn)).filter((one) => isSpot(one) && desiredStatus(one) === 'RUNNING')
  if (running.length === 0) throw new AwsError('NothingToInterrupt', `service ${name} has no Spot task that runs`)
  // The same order in which on-demand work pushes them out.
  return running
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt) || b.arn.localeCompare(a.arn))
    .slice(0, count)
}

const checked = (task: TaskRecord): TaskRecord => {
  if (!isSpot(task)) {
    throw new AwsError(
      'NotSpot',
      `task ${task.id} is not a Spot task, and only those are interrupted. Run it with ` +
        '--capacity-provider-strategy capacityProvider=FARGATE_SPOT, or stop it with: aws ecs stop-task',
    )
  }
  if (desiredStatus(task) === 'STOPPED') {
    throw new AwsError('NothingToInterrupt', `task ${task.id} is stopping, or has stopped, already`)
  }
  return task
}
