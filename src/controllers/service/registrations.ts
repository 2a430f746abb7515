// Tells that tasks were registered with target groups, that some could not be, and that they drain; each once. Pure.

import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { Draft } from './draft.ts'
import { deregistered, draining, notRegistered, registered } from './events.ts'
import { REGISTRATION_AGAIN_SECONDS } from './limits.ts'
import { countedBy } from './placement.ts'
import { isLive, type Member } from './standing.ts'

const groupsOf = (tasks: readonly TaskRecord[]): Map<string, number> =>
  countedBy(
    tasks.flatMap(({ owner }) => owner?.targets ?? []),
    ({ targetGroupArn }) => targetGroupArn,
  )

export const tellRegistrations = (draft: Draft): void => {
  const concerned = draft.facts.tasks.filter(({ owner, status }) => owner?.targets && status.registeredAt)
  const wanted = concerned.filter((task) => task.owner?.told === undefined && desiredStatus(task) === 'RUNNING')
  const refused = wanted.filter(({ owner }) => owner?.refusedBy !== undefined)
  const come = wanted.filter((task) => !refused.includes(task))
  heedRefusals(draft, refused)
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

/** As on AWS such a task runs on, and is none that a deployment could go on with, until its groups have it. */
const heedRefusals = (draft: Draft, refused: readonly TaskRecord[]): void => {
  draft.registrations.push(...refused)
  for (const { targetGroupArn, error } of refused.flatMap(({ owner }) => owner?.refusedBy ?? [])) {
    draft.tellWhile(`registration:${targetGroupArn}`, notRegistered(draft.subject, targetGroupArn, error))
  }
  if (refused.length > 0) draft.wakeBy(draft.now + REGISTRATION_AGAIN_SECONDS * 1000)
}

/** Of those that leave, all are told to be deregistered: before that nothing is told to be steady. */
export const haveLeft = (members: readonly Member[]): boolean =>
  members.every((member) => isLive(member) || member.task.owner?.told !== 'registered')
