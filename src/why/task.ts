// Why a task is as it is: from its record, its log and the host's room to plain words. Pure.

import { awaitsRoom } from '#apis/ecs/model/room.ts'
import { isSpot } from '#apis/ecs/model/spot.ts'
import { desiredStatus, isStopped, type TaskContainer, type TaskRecord } from '#apis/ecs/model/task.ts'
import { exitVerdict } from './exit-codes.ts'
import type { ContainerExplanation, Explanation } from './explanation.ts'
import { startFailure } from './start-failures.ts'
import { targetAdvice, type TargetFacts, targetProblems } from './targets.ts'

export interface TaskFacts {
  readonly task: TaskRecord
  /** By container: where it logs to, and its last lines. */
  readonly logs: Readonly<Record<string, NonNullable<ContainerExplanation['log']>>>
  /** None where its service has no load balancer. */
  readonly targets?: readonly TargetFacts[]
  /** What is left of the host for such a task; absent when nobody knows. */
  readonly roomLeft?: { readonly cpuUnits: number; readonly memoryMiB: number }
}

type Answer = Pick<Explanation, 'answer'> & Partial<Pick<Explanation, 'because' | 'tryThis' | 'isKnown'>>

const quoted = (text: string): string => `“${text}”`

const containerOf = ({ logs }: TaskFacts, container: TaskContainer): ContainerExplanation => {
  const { name, lastStatus, exitCode, reason, health } = container
  const meaning = exitVerdict(container)?.meaning
  const log = logs[name]
  return {
    name,
    state: lastStatus,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(meaning === undefined ? {} : { meaning }),
    ...(reason === undefined ? {} : { reason }),
    ...(health === undefined ? {} : { health: health.status }),
    ...(health?.output === undefined || health.output === '' ? {} : { healthOutput: health.output }),
    ...(log === undefined ? {} : { log }),
  }
}

/** The essential container that ended first: its end is the task's. */
const culprit = ({ status }: TaskRecord): TaskContainer | undefined =>
  status.containers
    .filter(({ essential, lastStatus }) => essential !== false && lastStatus === 'STOPPED')
    .toSorted((a, b) => (a.finishedAt ?? '~').localeCompare(b.finishedAt ?? '~'))[0]

const exited = (task: TaskRecord): Answer => {
  const container = culprit(task)
  if (container === undefined) return { answer: 'An essential container ended.', isKnown: false }
  const { name, exitCode } = container
  const verdict = exitVerdict(container)
  const rule = 'When an essential container ends, ECS stops the whole task.'
  if (verdict === undefined) {
    return { answer: `Its essential container ${name} ended without an exit code.`, because: [rule], isKnown: false }
  }
  return {
    answer: `Its essential container ${name} ended with exit code ${exitCode}: ${verdict.meaning}.`,
    because: [rule],
    tryThis:
      exitCode === 0
        ? [
            `If ${name} may end while the others go on, say "essential": false; if it is a server, keep it in the foreground.`,
          ]
        : verdict.tryThis,
  }
}

const notStarted = (reason: string): Answer => {
  const verdict = startFailure(reason)
  return {
    answer: verdict === undefined ? 'It could not start.' : `It could not start: ${verdict.meaning}.`,
    because: [`ECS says: ${quoted(reason)}`],
    tryThis: verdict?.tryThis ?? [],
    isKnown: verdict !== undefined,
  }
}

const interruption = ({ spec }: TaskRecord): Answer => ({
  answer: 'It ran on Fargate Spot, and its room was wanted: by on-demand tasks, or by neargate spot interrupt.',
  because: [
    `It got notice at ${spec.stop?.at}, and ${spec.stop?.graceSeconds ?? 120} seconds to end after SIGTERM.`,
    'Spot tasks run on what others leave free; the youngest give way first.',
  ],
  tryThis: [
    'Run it with FARGATE instead of FARGATE_SPOT if it must not be interrupted.',
    'Make more room: neargate up --memory-overcommit N, or stop what is not needed (neargate status).',
  ],
})

const unhealthy = (task: TaskRecord): TaskContainer[] =>
  task.status.containers.filter(({ health }) => health?.status === 'UNHEALTHY')

const byScheduler = ({ task, targets = [] }: TaskFacts, reason: string): Answer => {
  if (reason.startsWith('Task failed ELB health checks')) {
    return {
      answer: 'Its service replaced it because its load balancer found it unhealthy.',
      because: [`ECS says: ${quoted(reason)}`, ...targetProblems(targets)],
      tryThis: targetAdvice(targets),
    }
  }
  if (/health checks/.test(reason)) {
    const names = unhealthy(task).map(({ name }) => name)
    return {
      answer: `Its service replaced it because it was not healthy${names.length === 0 ? '' : `: container ${names.join(', ')}`}.`,
      because: [`ECS says: ${quoted(reason)}`],
      tryThis: [
        'See below what the health check printed.',
        'If it starts slowly, give it a "startPeriod", or its service "healthCheckGracePeriodSeconds".',
      ],
    }
  }
  if (reason.startsWith('Scaling activity')) {
    return {
      answer: 'Its service stopped it: it was one too many, or a deployment replaced it.',
      because: [`ECS says: ${quoted(reason)}`],
      tryThis: [`See what its service was doing: neargate events --service ${task.spec.group.replace('service:', '')}`],
    }
  }
  return { answer: 'Its service stopped it.', because: [`ECS says: ${quoted(reason)}`] }
}

