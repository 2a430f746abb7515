// The task's own status out of its containers', its interface's and the cause of its end. Pure.

import { type TaskRecord, type TaskState, type TaskStatus, TASK_STATES, advanced } from '#apis/ecs/model/task.ts'
import { attachmentIn } from './attachment.ts'
import { isEqual } from './equal.ts'
import { heldUntil } from './draining.ts'
import type { Facts } from './facts.ts'
import { isLaunching, REMOVE_KEY } from './keys.ts'
import { logOptions } from './log-options.ts'
import { type Cause, executionStoppedAt } from './outcome.ts'
import type { Member } from './roster.ts'

const later = (a: TaskState, b: TaskState): TaskState => (TASK_STATES.indexOf(a) > TASK_STATES.indexOf(b) ? a : b)

const hasStartedAll = (members: readonly Member[]): boolean =>
  members.every(({ container }) => container.startedAt !== undefined || container.lastStatus === 'STOPPED')

const hasStoppedAll = (members: readonly Member[]): boolean =>
  members.every(({ container }) => container.lastStatus === 'STOPPED')

/** Output to wait for: of containers that ran and wrote to a log stream. */
export const containersWithOutput = (members: readonly Member[]): Member[] =>
  members.filter((member) => logOptions(member) !== undefined && member.container.startedAt !== undefined)

const launchState = (facts: Facts, members: readonly Member[]): TaskState => {
  if (facts.networkInterface?.status.state !== 'attached') return facts.task.status.lastStatus
  return hasStartedAll(members) ? 'RUNNING' : 'ACTIVATING'
}

const stopState = (facts: Facts, members: readonly Member[], now: Date): TaskState => {
  const { stop } = facts.task.spec
  if (heldUntil(facts.registrations, members, { stop, now: now.getTime() }) !== undefined) return 'DEACTIVATING'
  if (!hasStoppedAll(members) || isLaunching(facts.inFlight)) return 'STOPPING'
  if (!facts.notes.logsFlushed && containersWithOutput(members).length > 0 && facts.seen !== undefined)
    return 'STOPPING'
  const isGone = facts.seen === undefined && facts.networkInterface === undefined && !facts.inFlight.has(REMOVE_KEY)
  return isGone ? 'STOPPED' : 'DEPROVISIONING'
}

/** For the traffic of its load balancers: RUNNING, and healthy where that is checked. */
const isReady = ({ owner }: TaskRecord, members: readonly Member[]): boolean =>
  owner?.targets !== undefined &&
  members.every(({ essential, container }) => !essential || (container.health?.status ?? 'HEALTHY') === 'HEALTHY')

type Times = Pick<
  TaskStatus,
  | 'connectivityAt'
  | 'pullStartedAt'
  | 'pullStoppedAt'
  | 'startedAt'
  | 'registeredAt'
  | 'stoppingAt'
  | 'executionStoppedAt'
  | 'stoppedAt'
>

/** Each is set once. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
const times = (facts: Facts, members: readonly Member[], state: TaskState, now: string): Partial<Times> => {
  const { status } = facts.task
  const isPast = (other: TaskState): boolean => TASK_STATES.indexOf(state) >= TASK_STATES.indexOf(other)
  const isRunning = state === 'RUNNING'
  const found: Record<keyof Times, string | undefined> = {
    connectivityAt: status.connectivityAt ?? facts.networkInterface?.status.attachedAt,
    pullStartedAt: status.pullStartedAt ?? facts.notes.pullStartedAt,
    pullStoppedAt:
      status.startedAt === undefined ? (facts.notes.pullStoppedAt ?? status.pullStoppedAt) : status.pullStoppedAt,
    startedAt: status.startedAt ?? (isRunning ? now : undefined),
    registeredAt: status.registeredAt ?? (isRunning && isReady(facts.task, members) ? now : undefined),
    stoppingAt: status.stoppingAt ?? (isPast('STOPPING') ? now : undefined),
    executionStoppedAt: status.executionStoppedAt ?? executionStoppedAt(members),
    stoppedAt: status.stoppedAt ?? (state === 'STOPPED' ? now : undefined),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

const attachmentOf = (facts: Facts, state: TaskState): TaskStatus['attachment'] => {
  const { attachment } = facts.task.status
  if (state === 'STOPPED') return attachmentIn(attachment, 'DELETED')
  if (state === 'DEPROVISIONING') return attachmentIn(attachment, 'DETACHING')
  if (facts.networkInterface?.status.state === 'failed') return attachmentIn(attachment, 'FAILED')
  return facts.networkInterface?.status.state === 'attached' && attachment.status === 'ATTACHING'
    ? attachmentIn(attachment, 'ATTACHED')
    : attachment
}

/** The task as it is now known to be; the same object when nothing is worth recording. */
export const currentTask = (
  facts: Facts,
  members: readonly Member[],
  cause: Cause | undefined,
  now: Date,
): TaskRecord => {
  const { status } = facts.task
  const wanted = cause === undefined ? launchState(facts, members) : stopState(facts, members, now)
  const lastStatus = later(status.lastStatus, wanted)
  const containers = members.map(({ container }) => container)
  const change: Partial<TaskStatus> = {
    lastStatus,
    containers: isEqual(containers, status.containers) ? status.containers : containers,
    attachment: attachmentOf(facts, lastStatus),
    ...times(facts, members, lastStatus, now.toISOString()),
    ...cause,
  }
  const isNews = Object.entries(change).some(([key, value]) => status[key as keyof TaskStatus] !== value)
  return isNews && isWorthRecording(facts.task, lastStatus, change) ? advanced(facts.task, change) : facts.task
}

/** The times of a pull alone wait for the next change: a launch makes few durable commits. */
const isWorthRecording = (task: TaskRecord, lastStatus: TaskState, change: Partial<TaskStatus>): boolean => {
  const { pullStartedAt: _, pullStoppedAt: __, ...rest } = change
  const { status } = task
  return (
    lastStatus !== status.lastStatus ||
    Object.entries(rest).some(([key, value]) => status[key as keyof TaskStatus] !== value)
  )
}
