// Task sets as a caller sees them, in a service whose deployments someone else controls.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { ECS, type EcsWorld, ecsWorld, IN_A } from '#test/ecs-world.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const invalid = (message: string) => refusal('InvalidParameterException', message)
const IN = { cluster: 'default', service: 'ext' }

beforeEach(async () => {
  world = await ecsWorld()
  await ask('CreateService', { serviceName: 'ext', desiredCount: 5, deploymentController: { type: 'EXTERNAL' } })
})

const made = async (more: object = {}): Promise<sdk.TaskSet> =>
  (
    await ask('CreateTaskSet', {
      ...IN,
      taskDefinition: 'web',
      launchType: 'FARGATE',
      networkConfiguration: IN_A,
      ...more,
    })
  ).taskSet!
const sets = async (more: object = {}): Promise<sdk.TaskSet[]> =>
  (await ask('DescribeTaskSets', { ...IN, ...more })).taskSets!

describe('CreateTaskSet', () => {
  it('answers a task set that is to be brought to its share', async () => {
    const set = await made({ scale: { unit: 'PERCENT', value: 50 }, externalId: 'blue' })
    const now = world.call.clock.now()
    expect(set.id).toMatch(/^ecs-svc\/\d{19}$/)
    expect(set).toEqual({
      id: set.id,
      taskSetArn: `${ECS}:task-set/default/ext/${set.id}`,
      serviceArn: `${ECS}:service/default/ext`,
      clusterArn: `${ECS}:cluster/default`,
      externalId: 'blue',
      status: 'ACTIVE',
      taskDefinition: `${ECS}:task-definition/web:1`,
      // Half of five, rounded up.
      computedDesiredCount: 3,
      pendingCount: 0,
      runningCount: 0,
      createdAt: now,
      updatedAt: now,
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-a'], securityGroups: [], assignPublicIp: 'DISABLED' },
      },
      loadBalancers: [],
      serviceRegistries: [],
      scale: { unit: 'PERCENT', value: 50 },
      stabilityStatus: 'STABILIZING',
      stabilityStatusAt: now,
      tags: [],
    })
  })

  it('scales to nothing where no scale is given, and is shown with its service', async () => {
    const set = await made()
    expect(set).toMatchObject({ scale: { unit: 'PERCENT', value: 0 }, computedDesiredCount: 0 })
    const { services } = await ask('DescribeServices', { services: ['ext'] })
    expect(services![0]).toMatchObject({ deployments: [], taskSets: [{ id: set.id, status: 'ACTIVE' }] })
  })

  it('makes nothing twice for the same token', async () => {
    const set = await made({ clientToken: 'once' })
    expect(await made({ clientToken: 'once' })).toEqual(set)
    await expect(made({ clientToken: 'once', externalId: 'other' })).rejects.toEqual(
      invalid('Creation of task set was not idempotent.'),
    )
    expect(await sets()).toHaveLength(1)
  })

  it.each([
    ['InvalidParameterException', 'The value of scale must be between 0 and 100.', { scale: { value: 101 } }],
    [
      'InvalidParameterException',
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
    ],
    [
      'InvalidParameterException',
      `Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
      { networkConfiguration: undefined },
    ],
    ['ClientException', 'TaskDefinition not found.', { taskDefinition: 'none' }],
    ['ServiceNotFoundException', 'Service not found.', { service: 'none' }],
    ['ClusterNotFoundException', 'Cluster not found.', { cluster: 'none' }],
  ])('answers %s: %s', async (code, message, more) => {
    await expect(made(more)).rejects.toEqual(refusal(code, message))
  })

  it('is not for services that ECS deploys, nor for one more than five', async () => {
    await ask('CreateService', {
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 0,
      launchType: 'FARGATE',
      networkConfiguration: IN_A,
    })
    await expect(made({ service: 'web' })).rejects.toEqual(
      invalid('Task sets can not be created in services with the ECS deployment controller.'),
    )
    for (let i = 0; i < 5; i++) await made()
    const balancer = { targetGroupArn: 'x', containerName: 'app', containerPort: 80 }
    await expect(made({ loadBalancers: [balancer, balancer] })).rejects.toEqual(
      invalid('CreateTaskSet cannot have more than 1 load balancer.'),
    )
    await expect(made()).rejects.toEqual(
      invalid('5 deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.'),
    )
  })
})

describe('a task set', () => {
  it('is scaled, made the primary one, and drained', async () => {
    const [blue, green] = [await made({ scale: { value: 100 } }), await made()]
    const taskSet = green.taskSetArn!
    await ask('UpdateServicePrimaryTaskSet', { ...IN, primaryTaskSet: blue.id! })
    const { taskSet: scaled } = await ask('UpdateTaskSet', { ...IN, taskSet, scale: { value: 20, unit: 'PERCENT' } })
    expect(scaled?.computedDesiredCount).toBe(1)
    const { taskSet: primary } = await ask('UpdateServicePrimaryTaskSet', { ...IN, primaryTaskSet: taskSet })
    expect(primary?.status).toBe('PRIMARY')
    expect((await sets({ taskSets: [blue.id!] }))[0]?.status).toBe('ACTIVE')

    await expect(ask('DeleteTaskSet', { ...IN, taskSet: blue.id! })).rejects.toEqual(
      invalid('The task set cannot be deleted while it is scaled above 0.'),
    )
    const { taskSet: draining } = await ask('DeleteTaskSet', { ...IN, taskSet: blue.id!, force: true })
    expect(draining).toMatchObject({ status: 'DRAINING', computedDesiredCount: 0 })
    await expect(ask('UpdateTaskSet', { ...IN, taskSet: blue.id!, scale: { value: 1 } })).rejects.toEqual(
      invalid('The specified task set is draining.'),
    )
  })

  it('is found by its id and its ARN, with tags where they are asked for', async () => {
    const { id = '', taskSetArn = '' } = await made({ tags: [{ key: 'team', value: 'a' }] })
    await ask('TagResource', { resourceArn: taskSetArn, tags: [{ key: 'stage', value: 'test' }] })
    expect((await sets({ taskSets: [id] }))[0]?.tags).toBeUndefined()
    expect((await sets({ taskSets: [taskSetArn], include: ['TAGS'] }))[0]?.tags).toEqual([
      { key: 'team', value: 'a' },
      { key: 'stage', value: 'test' },
    ])
  })

  it('that is not there is missing, or not found', async () => {
    const none = 'ecs-svc/1234567890123456789'
    expect(await ask('DescribeTaskSets', { ...IN, taskSets: [none, 'x'] })).toEqual({
      taskSets: [],
      failures: [
        { arn: `${ECS}:task-set/default/ext/${none}`, reason: 'MISSING' },
        { arn: 'x', reason: 'MISSING' },
      ],
    })
    await expect(ask('UpdateTaskSet', { ...IN, taskSet: none, scale: { value: 1 } })).rejects.toEqual(
      refusal('TaskSetNotFoundException', 'The specified task set was not found.'),
    )
  })
})
