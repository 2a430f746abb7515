// Kills the control plane in the middle of real deployments, again and again, and counts what it has harmed: for the
// test of survival and for the benchmark.

import { readdirSync, readFileSync } from 'node:fs'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Service,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import type { Random } from '#base/random.ts'
import type { Instance } from './instance.ts'
import { leftovers, type Leftovers } from './leftovers.ts'
import { logOf, register } from './tasks.ts'

const MOST_TASKS = 4
const NAME = 'web'
/** Every so many deployments one is let through; the others are overtaken while they run. */
const LET_THROUGH = 4
const DESCRIBED_AT_ONCE = 100

export interface KillReport {
  readonly kills: number
  /** How many tasks were seen. */
  readonly tasks: number
  /** Tasks that ended although the scheduler had not wished it, or of which nothing is known any more. */
  readonly lost: readonly string[]
  /** Tasks whose container was started more than once. */
  readonly doubled: readonly string[]
  /** Tasks that nobody wanted replaced, and that after a kill were another process or not there. */
  readonly disturbed: readonly string[]
  /** What was in the kernel after the service was deleted. */
  readonly orphans: Leftovers
  /**
   * Seconds from the start of a new control plane until the service was what it had been wished to be: one deployment,
   * completed; as many tasks running as desired, all healthy; none pending, none of an earlier deployment running.
   */
  readonly convergedSeconds: readonly number[]
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const serviceOf = async (instance: Instance): Promise<Service> => {
  const { services } = await instance.ecs.send(new DescribeServicesCommand({ services: [NAME] }))
  return services?.[0] ?? {}
}

const tasksOf = async (instance: Instance): Promise<Task[]> => {
  const { taskArns = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: NAME }))
  if (taskArns.length === 0) return []
  return (await instance.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))).tasks ?? []
}

const isAtRest = ({ deployments = [], runningCount, desiredCount, pendingCount }: Service): boolean =>
  deployments.length === 1 &&
  deployments[0]?.rolloutState === 'COMPLETED' &&
  runningCount === desiredCount &&
  pendingCount === 0

const atRest = async (instance: Instance): Promise<void> => {
  for (;;) {
    const service = await serviceOf(instance)
    const tasks = isAtRest(service) ? await tasksOf(instance) : []
    const isWhole = tasks.every(
      ({ healthStatus, lastStatus }) => healthStatus === 'HEALTHY' && lastStatus === 'RUNNING',
    )
    if (isAtRest(service) && isWhole && tasks.length === service.desiredCount) return
    await pause(20)
  }
}

const readable = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It may have ended since.
    return ''
  }
}

/** In clock ticks since the machine was started; NaN for one that is dead and not collected yet. */
const startOf = (pid: string): number => {
  const [state, ...fields] = readable(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []
  return state === 'Z' ? Number.NaN : Number(fields[18])
}

/** The oldest process of each of these tasks, and when it was started: process ids are used again. */
const processesOf = (tasks: readonly Task[]): Map<string, string> => {
  const ids = tasks.map(({ taskArn = '' }) => taskArn.slice(taskArn.lastIndexOf('/') + 1))
  const oldest = new Map<string, { readonly pid: string; readonly start: number }>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const cgroups = readable(`/proc/${pid}/cgroup`)
    const id = ids.find((one) => cgroups.includes(`/${one}/`))
    const start = startOf(pid)
    if (id !== undefined && start < (oldest.get(id)?.start ?? Number.POSITIVE_INFINITY)) oldest.set(id, { pid, start })
  }
  return new Map([...oldest].map(([id, { pid, start }]) => [id, `${pid} started at ${start}`]))
}

/** One wish that a user may have in the middle of another. */
const wish = async (instance: Instance, families: readonly string[], random: Random, round: number): Promise<void> => {
  const change =
    random.fraction() < 0.5
      ? { desiredCount: 1 + Math.floor(random.fraction() * MOST_TASKS) }
      : { taskDefinition: families[round % 2], forceNewDeployment: random.fraction() < 0.3 }
  // The kill may come before the answer.
  await instance.ecs.send(new UpdateServiceCommand({ service: NAME, ...change })).catch(() => undefined)
}