const stopAnswer = (facts: TaskFacts): Answer => {
  const { task } = facts
  const code = task.status.stopCode ?? task.spec.stop?.code
  const reason = task.status.stoppedReason ?? task.spec.stop?.reason ?? ''
  switch (code) {
    case 'EssentialContainerExited':
      return exited(task)
    case 'TaskFailedToStart':
      return notStarted(reason)
    case 'SpotInterruption':
    case 'TerminationNotice':
      return interruption(task)
    case 'UserInitiated':
      return { answer: `Somebody stopped it with StopTask, giving as reason ${quoted(reason)}.` }
    case 'ServiceSchedulerInitiated':
      return byScheduler(facts, reason)
    case 'InfrastructureHealth':
      return {
        answer: 'The host lost it: its containers are gone, and nobody of us ended them.',
        because: [`Recorded is: ${quoted(reason)}`],
        tryThis: ['See whether the host was restarted: uptime', 'Read the control plane’s own log: neargate logs'],
      }
    default:
      return {
        answer: 'What is recorded does not tell why it stopped.',
        because: reason === '' ? [] : [`ECS says: ${quoted(reason)}`],
        tryThis: ['Read the control plane’s own log: neargate logs'],
        isKnown: false,
      }
  }
}

const waiting = ({ task, roomLeft }: TaskFacts): Answer => {
  const { cpuUnits, memoryMiB } = task.spec
  return {
    answer: `It has not started: it waits for room on this host.`,
    because: [
      `It needs ${cpuUnits} CPU units and ${memoryMiB} MiB.`,
      ...(roomLeft === undefined
        ? []
        : [`Free are ${Math.max(0, roomLeft.cpuUnits)} CPU units and ${Math.max(0, roomLeft.memoryMiB)} MiB.`]),
      isSpot(task)
        ? 'It is a Spot task: on-demand tasks come first.'
        : 'On-demand tasks come before Spot, and then the oldest first.',
    ],
    tryThis: [
      'See what holds the room, and stop what is not needed: neargate status',
      'Promise more of the host: neargate up --memory-overcommit N --cpu-overcommit N',
    ],
  }
}

const starting = (task: TaskRecord): Answer => {
  const { lastStatus, networkInterfaceId, attachment, pullStoppedAt } = task.status
  const pending = task.status.containers.filter((one) => one.lastStatus === 'PENDING').map(({ name }) => name)
  const what =
    networkInterfaceId === undefined || attachment.status !== 'ATTACHED'
      ? 'its network interface is being attached'
      : pullStoppedAt === undefined && pending.length === task.status.containers.length
        ? 'its images are being pulled'
        : `its containers are being started; still to come: ${pending.join(', ')}`
  return { answer: `It is being started (${lastStatus}): ${what}.` }
}

const running = ({ task, targets = [] }: TaskFacts): Answer => {
  const sick = unhealthy(task).map(({ name }) => name)
  const since = `It runs, since ${task.status.startedAt}.`
  if (sick.length > 0) {
    return {
      answer: `${since} It is not healthy: the health check of ${sick.join(', ')} fails.`,
      tryThis: ['See below what the health check printed.'],
    }
  }
  const problems = targetProblems(targets)
  if (problems.length > 0) {
    return {
      answer: `${since} Its load balancer finds it unhealthy.`,
      because: problems,
      tryThis: targetAdvice(targets),
    }
  }
  const ended = task.status.containers.filter(({ lastStatus }) => lastStatus === 'STOPPED').map(({ name }) => name)
  return {
    answer: since,
    because: ended.length === 0 ? [] : [`Of its containers, ${ended.join(', ')} ended, which the task does not need.`],
  }
}

const answerFor = (facts: TaskFacts): Answer => {
  const { task } = facts
  if (desiredStatus(task) === 'STOPPED') return stopAnswer(facts)
  if (awaitsRoom(task) && facts.roomLeft !== undefined) return waiting(facts)
  return task.status.lastStatus === 'RUNNING' ? running(facts) : starting(task)
}

/** The containers that the stop of the task had to kill. */
const killedLate = (task: TaskRecord): string[] =>
  task.status.containers
    .filter(({ killedAt }) => killedAt !== undefined)
    .map(({ name }) => `Container ${name} did not end after the stop signal in time, and was killed.`)

export const whyTask = (facts: TaskFacts): Explanation => {
  const { task } = facts
  const { answer, because = [], tryThis = [], isKnown = true } = answerFor(facts)
  const isStopping = desiredStatus(task) === 'STOPPED' && !isStopped(task)
  return {
    of: `task ${task.id}`,
    state: task.status.lastStatus,
    answer: isStopping ? `It is being stopped. ${answer}` : answer,
    isKnown,
    because: [...because, ...killedLate(task)],
    containers: task.status.containers.map((container) => containerOf(facts, container)),
    tryThis,
  }
}
