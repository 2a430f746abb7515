// RunTask as a caller sees it; what it refuses is in run-task-refusals.test.ts.

import { describe, expect, it } from 'vitest'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { ask, call, EU, one, ROLE, started, WEB } from '#test/task-calls.ts'
import { taskByArn } from '../tables.ts'

describe('RunTask', () => {
  it('answers a task in PROVISIONING whose interface is PRECREATED and whose containers are PENDING', async () => {
    const task = await one()
    expect(task).toMatchObject({
      taskArn: expect.stringMatching(new RegExp(`^${EU}:task/default/[0-9a-f]{32}$`)),
      taskDefinitionArn: `${EU}:task-definition/web:1`,
      clusterArn: `${EU}:cluster/default`,
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      healthStatus: 'UNKNOWN',
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      group: 'family:web',
      cpu: '256',
      memory: '512',
      version: 1,
      createdAt: call.clock.now(),
      availabilityZone: 'eu-west-1a',
      attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
      attachments: [
        {
          type: 'ElasticNetworkInterface',
          status: 'PRECREATED',
          details: [{ name: 'subnetId', value: 'subnet-a' }],
        },
      ],
      ephemeralStorage: { sizeInGiB: 20 },
      overrides: { containerOverrides: [{ name: 'app' }, { name: 'side' }], inferenceAcceleratorOverrides: [] },
      containers: [
        { name: 'app', image: 'nginx:1', lastStatus: 'PENDING', cpu: '0', networkInterfaces: [] },
        { name: 'side', cpu: '10', memory: '64', memoryReservation: '32' },
      ],
    })
    expect(task.containers?.[0]?.runtimeId).toBeUndefined()
    expect(task.containers?.[0]?.containerArn).toMatch(
      new RegExp(`^${EU}:container/default/[0-9a-f]{32}/[0-9a-f-]{36}$`),
    )
  })

  it('gives a task without security groups the default one of its VPC', async () => {
    const { taskArn } = await one()
    const row = await call.store.read((reader) => taskByArn(reader, taskArn as never))
    expect(row?.spec).toMatchObject({ subnets: ['subnet-a'], securityGroups: ['sg-d'], assignPublicIp: false })
  })

  it('spreads the tasks of one request over the subnets', async () => {
    const both = { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'] } }
    const zones = (await started({ count: 4, networkConfiguration: both })).map((task) => task.availabilityZone)
    expect(zones.filter((zone) => zone === 'eu-west-1a')).toHaveLength(2)
    expect(zones.filter((zone) => zone === 'eu-west-1b')).toHaveLength(2)
  })

  it('takes overrides of containers and of the task, and shows them', async () => {
    const task = await one({
      overrides: {
        cpu: '.5 vCPU',
        memory: '1GB',
        ephemeralStorage: { sizeInGiB: 30 },
        containerOverrides: [{ name: 'app', command: ['sh'], environment: [{ name: 'B', value: '2' }], memory: 128 }],
      },
    })
    expect(task).toMatchObject({
      cpu: '512',
      memory: '1024',
      ephemeralStorage: { sizeInGiB: 30 },
      overrides: {
        cpu: '512',
        memory: '1024',
        containerOverrides: [
          { name: 'app', command: ['sh'], environment: [{ name: 'B', value: '2' }], memory: 128 },
          { name: 'side' },
        ],
      },
      containers: [{ name: 'app', memory: '128' }, { name: 'side' }],
    })
  })

  it('marks tasks with their own tags, those of the definition, and those that ECS manages', async () => {
    await ask('RegisterTaskDefinition', {
      ...WEB,
      tags: [
        { key: 'team', value: 'a' },
        { key: 'env', value: 'test' },
      ],
    })
    const task = await one({
      tags: [{ key: 'team', value: 'b' }],
      propagateTags: 'TASK_DEFINITION',
      enableECSManagedTags: true,
    })
    expect(task.tags).toEqual([
      { key: 'aws:ecs:clusterName', value: 'default' },
      { key: 'team', value: 'b' },
      { key: 'env', value: 'test' },
    ])
  })

  it('places tasks by a capacity provider strategy: the base first, then by weight', async () => {
    const strategy = [
      { capacityProvider: 'FARGATE', base: 1, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', weight: 3 },
    ]
    const placed = await started({ launchType: undefined, capacityProviderStrategy: strategy, count: 9 })
    const providers = placed.map((task) => task.capacityProviderName)
    expect(providers.filter((name) => name === 'FARGATE')).toHaveLength(3)
    expect(providers.filter((name) => name === 'FARGATE_SPOT')).toHaveLength(6)
    expect(placed[0]?.launchType).toBe('FARGATE')
  })

  it('uses the default strategy of the cluster where the request names neither', async () => {
    await ask('CreateCluster', {
      clusterName: 'spot',
      capacityProviders: ['FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    })
    expect((await one({ cluster: 'spot', launchType: undefined })).capacityProviderName).toBe('FARGATE_SPOT')
  })

  describe('with a client token', () => {
    const clientToken = 'once'

    it('starts nothing twice for the same request', async () => {
      const first = await one({ clientToken })
      expect((await one({ clientToken })).taskArn).toBe(first.taskArn)
      expect((await one()).taskArn).not.toBe(first.taskArn)
    })

    it('refuses another request, and says which tasks the token started', async () => {
      const { taskArn } = await one({ clientToken })
      await expect(one({ clientToken, count: 2 })).rejects.toMatchObject({
        code: 'ConflictException',
        members: { resourceIds: [taskArn] },
      })
    })

    it('forgets it after a day', async () => {
      const first = await one({ clientToken })
      await (call.clock as SimulatedClock).advance(24 * 3600)
      expect((await one({ clientToken, startedBy: 'me' })).taskArn).not.toBe(first.taskArn)
    })
  })

  it('takes ECS Exec with a task role given in the request', async () => {
    const task = await one({ enableExecuteCommand: true, overrides: { taskRoleArn: ROLE } })
    expect(task).toMatchObject({ enableExecuteCommand: true, overrides: { taskRoleArn: ROLE } })
  })
})
