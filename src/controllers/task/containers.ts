// What is known of each container by now: its record, with what the engine shows and the notes tell. Pure.

import type { TaskContainer } from '#apis/ecs/model/task.ts'
import type { ContainerObservation } from '#engine/engine.ts'
import type { Facts } from './facts.ts'
import { currentHealth, healthCommand, unknownHealth } from './health.ts'
import { launchKey } from './keys.ts'
import type { Notes } from './notes.ts'
import { lostContainer, OUT_OF_MEMORY } from './reasons.ts'
import { awaitsRestart, isRestarted } from './restart.ts'
import { type Member, roster, withContainers } from './roster.ts'

type Seen = ContainerObservation | undefined

const stopped = (container: TaskContainer, more: Partial<TaskContainer>): TaskContainer => ({
  ...container,
  ...more,
  lastStatus: 'STOPPED',
})

const running = (member: Member, seen: ContainerObservation, notes: Notes): TaskContainer => {
  const { exitCode: _, finishedAt: __, health, ...container } = member.container
  const { startedAt } = seen
  const createdAt = container.createdAt ?? notes.createdAt[member.name]
  const digest = container.imageDigest ?? notes.images[member.name]?.digest
  const isNewLife = startedAt !== undefined && startedAt !== container.startedAt
  const fresh = isNewLife && healthCommand(member) !== undefined ? unknownHealth(startedAt) : health
  return {
    ...container,
    lastStatus: 'RUNNING',
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(digest === undefined ? {} : { imageDigest: digest }),
    ...(fresh === undefined ? {} : { health: fresh }),
  }
}

const ended = (member: Member, seen: ContainerObservation, notes: Notes, isWanted: boolean): TaskContainer => {
  // What ran is first seen running: its start belongs to the record even if nobody looked meanwhile.
  const container = seen.startedAt === undefined ? member.container : running(member, seen, notes)
  const { exitCode, finishedAt } = seen
  const code = exitCode === undefined ? {} : { exitCode }
  if (isWanted && isRestarted(member, seen)) {
    const health = container.health === undefined ? {} : { health: unknownHealth(finishedAt ?? '') }
    return { ...container, ...code, ...health, lastStatus: 'PENDING', restartCount: container.restartCount + 1 }
  }
  return stopped(container, {
    ...code,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(seen.oomKilled === true ? { reason: OUT_OF_MEMORY } : {}),
  })
}

/** One container, when `isWanted` says whether the task is still to run. */
const current = (member: Member, facts: Facts, isWanted: boolean): TaskContainer => {
  const { container } = member
  if (container.lastStatus === 'STOPPED') return container
  const seen: Seen = facts.seen?.containers.find(({ id }) => id === container.runtimeId)
  const isBusy = facts.inFlight.has(launchKey(member.name))
  const failure = facts.notes.launchFailures[member.name]
  if (failure !== undefined && seen?.state !== 'running') return stopped(container, { reason: failure })
  if (seen === undefined && container.lastStatus === 'RUNNING' && !isBusy) {
    return stopped(container, { reason: lostContainer(container.runtimeId) })
  }
  if (awaitsRestart(member, seen) || seen === undefined || seen.state === 'created') {
    // What has not begun by the time the task is to stop never will.
    return isWanted || isBusy || container.lastStatus !== 'PENDING' ? container : stopped(container, {})
  }
  if (seen.state === 'exited') return ended(member, seen, facts.notes, isWanted)
  return running(member, seen, facts.notes)
}

const withSignals = (container: TaskContainer, notes: Notes): TaskContainer => {
  const note = notes.signals[container.name]
  if (note === undefined) return container
  return {
    ...container,
    ...(note.stopAt === undefined ? {} : { stopSignaledAt: note.stopAt }),
    ...(note.killAt === undefined ? {} : { killedAt: note.killAt }),
  }
}

const withHealth = (member: Member, notes: Notes): TaskContainer => {
  const { container } = member
  if (container.lastStatus !== 'RUNNING') return container
  const health = currentHealth(member, notes.health[member.name])
  return health === undefined || health === container.health ? container : { ...container, health }
}

/** All containers of the task, as they are known by now. */
export const currentMembers = (facts: Facts, isWanted: boolean): Member[] => {
  const members = roster(facts.task, facts.definition)
  const seen = members.map((member) => withSignals(current(member, facts, isWanted), facts.notes))
  const known = withContainers(members, seen)
  return withContainers(
    known,
    known.map((member) => withHealth(member, facts.notes)),
  )
}
