// Goal: kill -9 of the control plane in the middle of real deployments loses no task, starts none twice, leaves nothing
// over and does not touch tasks that nobody wanted replaced; the service comes to rest every time.
// Method: rounds with seeded randomness; each scales or deploys a service with health checks, kills at a random moment,
// starts again. NEARGATE_KILLS=n for more rounds; the time to converge is printed.

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
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Random, seededRandom } from '#base/random.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { leftovers, NONE } from '#test/leftovers.ts'
import { logOf, register } from '#test/tasks.ts'

const KILLS = Number(process.env['NEARGATE_KILLS'] ?? 100)
const MOST = 4

let instance: Instance
let families: string[]
beforeAll(async () => {
  instance = await startInstance()
  // Each container writes one line when it starts: a second start would show.
  const container = {
    command: ['sh', '-c', 'echo started; trap "exit 0" TERM; while :; do sleep 0.05; done'],
    healthCheck: { command: ['CMD', 'true'], interval: 5, retries: 2 },
    stopTimeout: 5,
  }
  families = [await register(instance, [container]), await register(instance, [container])]
})
afterAll(() => instance?.down())

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const service = async (): Promise<Service> => {
  const { services } = await instance.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  return services?.[0] ?? {}
}

const running = async (): Promise<Task[]> => {
  const { taskArns = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: 'web' }))
  if (taskArns.length === 0) return []
  return (await instance.ecs.send(new DescribeTasksCommand({ tasks: taskArns }))).tasks ?? []
}

const isAtRest = ({ deployments = [], runningCount, desiredCount, pendingCount }: Service): boolean =>
  deployments.length === 1 &&
  deployments[0]?.rolloutState === 'COMPLETED' &&
  runningCount === desiredCount &&
  pendingCount === 0

const atRest = async (): Promise<void> => {
  while (!isAtRest(await service())) await pause(50)
}

/** One wish that a user may have in the middle of another. */
const wish = async (random: Random, round: number): Promise<void> => {
  const change =
    random.fraction() < 0.5
      ? { desiredCount: 1 + Math.floor(random.fraction() * MOST) }
      : { taskDefinition: families[round % 2], forceNewDeployment: random.fraction() < 0.3 }
  // The kill may come before the answer.
  await instance.ecs.send(new UpdateServiceCommand({ service: 'web', ...change })).catch(() => undefined)
}

it(`${KILLS} kills in the middle of deployments: none lost, none doubled, nothing left over`, async () => {
  const random = seededRandom(20261122)
  await instance.ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: families[0],
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
    }),
  )
  const times: number[] = []
  const seen = new Map<string, Task>()
  for (let round = 0; round < KILLS; round++) {
    const asked = wish(random, round)
    if (random.fraction() < 2 / 3) await asked
    await pause(random.fraction() * 400)
    await instance.kill()
    await asked
    await instance.up()
    for (const task of await running()) seen.set(task.taskArn ?? '', task)
    // Every fourth deployment is let through; the others are overtaken while they run.
    if (round % 4 !== 3) continue
    const began = performance.now()
    await atRest()
    times.push((performance.now() - began) / 1000)
    const before = (await running()).map(({ taskArn = '' }) => taskArn).toSorted((a, b) => a.localeCompare(b))
    await instance.kill()
    await instance.up()
    // What nobody wanted replaced is not replaced.
    expect((await running()).map(({ taskArn = '' }) => taskArn).toSorted((a, b) => a.localeCompare(b))).toEqual(before)
  }
  await atRest()
  for (const task of await running()) seen.set(task.taskArn ?? '', task)
  const { desiredCount = 0 } = await service()
  expect(await running()).toHaveLength(desiredCount)
  for (const task of await running()) expect(await logOf(instance, task, 'c0'), task.taskArn).toEqual(['started'])
  const late = times.toSorted((a, b) => a - b)
  console.log(`converged: p50 ${late[Math.floor(late.length / 2)]?.toFixed(2)} s, longest ${late.at(-1)?.toFixed(2)} s`)

  await instance.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  while ((await service()).status !== 'INACTIVE') await pause(50)
  // Every task that was ever seen has ended because the scheduler wished it, and started at most once.
  const all = [...seen.keys()]
  for (let at = 0; at < all.length; at += 100) {
    const { tasks = [] } = await instance.ecs.send(new DescribeTasksCommand({ tasks: all.slice(at, at + 100) }))
    expect(tasks).toHaveLength(Math.min(100, all.length - at))
    for (const task of tasks) {
      expect(task.stopCode, `${task.taskArn}: ${task.stoppedReason}\n${instance.complaints()}`).toBe(
        'ServiceSchedulerInitiated',
      )
      const lines = task.startedAt === undefined ? [] : await logOf(instance, task, 'c0')
      expect(lines.length, task.taskArn).toBeLessThanOrEqual(1)
    }
  }
  expect(leftovers(instance.config)).toEqual(NONE)
}, 3_600_000)
