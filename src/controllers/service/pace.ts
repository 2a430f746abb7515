// How a service slows down when its tasks do not live: AWS's throttle for tasks that never ran, and a short pause for
// those that ran and ended at once. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html

import type { StartThrottle } from '#apis/ecs/model/service.ts'
import { milliseconds, timeText } from '#aws/time.ts'
import {
  PAUSE_FIRST_SECONDS,
  PAUSE_LONGEST_SECONDS,
  SHORT_LIFE_SECONDS,
  THROTTLE_FIRST_SECONDS,
  THROTTLE_LONGEST_SECONDS,
} from './limits.ts'

const delaySeconds = (rounds: number, first: number, longest: number): number =>
  Math.min(longest, first * 2 ** Math.min(rounds - 1, 30))

/**
 * Another task has stopped before it ran. Those that were started together fail together: only one that was started
 * after the last wait makes the next wait longer.
 */
export const throttled = (before: StartThrottle | undefined, createdAt: string, now: number): StartThrottle => {
  if (before !== undefined && createdAt < before.notBefore) return { ...before, since: timeText(now) }
  const failures = (before?.failures ?? 0) + 1
  const delay = delaySeconds(failures, THROTTLE_FIRST_SECONDS, THROTTLE_LONGEST_SECONDS)
  return { failures, since: timeText(now), notBefore: timeText(now + delay * 1000), held: 0 }
}

/** Another task has ended soon after it ran. So many replacements are held back until the pause is over. */
export const paused = (before: StartThrottle | undefined, createdAt: string, now: number): StartThrottle => {
  const isRow =
    before !== undefined && now < milliseconds(before.since) + (SHORT_LIFE_SECONDS + PAUSE_LONGEST_SECONDS) * 1000
  if (isRow && createdAt < before.notBefore) return { ...before, since: timeText(now), held: before.held + 1 }
  const failures = (isRow ? before.failures : 0) + 1
  const delay = delaySeconds(failures, PAUSE_FIRST_SECONDS, PAUSE_LONGEST_SECONDS)
  return { failures, since: timeText(now), notBefore: timeText(now + delay * 1000), held: 1 }
}

/** How many of `wanted` tasks may be started now, and when to ask again if not all. */
export const allowedStarts = (
  wanted: number,
  { throttle, pause }: { readonly throttle?: StartThrottle; readonly pause?: StartThrottle },
  now: number,
): { readonly count: number; readonly again?: number } => {
  const throttleEnds = throttle === undefined ? 0 : milliseconds(throttle.notBefore)
  if (throttleEnds > now) return { count: 0, again: throttleEnds }
  const pauseEnds = pause === undefined ? 0 : milliseconds(pause.notBefore)
  if (pause === undefined || pauseEnds <= now) return { count: wanted }
  const count = Math.max(0, wanted - pause.held)
  return count === wanted ? { count } : { count, again: pauseEnds }
}
