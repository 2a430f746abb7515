// Writes what a turn has decided, within the turn's transaction: service, revisions, deployments, tasks and events.

import { newServiceTask } from '#apis/ecs/model/new-service-task.ts'
import type { ServiceEventRecord, ServiceRecord } from '#apis/ecs/model/service.ts'
import { askedToStop, desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import { serviceDeployments, serviceEvents, serviceRevisions, services, taskSets, tasks } from '#apis/ecs/tables.ts'
import { registerTask } from '#apis/ecs/target-tables.ts'
import type { Random } from '#base/random.ts'
import type { Table, Transaction } from '#store/store.ts'
import type { Draft, Start } from './draft.ts'
import { rebalanceStarted, rebalanceStopped, started, stopped } from './events.ts'
import { EVENTS_KEPT } from './limits.ts'
import { shiftTraffic } from './traffic.ts'

/** Whether anything was written. */
export const commit = async (tx: Transaction, draft: Draft, random: Random): Promise<boolean> => {
  for (const task of touched(draft)) await tx.put(tasks, task)
  const born = draft.starts.map((start) => taskOf(draft, start, random))
  for (const task of born) await tx.put(tasks, task)
  const { facts } = draft
  const hasChanged = [
    await registerAgain(tx, draft),
    await putChanged(tx, serviceRevisions, facts.revisions, draft.revisions),
    await putChanged(tx, serviceDeployments, facts.deployments, draft.deployments),
    await putChanged(tx, taskSets, facts.taskSets, draft.taskSets),
  ]
  await shiftTraffic(tx, draft)
  const service = await told(tx, draft, texts(draft, born), random)
  if (service !== facts.service) await tx.put(services, service)
  const moved = draft.owners.size + draft.stops.length + draft.starts.length
  return moved > 0 || service !== facts.service || hasChanged.includes(true)
}

/** Whether a target group has taken a task that it had refused. */
const registerAgain = async (tx: Transaction, { registrations, at }: Draft): Promise<boolean> => {
  let hasChanged = false
  for (const { arn } of registrations) {
    // As this turn leaves it.
    const task = await tx.get(tasks, arn)
    if (task?.owner === undefined || desiredStatus(task) === 'STOPPED') continue
    const { refusedBy: before = [], ...owner } = task.owner
    const refusedBy = await registerTask(tx, task, before, at)
    if (refusedBy.length === before.length) continue
    await tx.put(tasks, { ...task, owner: { ...owner, ...(refusedBy.length === 0 ? {} : { refusedBy }) } })
    hasChanged = true
  }
  return hasChanged
}

/** The tasks that are to be written, each once. */
const touched = ({ owners, stops }: Draft): Iterable<TaskRecord> => {
  const found = new Map([...owners].map(([arn, { task, owner }]): [string, TaskRecord] => [arn, { ...task, owner }]))
  for (const { task, request } of stops) found.set(task.arn, askedToStop(found.get(task.arn) ?? task, request))
  return found.values()
}

const taskOf = (draft: Draft, { of, subnetId, provider }: Start, random: Random): TaskRecord => {
  const launch = draft.facts.launches.get(of)
  const source = draft.revisions.get(of) ?? draft.taskSets.get(of)
  if (launch === undefined || 'refused' in launch || source === undefined) throw new Error(`${of} can start no task`)
  return newServiceTask({
    cluster: launch.cluster,
    service: draft.service,
    source,
    definition: launch.definition,
    network: launch.network,
    subnetId,
    ...(provider === undefined ? {} : { capacityProviderName: provider }),
    random,
    at: draft.at,
  })
}

const putChanged = async <Row extends { readonly arn: string }>(
  tx: Transaction,
  to: Table<Row>,
  before: readonly Row[],
  after: ReadonlyMap<string, Row>,
): Promise<boolean> => {
  const changed = before.filter((row) => after.get(row.arn) !== row)
  for (const row of changed) {
    const now = after.get(row.arn)
    if (now === undefined) await tx.delete(to, to.key(row))
    else await tx.put(to, now)
  }
  return changed.length > 0
}

const bySubject = (draft: Draft, all: readonly TaskRecord[]): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const task of all) {
    const subject = draft.subjectOf(task)
    found.set(subject, [...(found.get(subject) ?? []), task.id])
  }
  return found
}

const texts = (draft: Draft, born: readonly TaskRecord[]): string[] => {
  const moved = (all: readonly { readonly rebalances?: string }[], at: number): string | undefined =>
    all[at]?.rebalances
  const isRunning = ({ status }: TaskRecord): boolean => status.lastStatus === 'RUNNING'
  const say = (all: readonly TaskRecord[], how: (subject: string, ids: readonly string[]) => string[]): string[] =>
    [...bySubject(draft, all)].flatMap(([subject, ids]) => how(subject, ids))
  const plainStarts = born.filter((_, at) => moved(draft.starts, at) === undefined)
  const ended = draft.stops.flatMap(({ task, rebalances }) => (rebalances === undefined ? [task] : []))
  return [
    ...draft.before,
    ...say(plainStarts, started),
    ...born.flatMap(({ id }, at) => {
      const zone = moved(draft.starts, at)
      return zone === undefined ? [] : [rebalanceStarted(draft.subject, zone, [id])]
    }),
    ...say(ended.filter(isRunning), (subject, ids) => stopped(subject, ids, 'running')),
    ...say(
      ended.filter((task) => !isRunning(task)),
      (subject, ids) => stopped(subject, ids, 'pending'),
    ),
    ...draft.stops.flatMap(({ task, rebalances }) =>
      rebalances === undefined ? [] : [rebalanceStopped(draft.subject, rebalances, [task.id])],
    ),
    ...draft.after,
  ]
}

/** The service with its events counted; only the newest are kept. */
const told = async (
  tx: Transaction,
  { service, at }: Draft,
  messages: readonly string[],
  random: Random,
): Promise<ServiceRecord> => {
  if (messages.length === 0) return service
  let number = service.status.lastEvent
  const oldest = Math.max(1, number - EVENTS_KEPT + 1)
  for (const message of messages) {
    const event: ServiceEventRecord = {
      serviceArn: service.arn,
      number: ++number,
      id: random.uuid(),
      createdAt: at,
      message,
    }
    await tx.put(serviceEvents, event)
  }
  for (let old = oldest; old <= number - EVENTS_KEPT; old++) {
    await tx.delete(serviceEvents, serviceEvents.key({ serviceArn: service.arn, number: old } as ServiceEventRecord))
  }
  return { ...service, status: { ...service.status, lastEvent: number } }
}
