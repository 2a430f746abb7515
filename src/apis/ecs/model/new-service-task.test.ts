// What a service's task carries from its birth.

import { expect, it } from 'vitest'
import { ECS, type EcsWorld, ecsWorld, IN_BOTH, newTaskOf, WEB } from '#test/ecs-world.ts'
import { taskCounts, tasks } from '../tables.ts'
import { advanced } from './task.ts'

const taskOf = (world: EcsWorld) => newTaskOf(world, 'web', 'subnet-b')

const created = async (more: object = {}): Promise<EcsWorld> => {
  const world = await ecsWorld()
  await world.ask('RegisterTaskDefinition', { ...WEB, tags: [{ key: 'from', value: 'definition' }] })
  const web = { serviceName: 'web', taskDefinition: 'web', desiredCount: 1, launchType: 'FARGATE' } as const
  await world.ask('CreateService', {
    ...web,
    networkConfiguration: IN_BOTH,
    tags: [{ key: 'from', value: 'service' }],
    ...more,
  })
  return world
}

it('is of the service, started by its deployment, in the subnet that was chosen', async () => {
  const task = await taskOf(await created())
  expect(task).toMatchObject({
    spec: {
      group: 'service:web',
      startedBy: expect.stringMatching(/^ecs-svc\/\d{19}$/),
      taskDefinitionArn: `${ECS}:task-definition/web:2`,
      platformVersion: '1.4.0',
      tags: [],
    },
    status: { availabilityZone: 'eu-west-1b', lastStatus: 'PROVISIONING' },
    owner: { serviceArn: `${ECS}:service/default/web`, revisionArn: expect.stringContaining('service-revision') },
  })
})

it.each([
  [{ propagateTags: 'SERVICE' }, [{ key: 'from', value: 'service' }]],
  [{ propagateTags: 'TASK_DEFINITION' }, [{ key: 'from', value: 'definition' }]],
  [
    { enableECSManagedTags: true },
    [
      { key: 'aws:ecs:clusterName', value: 'default' },
      { key: 'aws:ecs:serviceName', value: 'web' },
    ],
  ],
])('is tagged as %j says', async (more, tags) => {
  expect((await taskOf(await created(more))).spec.tags).toEqual(tags)
})

it('is counted by its service as pending, then as running, then no more', async () => {
  const world = await created()
  const task = await taskOf(world)
  const counts = async (row: typeof task) => {
    await world.call.store.write((tx) => tx.put(tasks, row))
    const { services } = await world.ask('DescribeServices', { services: ['web'] })
    expect(await world.call.store.read((reader) => taskCounts(reader, task.owner!.revisionArn!))).toEqual({
      running: services![0]!.runningCount,
      pending: services![0]!.pendingCount,
    })
    return [services![0]!.pendingCount, services![0]!.runningCount]
  }
  expect(await counts(task)).toEqual([1, 0])
  expect(await counts(advanced(task, { lastStatus: 'ACTIVATING' }))).toEqual([1, 0])
  expect(await counts(advanced(task, { lastStatus: 'RUNNING' }))).toEqual([0, 1])
  expect(await counts(advanced(task, { lastStatus: 'STOPPING' }))).toEqual([0, 0])
})
