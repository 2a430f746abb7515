// What a task needs next: every decision about it, from what is recorded and what is seen. Pure.

import { desiredStatus, type TaskContainer, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { ContainerObservation } from '#engine/engine.ts'
import { currentMembers } from './containers.ts'
import { heldUntil } from './draining.ts'
import type { Facts, Plan, Step, TaskSettings } from './facts.ts'
import { nextCheck } from './health.ts'
import { FLUSH_KEY, healthKey, launchKey, PREPARE_KEY, pullKey, REMOVE_KEY, shipKey, signalKey } from './keys.ts'
import { shipmentOf } from './log-options.ts'
import { brokenDependency, causeOfEnd, interfaceDeadline } from './outcome.ts'
import { awaitsRestart } from './restart.ts'
import { type Member, withContainers } from './roster.ts'
import { hasItsVolumes, mayBeCreated, mayStart, verdicts } from './start-order.ts'
import { containersWithOutput, currentTask } from './status.ts'
import { stopVerdict } from './stop-order.ts'
import { engineContainer, engineTask } from './translate.ts'

interface Chosen {
  readonly steps: Step[]
  /** Milliseconds since 1970; the earliest counts. */
  readonly wakeAts: (number | undefined)[]
}

const NONE: Chosen = { steps: [], wakeAts: [] }

/** Whatever ends or forgets something is done only when its reason is durable. */
const isOnRecord = (facts: Facts, task: TaskRecord): boolean => facts.isRecorded && task === facts.task

const seenOf = (facts: Facts, member: Member): ContainerObservation | undefined =>
  facts.seen?.containers.find(({ id }) => id === member.container.runtimeId)

/** All tasks of a service's deployment run what its first one ran. */
const pullStep = ({ spec }: TaskRecord, { name, image }: TaskContainer): Step => {
  const digest = spec.imageDigests?.[name]
  const step = { do: 'pull', key: pullKey(name), container: name, image } as const
  return digest === undefined ? step : { ...step, digest }
}

/** A container of a task that is to run: what brings it to life. */
const launchStep = (
  facts: Facts,
  task: TaskRecord,
  member: Member,
  members: readonly Member[],
  settings: TaskSettings,
  now: number,
): Step | undefined => {
  const { container, name } = member
  if (container.lastStatus !== 'PENDING' || !mayBeCreated(member, members, now)) return undefined
  const image = facts.notes.images[name]
  if (image === undefined) return pullStep(task, container)
  if (facts.seen?.prepared !== true || facts.networkInterface?.status.state !== 'attached') return undefined
  if (!hasItsVolumes(member, members, (other) => seenOf(facts, other) !== undefined)) return undefined
  const seen = seenOf(facts, member)
  const thenStart = mayStart(member, members, now)
  const key = launchKey(name)
  // Making a container anew forgets its exit: that must be on record first.
  if (seen !== undefined && awaitsRestart(member, seen) && !isOnRecord(facts, task)) return undefined
  if (seen === undefined || awaitsRestart(member, seen)) {
    const made = engineContainer(task, member, members, image.digest, settings)
    return { do: seen === undefined ? 'create' : 'recreate', key, container: made, thenStart }
  }
  if (seen.state !== 'created' || !thenStart) return undefined
  return { do: 'start', key, id: container.runtimeId, container: name }
}

const launch = (facts: Facts, task: TaskRecord, members: readonly Member[], settings: TaskSettings, now: number) => {
  const { networkInterface, vpcCidr } = facts
  const steps = members.flatMap((member) => launchStep(facts, task, member, members, settings, now) ?? [])
  if (facts.seen?.prepared !== true && networkInterface?.status.state === 'attached' && vpcCidr !== undefined) {
    steps.push({ do: 'prepare', key: PREPARE_KEY, task: engineTask(task, facts.definition, networkInterface, vpcCidr) })
  }
  const waits = members
    .filter(({ container }) => container.lastStatus === 'PENDING')
    .flatMap((member) => verdicts(member, members, now))
    .map((verdict) => (verdict.is === 'waiting' ? verdict.giveUpAt : undefined))
  return { steps, wakeAts: [...waits, interfaceDeadline(networkInterface)] }
}

/** Health is asked for as long as the task is wanted. */
const check = (facts: Facts, members: readonly Member[], now: number): Chosen => {
  const steps: Step[] = []
  const wakeAts: number[] = []
  for (const member of members) {
    const next = nextCheck(member, facts.notes.health[member.name], now)
    if (next === undefined) continue
    const { name, container } = member
    const key = healthKey(name)
    if (next.at > now) wakeAts.push(next.at)
    else steps.push({ do: 'check-health', key, id: container.runtimeId, container: name, ...next.wish })
  }
  return { steps, wakeAts }
}

const stop = (facts: Facts, members: readonly Member[], now: number): Chosen => {
  const steps: Step[] = []
  const wakeAts: (number | undefined)[] = []
  const held = heldUntil(facts.registrations, members, { stop: facts.task.spec.stop, now })
  if (held !== undefined) return { steps, wakeAts: [held] }
  for (const member of members) {
    const { name, container } = member
    if (seenOf(facts, member)?.state !== 'running' || facts.inFlight.has(launchKey(name))) continue
    const verdict = stopVerdict(member, members, { note: facts.notes.signals[name], stop: facts.task.spec.stop, now })
    if ('waitUntil' in verdict) wakeAts.push(verdict.waitUntil)
    else {
      const { signal } = verdict
      steps.push({ do: 'signal', key: signalKey(name), id: container.runtimeId, container: name, signal })
    }
  }
  return { steps, wakeAts }
}

/** Output is shipped from a container's start on, and to its end once it has ended. */
const ship = (facts: Facts, task: TaskRecord, members: readonly Member[]): Step[] =>
  members.flatMap((member): Step[] => {
    const seen = seenOf(facts, member)
    if (seen?.startedAt === undefined) return []
    const shipment = shipmentOf(task, member, seen.outputFile)
    if (shipment === undefined) return []
    const key = shipKey(member.name, shipment.finished)
    return facts.notes.shipped[key] === true ? [] : [{ do: 'ship', key, shipment }]
  })

/** After the last container has ended: its lines first, then everything that is left of the task. */
const clearAway = (facts: Facts, task: TaskRecord, members: readonly Member[]): Step[] => {
  if (members.some(({ container }) => container.lastStatus !== 'STOPPED')) return []
  const { lastStatus } = task.status
  const ids = containersWithOutput(members).map(({ container }) => container.runtimeId)
  if (lastStatus === 'STOPPING' && !facts.notes.logsFlushed && ids.length > 0 && facts.seen !== undefined) {
    return [{ do: 'flush-logs', key: FLUSH_KEY, ids }]
  }
  if (lastStatus !== 'DEPROVISIONING' || facts.seen === undefined) return []
  return [{ do: 'remove', key: REMOVE_KEY, taskId: task.id, ids }]
}

const choose = (facts: Facts, task: TaskRecord, members: readonly Member[], settings: TaskSettings, now: number) => {
  const isWanted = desiredStatus(task) === 'RUNNING'
  const isNews = !isOnRecord(facts, task)
  const launching = isWanted && facts.hasRoom ? launch(facts, task, members, settings, now) : NONE
  // Launching is safe to repeat, so it need not wait for the record.
  const checking = isWanted && !isNews ? check(facts, members, now) : NONE
  const stopping = isWanted || isNews ? NONE : stop(facts, members, now)
  const steps = [...launching.steps, ...checking.steps, ...stopping.steps]
  if (!isNews) steps.push(...ship(facts, task, members))
  if (!isWanted && !isNews) steps.push(...clearAway(facts, task, members))
  return { steps, wakeAts: [...launching.wakeAts, ...checking.wakeAts, ...stopping.wakeAts] }
}

/** A container whose dependency can never be met tells why it did not start. */
const explained = (members: Member[], broken: { name: string; reason: string } | undefined): Member[] =>
  withContainers(
    members,
    members.map(({ name, container }) =>
      name === broken?.name && container.lastStatus === 'STOPPED' && container.reason === undefined
        ? { ...container, reason: broken.reason }
        : container,
    ),
  )

/** The task as it is now known to be, what to do about it, and when to look again. */
export const nextSteps = (facts: Facts, settings: TaskSettings, at: Date): Plan => {
  const now = at.getTime()
  const wasWanted = desiredStatus(facts.task) === 'RUNNING'
  const before = currentMembers(facts, wasWanted)
  const cause = causeOfEnd(facts, before, now)
  const isTurning = wasWanted && cause !== undefined
  const members = isTurning ? explained(currentMembers(facts, false), brokenDependency(before, now)) : before
  const task = currentTask(facts, members, cause, at)
  const { steps, wakeAts } = choose(facts, task, members, settings, now)
  const future = wakeAts.filter((one): one is number => one !== undefined && Number.isFinite(one))
  const isEnding = task.status.lastStatus === 'DEPROVISIONING'
  return {
    task,
    provision:
      facts.hasRoom && cause === undefined && task.status.networkInterfaceId === undefined && isOnRecord(facts, task),
    releaseInterface: isEnding && facts.networkInterface?.spec.deleteRequested === false,
    steps,
    isWhole: isOnRecord(facts, task),
    wakeAt: future.length === 0 ? undefined : Math.min(...future),
  }
}
