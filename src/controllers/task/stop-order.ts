// Which container is told to stop, and when patience ends: dependents first, then what they depended on. Pure.

import type { StopRequest } from '#apis/ecs/model/task.ts'
import { STOP_TIMEOUT_SECONDS } from './limits.ts'
import { milliseconds } from './milliseconds.ts'
import type { SignalNote } from './notes.ts'
import type { Member } from './roster.ts'

export type StopVerdict =
  | { readonly signal: 'STOP' | 'KILL' }
  /** Milliseconds since 1970; undefined: until another container has stopped. */
  | { readonly waitUntil: number | undefined }

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html, stopTimeout */
export const stopTimeoutSeconds = (member: Member): number => member.definition.stopTimeout ?? STOP_TIMEOUT_SECONDS

const hasLivingDependents = (member: Member, members: readonly Member[]): boolean =>
  members.some(
    (other) =>
      other.container.lastStatus === 'RUNNING' && other.dependsOn.some((dependency) => dependency.on === member.name),
  )

/** When a container that was told to stop is killed; milliseconds since 1970. */
const killTime = (member: Member, stoppedAt: string, stop: StopRequest | undefined): number => {
  // One deadline for the whole task, as when its machine is taken away: it replaces every stopTimeout.
  if (stop?.graceSeconds !== undefined) return milliseconds(stop.at) + stop.graceSeconds * 1000
  return milliseconds(stoppedAt) + stopTimeoutSeconds(member) * 1000
}

/** What a running container is to be told now. */
export const stopVerdict = (
  member: Member,
  members: readonly Member[],
  { note, stop, now }: { note: SignalNote | undefined; stop: StopRequest | undefined; now: number },
): StopVerdict => {
  const stoppedAt = note?.stopAt ?? member.container.stopSignaledAt
  if (stoppedAt === undefined) {
    return hasLivingDependents(member, members) ? { waitUntil: undefined } : { signal: 'STOP' }
  }
  const killAt = killTime(member, stoppedAt, stop)
  if (now < killAt) return { waitUntil: killAt }
  // A kill that did not help is repeated: the engine may have lost it.
  const killedAt = note?.killAt ?? member.container.killedAt
  const again = killedAt === undefined ? now : milliseconds(killedAt) + STOP_TIMEOUT_SECONDS * 1000
  return now < again ? { waitUntil: again } : { signal: 'KILL' }
}
