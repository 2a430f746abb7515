// Which container may start: dependsOn's four conditions and startTimeout. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html

import type { TaskContainer } from '#apis/ecs/model/task.ts'
import { milliseconds } from './milliseconds.ts'
import { dependencyUnresolved } from './reasons.ts'
import { type Dependency, type Member, volumeSources } from './roster.ts'

export type Verdict =
  | { readonly is: 'met' }
  /** `giveUpAt`: startTimeout ends then; milliseconds since 1970. */
  | { readonly is: 'waiting'; readonly condition: Dependency['condition']; readonly giveUpAt: number | undefined }
  /** It can never be met, and the task fails for it. */
  | { readonly is: 'failed'; readonly reason: string }

const MET: Verdict = { is: 'met' }

/** A restarted container has started, too. */
const hasStarted = (container: TaskContainer): boolean => container.startedAt !== undefined

const isMet = (condition: Dependency['condition'], container: TaskContainer): boolean => {
  const hasEnded = container.lastStatus === 'STOPPED'
  switch (condition) {
    case 'START':
      return hasStarted(container)
    case 'COMPLETE':
      return hasEnded && hasStarted(container)
    case 'SUCCESS':
      return hasEnded && container.exitCode === 0
    case 'HEALTHY':
      return !hasEnded && container.health?.status === 'HEALTHY'
  }
}

/** startTimeout is the dependency's own setting and counts from its start; START knows no timeout. */
const giveUpAt = (condition: Dependency['condition'], dependency: Member): number | undefined => {
  const { startTimeout } = dependency.definition
  const { startedAt } = dependency.container
  if (condition === 'START' || startTimeout === undefined || startedAt === undefined) return undefined
  return milliseconds(startedAt) + startTimeout * 1000
}

const verdictOn = (member: Member, { on, condition }: Dependency, members: readonly Member[], now: number): Verdict => {
  const dependency = members.find(({ name }) => name === on)
  const failed = (how: string): Verdict => ({ is: 'failed', reason: dependencyUnresolved(on, member.name, how) })
  if (dependency === undefined) return failed('did not exist.')
  const { container } = dependency
  if (isMet(condition, container)) return MET
  if (container.lastStatus === 'STOPPED') {
    return failed(
      condition === 'SUCCESS' && hasStarted(container)
        ? 'did not exit successfully.'
        : condition === 'HEALTHY' && hasStarted(container)
          ? 'stopped before it was healthy.'
          : 'will never start.',
    )
  }
  const deadline = giveUpAt(condition, dependency)
  if (deadline !== undefined && now >= deadline) return failed('has timed out.')
  return { is: 'waiting', condition, giveUpAt: deadline }
}

/** What stands between a container and its start. */
export const verdicts = (member: Member, members: readonly Member[], now: number): Verdict[] =>
  member.dependsOn.map((dependency) => verdictOn(member, dependency, members, now))

export const mayStart = (member: Member, members: readonly Member[], now: number): boolean =>
  verdicts(member, members, now).every(({ is }) => is === 'met')

/**
 * What an image declares as volumes is there for others once its container is made. Two that name each other do not
 * wait: neither would ever be made.
 */
export const hasItsVolumes = (
  member: Member,
  members: readonly Member[],
  isMade: (other: Member) => boolean,
): boolean => {
  const waitsFor = (from: Member, path: readonly string[]): boolean =>
    volumeSources(from, members).some(
      ({ source }) =>
        source.name === member.name || (!path.includes(source.name) && waitsFor(source, [...path, source.name])),
    )
  return volumeSources(member, members).every(
    ({ source }) => source.container.lastStatus === 'STOPPED' || isMade(source) || waitsFor(source, [source.name]),
  )
}

/**
 * Waiting only for others to start, a container is made at once and started later: nobody can tell, and it saves the
 * time. Behind the other conditions it may wait long, and would hold memory all the while.
 */
export const mayBeCreated = (member: Member, members: readonly Member[], now: number): boolean =>
  verdicts(member, members, now).every(
    (verdict) => verdict.is === 'met' || (verdict.is === 'waiting' && verdict.condition === 'START'),
  )