const created = async (instance: Instance): Promise<string[]> => {
  // Each container writes one line when it starts: a second start would show.
  const container = {
    command: ['sh', '-c', 'echo started; trap "exit 0" TERM; while :; do sleep 0.05; done'],
    healthCheck: { command: ['CMD', 'true'], interval: 5, retries: 2 },
    stopTimeout: 5,
  }
  const families = [await register(instance, [container]), await register(instance, [container])]
  await instance.ecs.send(
    new CreateServiceCommand({
      serviceName: NAME,
      taskDefinition: families[0],
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
    }),
  )
  return families
}

/** Tasks that came through a kill which they had no part in as another process, or not at all. */
const disturbedByKill = async (instance: Instance): Promise<string[]> => {
  const before = processesOf(await tasksOf(instance))
  await instance.kill()
  await instance.up()
  const after = processesOf(await tasksOf(instance))
  return [...before]
    .filter(([id, one]) => after.get(id) !== one)
    .map(([id, one]) => `${id}: process ${one}, then ${after.get(id) ?? 'none'}`)
}

const judged = async (instance: Instance, arns: readonly string[]): Promise<Pick<KillReport, 'lost' | 'doubled'>> => {
  const lost: string[] = []
  const doubled: string[] = []
  for (let at = 0; at < arns.length; at += DESCRIBED_AT_ONCE) {
    const asked = arns.slice(at, at + DESCRIBED_AT_ONCE)
    const { tasks = [] } = await instance.ecs.send(new DescribeTasksCommand({ tasks: asked }))
    const known = new Set(tasks.map(({ taskArn }) => taskArn))
    lost.push(...asked.filter((arn) => !known.has(arn)).map((arn) => `${arn}: unknown`))
    for (const task of tasks) {
      if (task.stopCode !== 'ServiceSchedulerInitiated') {
        lost.push(`${task.taskArn}: ${task.stopCode} ${task.stoppedReason}\n${instance.complaints()}`)
      }
      const lines = task.startedAt === undefined ? [] : await logOf(instance, task, 'c0')
      if (lines.length > 1) doubled.push(task.taskArn ?? '')
    }
  }
  return { lost, doubled }
}

/** Makes a service, kills `kills` times while it is scaled and deployed, deletes it, and tells what came of it. */
export const killedDeployments = async (
  instance: Instance,
  { kills, random, told }: { readonly kills: number; readonly random: Random; readonly told?: (done: number) => void },
): Promise<KillReport> => {
  const families = await created(instance)
  const seen = new Set<string>()
  const disturbed: string[] = []
  const convergedSeconds: number[] = []
  const look = async (): Promise<void> => {
    for (const { taskArn = '' } of await tasksOf(instance)) seen.add(taskArn)
  }
  let done = 0
  for (let round = 0; done < kills; round++) {
    const asked = wish(instance, families, random, round)
    if (random.fraction() < 2 / 3) await asked
    await pause(random.fraction() * 400)
    await instance.kill()
    done++
    await asked
    const began = performance.now()
    await instance.up()
    await look()
    if (round % LET_THROUGH !== LET_THROUGH - 1) continue
    await atRest(instance)
    convergedSeconds.push((performance.now() - began) / 1000)
    await look()
    if (done < kills) disturbed.push(...(await disturbedByKill(instance)))
    done++
    told?.(done)
  }
  await atRest(instance)
  await look()
  await instance.ecs.send(new DeleteServiceCommand({ service: NAME, force: true }))
  while ((await serviceOf(instance)).status !== 'INACTIVE') await pause(50)
  return {
    kills: done,
    tasks: seen.size,
    ...(await judged(instance, [...seen])),
    disturbed,
    orphans: leftovers(instance.config),
    convergedSeconds,
  }
}
