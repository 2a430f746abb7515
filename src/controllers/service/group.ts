// Keeps one group of tasks, those of a revision or a task set, at a number of its own, whatever the other groups do. Pure.

import type { Draft } from './draft.ts'
import { isGood, isLive, type Member } from './standing.ts'
import { startTasks } from './starting.ts'
import { stopUnhealthy, unhealthyToStop } from './unhealthy.ts'
import { victims } from './victims.ts'

/** Room for replacements is not what limits a group that stands beside another one. */
const ROOM = Number.POSITIVE_INFINITY

/** Replaces what is broken, stops what is too many, starts what is missing. Returns the broken ones that it stops. */
export const keepGroup = (
  draft: Draft,
  of: string,
  members: readonly Member[],
  aim: number,
  reason: string,
): readonly Member[] => {
  const broken = unhealthyToStop(members, aim, ROOM)
  stopUnhealthy(draft, broken)
  const good = members.filter(isGood)
  for (const member of victims(good, good.length - aim, 0, draft, 'zones-first')) draft.stop(member, reason)
  startTasks(draft, of, members, aim - good.length)
  return broken
}

/** All that are wanted are there and have settled, and nothing else is. */
export const isKept = (draft: Draft, members: readonly Member[], aim: number): boolean =>
  draft.starts.length + draft.stops.length === 0 &&
  members.length === aim &&
  members.every((member) => isLive(member) && member.isSettled)
