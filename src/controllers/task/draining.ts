// How long the containers of a task that is to stop go on serving: until its target groups have let go of it. Pure.

import type { StopRequest } from '#apis/ecs/model/task.ts'
import { milliseconds } from './milliseconds.ts'
import type { Member } from './roster.ts'
import { stopTimeoutSeconds } from './stop-order.ts'

/** A target group that still has the task. */
export interface Registration {
  /** The container that serves it. */
  readonly containerName: string
  /** When nobody waits for it any more, in milliseconds since 1970; undefined until it is asked to let go. */
  readonly until?: number
}

/** Milliseconds since 1970; undefined when there is nothing to wait for. */
export const heldUntil = (
  registrations: readonly Registration[],
  members: readonly Member[],
  { stop, now }: { readonly stop: StopRequest | undefined; readonly now: number },
): number | undefined => {
  const running = members.filter(({ container }) => container.lastStatus === 'RUNNING')
  const ends = registrations
    .filter(({ containerName }) => running.some(({ name }) => name === containerName))
    .map(({ until = Number.POSITIVE_INFINITY }) => until)
  const end = Math.min(Math.max(0, ...ends), lastMoment(running, stop))
  return end > now ? end : undefined
}

/** Spot's deadline stands whatever drains: a container still has its stopTimeout before it. */
const lastMoment = (running: readonly Member[], stop: StopRequest | undefined): number =>
  stop?.graceSeconds === undefined
    ? Number.POSITIVE_INFINITY
    : milliseconds(stop.at) + (stop.graceSeconds - Math.max(0, ...running.map(stopTimeoutSeconds))) * 1000
