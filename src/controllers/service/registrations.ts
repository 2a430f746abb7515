// Tells that tasks were registered with target groups and that they drain; each once. Pure.

import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { Draft } from './draft.ts'
import { deregistered, draining, registered } from './events.ts'
import { countedBy } from './placement.ts'
import { isLive, type Member } from './standing.ts'

const groupsOf = (tasks: readonly TaskRecord[]): Map<string, number> =>
  countedBy(
    tasks.flatMap(({ owner }) => owner?.targets ?? []),
    ({ targetGroupArn }) => targetGroupArn,
  )

export const tellRegistrations = (draft: Draft): void => {
  const concerned = draft.facts.tasks.filter(({ owner, status }) => owner?.targets && status.registeredAt)
  const come = concerned.filter((task) => task.owner?.told === undefined && desiredStatus(task) === 'RUNNING')
  // What ended them is on record, and with it that they are deregistered.
  const gone = concerned.filter(({ owner, status }) => owner?.told === 'registered' && status.stopCode !== undefined)
  for (const task of come) draft.own(task, { told: 'registered' })
  for (const task of gone) draft.own(task, { told: 'deregistered' })
  for (const [group, count] of groupsOf(come)) draft.tellFirst(registered(draft.subject, count, group))
  for (const [group, count] of groupsOf(gone)) draft.tell(deregistered(draft.subject, count, group))
  for (const [id, count] of countedBy(gone, ({ spec }) => spec.startedBy ?? '')) {
    draft.tell(draining(`${draft.subject}, taskSet ${id}`, count))
  }
}

/** Of those that leave, all are told to be deregistered: before that nothing is told to be steady. */
export const haveLeft = (members: readonly Member[]): boolean =>
  members.every((member) => isLive(member) || member.task.owner?.told !== 'registered')
