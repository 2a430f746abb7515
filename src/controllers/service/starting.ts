// Starts tasks of one revision or task set, as many as there is room, pace and material for. Pure.

import type { Draft } from './draft.ts'
import { impaired, notLaunched } from './events.ts'
import { IMPAIRED_ROUNDS, STARTS_PER_TURN } from './limits.ts'
import { allowedStarts, throttled } from './pace.ts'
import { placedStarts } from './placement.ts'
import { isLive, type Member } from './standing.ts'

/** `group`: the tasks that the new ones join. */
export const startTasks = (draft: Draft, of: string, group: readonly Member[], wanted: number): void => {
  if (wanted <= 0) return
  const launch = draft.facts.launches.get(of)
  if (launch === undefined) throw new Error(`nothing is known of what ${of} is made of`)
  if ('refused' in launch) draft.tellWhile('launch', notLaunched(draft.subject, launch.refused))
  const { count, again } = allowedStarts(wanted, draft.service.status, draft.now)
  if (again !== undefined) draft.wakeBy(again)
  const now = Math.min(count, STARTS_PER_TURN - draft.starts.length)
  if (now <= 0) return
  if ('refused' in launch) draft.setStatus({ throttle: throttled(draft.service.status.throttle, draft.at, draft.now) })
  else draft.starts.push(...placedStarts(of, launch, group.filter(isLive), draft, now))
}

/** AWS tells so when launching has failed several times in a row. */
export const tellImpairment = (draft: Draft): void => {
  if ((draft.service.status.throttle?.failures ?? 0) >= IMPAIRED_ROUNDS)
    draft.tellWhile('impaired', impaired(draft.subject))
}
