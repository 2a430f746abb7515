// Goal: an INACTIVE service is described for an hour, and then nothing of it is left.
// Method: the reaper on a store in memory, in simulated time; the service comes from ECS's own operations.

import { expect, it } from 'vitest'
import { serviceByArn, serviceDeployments, serviceEvents, serviceRevisions, services } from '#apis/ecs/tables.ts'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { ECS, type EcsWorld, ecsWorld, IN_A } from '#test/ecs-world.ts'
import { Reaper } from './controller.ts'

const HOUR = 3600

const created = async ({ ask }: EcsWorld, serviceName: string): Promise<void> => {
  await ask('CreateService', {
    serviceName,
    taskDefinition: 'web',
    desiredCount: 0,
    launchType: 'FARGATE',
    networkConfiguration: IN_A,
  })
}

it('forgets an inactive service an hour later, with its events, revisions and deployments', async () => {
  const world = await ecsWorld()
  const { store, log, settings } = world.call
  const clock = world.call.clock as SimulatedClock
  const stop = new AbortController()
  const running = new Reaper({ store, clock, log, settings }).run(stop.signal)
  await created(world, 'gone')
  await created(world, 'stays')
  await store.write(async (tx) => {
    const service = (await serviceByArn(tx, `${ECS}:service/default/gone` as never))!
    const inactiveAt = clock.now().toISOString()
    const event = { serviceArn: service.arn, number: 1, id: 'e', createdAt: inactiveAt, message: 'gone' }
    await tx.put(serviceEvents, event)
    await tx.put(services, { ...service, status: { ...service.status, state: 'INACTIVE', inactiveAt } })
  })
  const described = async () =>
    (await world.ask('DescribeServices', { services: ['gone', 'stays'] })).services!.map(({ status }) => status)

  await clock.advance(HOUR - 120)
  expect(await described()).toEqual(['INACTIVE', 'ACTIVE'])
  await clock.advance(300)
  expect(await described()).toEqual(['ACTIVE'])
  const left = await store.read(async (reader) => ({
    events: await reader.count(serviceEvents),
    revisions: await reader.count(serviceRevisions),
    deployments: await reader.count(serviceDeployments),
  }))
  expect(left).toEqual({ events: 0, revisions: 1, deployments: 1 })
  stop.abort()
  await running
})

it('keeps a deleted task definition while a service may start tasks from it', async () => {
  const world = await ecsWorld()
  const { store, log, settings } = world.call
  const clock = world.call.clock as SimulatedClock
  const stop = new AbortController()
  const running = new Reaper({ store, clock, log, settings }).run(stop.signal)
  await created(world, 'web')
  await world.ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
  await world.ask('DeleteTaskDefinitions', { taskDefinitions: ['web:1'] })
  await clock.advance(2 * HOUR)
  const { taskDefinition } = await world.ask('DescribeTaskDefinition', { taskDefinition: 'web:1' })
  expect(taskDefinition?.status).toBe('DELETE_IN_PROGRESS')
  stop.abort()
  await running
})
