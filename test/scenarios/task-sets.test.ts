// Goal: a service that someone else deploys has in each task set its share of the desired count, and each tells when it
// has come to rest.
// Method: the calls that an external deployer makes, in simulated time.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html

import { beforeEach, expect, it } from 'vitest'
import type { TaskSet } from '@aws-sdk/client-ecs'
import { ServiceWorld, SUBNETS } from './service-world.ts'

let world: ServiceWorld

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
  await world.ask('CreateService', {
    serviceName: 'web',
    desiredCount: 4,
    deploymentController: { type: 'EXTERNAL' },
  } as never)
})

const taskSet = async (scale: number): Promise<TaskSet> => {
  const { taskSet: made } = await world.ask('CreateTaskSet', {
    cluster: 'default',
    service: 'web',
    taskDefinition: await world.app(),
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: SUBNETS } },
    scale: { unit: 'PERCENT', value: scale },
  } as never)
  if (made === undefined) throw new Error('no task set was made')
  return made
}

const shown = async (): Promise<string[]> =>
  ((await world.described()).taskSets ?? []).map(
    ({ status, computedDesiredCount, runningCount, stabilityStatus }) =>
      `${status} ${runningCount}/${computedDesiredCount} ${stabilityStatus}`,
  )

it('goes from one task set to another by their scales', async () => {
  const blue = await taskSet(100)
  await world.advance(60)
  await world.ask('UpdateServicePrimaryTaskSet', {
    cluster: 'default',
    service: 'web',
    primaryTaskSet: blue.taskSetArn,
  } as never)
  const green = await taskSet(50)
  await world.advance(60)
  expect((await shown()).toSorted()).toEqual(['ACTIVE 2/2 STEADY_STATE', 'PRIMARY 4/4 STEADY_STATE'])

  for (const [set, value] of [
    [green, 100],
    [blue, 0],
  ] as const) {
    await world.ask('UpdateTaskSet', {
      cluster: 'default',
      service: 'web',
      taskSet: set.taskSetArn,
      scale: { unit: 'PERCENT', value },
    } as never)
  }
  await world.ask('UpdateServicePrimaryTaskSet', {
    cluster: 'default',
    service: 'web',
    primaryTaskSet: green.taskSetArn,
  } as never)
  await world.advance(60)
  expect((await shown()).toSorted()).toEqual(['ACTIVE 0/0 STEADY_STATE', 'PRIMARY 4/4 STEADY_STATE'])

  await world.ask('DeleteTaskSet', { cluster: 'default', service: 'web', taskSet: blue.taskSetArn } as never)
  await world.advance(60)
  expect(await shown()).toEqual(['PRIMARY 4/4 STEADY_STATE'])
})

it('replaces what ends, and follows the desired count', async () => {
  await taskSet(100)
  await world.advance(60)
  world.crashTask((await world.live())[0])
  await world.advance(60)
  expect(await shown()).toEqual(['ACTIVE 4/4 STEADY_STATE'])
  await world.ask('UpdateService', { service: 'web', desiredCount: 1 } as never)
  await world.advance(60)
  expect(await shown()).toEqual(['ACTIVE 1/1 STEADY_STATE'])
})

it('is gone with all its tasks when the service is deleted by force', async () => {
  await taskSet(100)
  await world.advance(60)
  await world.ask('DeleteService', { service: 'web', force: true } as never)
  await world.advance(60)
  expect(await world.live()).toEqual([])
  expect((await world.described()).status).toBe('INACTIVE')
})
