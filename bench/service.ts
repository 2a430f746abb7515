// Services: from nothing to many healthy tasks, a rolling replacement and its minimum (real containers); a thousand idle
// tasks, a hundred thousand on record, and a start with ten thousand on disk (the fake engine, in this process).

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CreateServiceResponse, DescribeServicesResponse, Service } from '@aws-sdk/client-ecs'
import { systemClock } from '#base/clock.ts'
import { IMAGE, type Instance, startInstance } from '#test/instance.ts'
import { FakeHost } from './fake-host.ts'
import { percentile } from './statistics.ts'

const number = (args: readonly string[], name: string, fallback: number): number => {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(args[at + 1])
}

/** Healthy within a second of its start, so that a rolling deployment need not wait 40 s for each step. */
const CHECK = { command: ['CMD-SHELL', 'true'], interval: 5, timeout: 2, retries: 3 }

const register = (instance: Instance): Promise<unknown> =>
  instance.client.aws('ecs', 'RegisterTaskDefinition', {
    family: 'bench-service',
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      { name: 'main', image: IMAGE, command: ['sleep', '100000'], stopTimeout: 2, healthCheck: CHECK },
    ],
  })

const described = async (instance: Instance, name: string): Promise<Service> => {
  const answer = await instance.client.aws<DescribeServicesResponse>('ecs', 'DescribeServices', { services: [name] })
  const [service] = answer.services ?? []
  if (service === undefined) throw new Error(`there is no service ${name}`)
  return service
}

const create = (instance: Instance, name: string, desiredCount: number): Promise<CreateServiceResponse> =>
  instance.client.aws<CreateServiceResponse>('ecs', 'CreateService', {
    serviceName: name,
    taskDefinition: 'bench-service',
    desiredCount,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 },
  })

const remove = async (instance: Instance, name: string): Promise<void> => {
  await instance.client.aws('ecs', 'DeleteService', { service: name, force: true })
  while ((await described(instance, name)).status !== 'INACTIVE') await systemClock.sleep(0.2)
}

const POLL_SECONDS = 0.1

const grow = async (instance: Instance, tasks: number): Promise<void> => {
  const began = performance.now()
  await create(instance, 'grow', tasks)
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(1)
  while ((await described(instance, 'grow')).runningCount !== tasks) await systemClock.sleep(POLL_SECONDS)
  console.log(`\n0 → ${tasks} tasks: all RUNNING after ${seconds()} s`)
  // Steady is told when every health check has been passed.
  while ((await described(instance, 'grow')).deployments?.[0]?.rolloutState !== 'COMPLETED') {
    await systemClock.sleep(POLL_SECONDS)
  }
  console.log(`  all healthy, deployment COMPLETED, after ${seconds()} s`)
  await remove(instance, 'grow')
}

const roll = async (instance: Instance, tasks: number): Promise<void> => {
  await create(instance, 'roll', tasks)
  while ((await described(instance, 'roll')).deployments?.[0]?.rolloutState !== 'COMPLETED') {
    await systemClock.sleep(POLL_SECONDS)
  }
  const began = performance.now()
  await instance.client.aws('ecs', 'UpdateService', { service: 'roll', forceNewDeployment: true })
  const seen = { least: tasks, most: tasks, looks: 0 }
  for (;;) {
    const { deployments = [], runningCount = 0, pendingCount = 0 } = await described(instance, 'roll')
    seen.least = Math.min(seen.least, runningCount)
    seen.most = Math.max(seen.most, runningCount + pendingCount)
    seen.looks++
    if (deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED') break
    await systemClock.sleep(0.02)
  }
  const took = (performance.now() - began) / 1000
  console.log(
    `\nRolling replacement of ${tasks} tasks at 100/150: ${took.toFixed(1)} s; ${seen.least} running at least, ${seen.most} running and pending at most (${seen.looks} looks)`,
  )
  await remove(instance, 'roll')
}

const idle = async (tasks: number, seconds: number): Promise<void> => {
  const host = await new FakeHost().begin()
  await host.create('idle', tasks)
  await host.running(tasks)
  await systemClock.sleep(10)
  const before = process.cpuUsage()
  const began = performance.now()
  await systemClock.sleep(seconds)
  const used = process.cpuUsage(before)
  const share = (used.user + used.system) / 1000 / (performance.now() - began)
  console.log(
    `\n${tasks} idle tasks on the fake engine: ${(share * 100).toFixed(2)} % of a core for the controllers, over ${seconds} s`,
  )
  await host.end()
}

const many = async (tasks: number): Promise<void> => {
  const host = await new FakeHost().begin()
  const arns = await host.record(tasks)
  globalThis.gc?.()
  const resident = process.memoryUsage().rss / 2 ** 20
  const samples: number[] = []
  for (let round = 0; round < 300; round++) {
    const some = Array.from({ length: 100 }, (_, at) => arns[(round * 317 + at * 31) % arns.length] ?? '')
    const began = performance.now()
    const answer = await host.describe(some)
    JSON.stringify(answer)
    samples.push(performance.now() - began)
  }
  console.log(
    `\n${tasks} tasks on record: DescribeTasks(100) with its JSON p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(samples, 0.99).toFixed(1)} ms; this whole process ${resident.toFixed(0)} MiB`,
  )
  await host.end()
}

const start = async (tasks: number): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'neargate-bench-service-'))
  try {
    const host = await new FakeHost({ folder }).begin()
    await host.record(tasks, { running: true })
    await host.stop()
    const began = performance.now()
    await host.start()
    const opened = performance.now()
    const seen = await host.describeServices(['model'])
    const answered = performance.now()
    await host.quiet()
    console.log(
      `\nStart with ${tasks} tasks on disk: store open and controllers started after ${(opened - began).toFixed(0)} ms, first answer (${seen} of a service) after ${(answered - began).toFixed(0)} ms, everything compared after ${(performance.now() - began).toFixed(0)} ms`,
    )
    await host.end()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Options: --grow N (200), --roll N (100), --idle N (1000), --many N (100000), --start N (10000). Zero leaves out. */
export const run = async (args: readonly string[]): Promise<void> => {
  const [growing, rolling] = [number(args, 'grow', 200), number(args, 'roll', 100)]
  if (growing + rolling > 0) {
    // Health checks and images are those of a laptop; the pool must not be what is measured.
    const instance = await startInstance({ flags: ['--cpu-overcommit', '1000', '--memory-overcommit', '1000'] })
    try {
      await register(instance)
      if (growing > 0) await grow(instance, growing)
      if (rolling > 0) await roll(instance, rolling)
    } finally {
      await instance.down()
    }
  }
  const [idling, recorded, onDisk] = [
    number(args, 'idle', 1000),
    number(args, 'many', 100_000),
    number(args, 'start', 10_000),
  ]
  if (idling > 0) await idle(idling, number(args, 'seconds', 20))
  if (recorded > 0) await many(recorded)
  if (onDisk > 0) await start(onDisk)
}
