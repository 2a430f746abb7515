// UpdateService: what holds at once, what starts a deployment, and what is refused.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { ECS, type EcsWorld, ecsWorld, IN_A, IN_BOTH, WEB } from '#test/ecs-world.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const invalid = (message: string) => refusal('InvalidParameterException', message)

let before: sdk.Service

beforeEach(async () => {
  world = await ecsWorld()
  const { service } = await ask('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    launchType: 'FARGATE',
    networkConfiguration: IN_A,
  })
  before = service!
})

const updated = async (more: object): Promise<sdk.Service> =>
  (await ask('UpdateService', { service: 'web', ...more })).service!
const deploymentsOf = async (): Promise<sdk.ServiceDeploymentBrief[]> =>
  (await ask('ListServiceDeployments', { service: 'web' })).serviceDeployments!

describe('UpdateService', () => {
  it.each([
    { desiredCount: 5 },
    { deploymentConfiguration: { maximumPercent: 150 } },
    { availabilityZoneRebalancing: 'DISABLED' },
    { healthCheckGracePeriodSeconds: 0 },
    { enableECSManagedTags: true },
    { propagateTags: 'TASK_DEFINITION' },
    { placementConstraints: [] },
    { deploymentController: { type: 'ECS' } },
    { platformVersion: 'LATEST' },
    { taskDefinition: `${ECS}:task-definition/web:1` },
    { networkConfiguration: IN_A },
    { loadBalancers: [], serviceRegistries: [] },
  ])('takes %j without a new deployment', async (more) => {
    const after = await updated(more)
    expect(after).toMatchObject(more)
    expect(after.currentServiceDeployment).toBe(before.currentServiceDeployment)
    expect(after.deployments).toHaveLength(1)
    expect(await deploymentsOf()).toHaveLength(1)
  })

  it.each([
    [{ forceNewDeployment: true }, {}],
    [{ networkConfiguration: IN_BOTH }, { networkConfiguration: IN_BOTH }],
    [{ platformVersion: '1.4.0' }, { platformVersion: '1.4.0' }],
    [
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }], forceNewDeployment: true },
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }] },
    ],
  ])('deploys %j', async (more, shown) => {
    const after = await updated(more)
    expect(after).toMatchObject(shown)
    expect(after.currentServiceDeployment).not.toBe(before.currentServiceDeployment)
    expect(after.deployments![0]!.id).not.toBe(before.deployments![0]!.id)
  })

  it('deploys another task definition: the new revision comes first, and knows where it comes from', async () => {
    await ask('RegisterTaskDefinition', WEB)
    const { taskDefinition, deployments, currentServiceRevisions, currentServiceDeployment } = await updated({
      taskDefinition: 'web',
    })
    expect(taskDefinition).toBe(`${ECS}:task-definition/web:2`)
    expect(deployments).toMatchObject([
      {
        status: 'PRIMARY',
        taskDefinition: `${ECS}:task-definition/web:2`,
        desiredCount: 0,
        rolloutState: 'IN_PROGRESS',
      },
      { status: 'ACTIVE', taskDefinition: `${ECS}:task-definition/web:1`, desiredCount: 2 },
    ])
    expect(currentServiceRevisions!.map(({ arn = '' }) => `ecs-svc/${arn.split('/').at(-1)}`)).toEqual(
      deployments!.map(({ id }) => id),
    )
    const { serviceDeployments } = await ask('DescribeServiceDeployments', {
      serviceDeploymentArns: [currentServiceDeployment!],
    })
    expect(serviceDeployments).toMatchObject([
      {
        sourceServiceRevisions: [{ arn: before.currentServiceRevisions![0]!.arn, requestedTaskCount: 2 }],
        targetServiceRevision: { arn: currentServiceRevisions![0]!.arn },
      },
    ])
  })

  it('goes back to the launch type when the strategy is emptied', async () => {
    await updated({ capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }], forceNewDeployment: true })
    const back = await updated({ capacityProviderStrategy: [], forceNewDeployment: true })
    expect(back.launchType).toBe('FARGATE')
    expect(back.capacityProviderStrategy).toBeUndefined()
  })

  it('leaves what it is not told', async () => {
    await updated({ deploymentConfiguration: { maximumPercent: 150 }, desiredCount: 3 })
    expect(await updated({ deploymentConfiguration: { minimumHealthyPercent: 50 } })).toMatchObject({
      desiredCount: 3,
      deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 50, strategy: 'ROLLING' },
    })
  })

  it('can still scale and deploy a service whose task definition was deregistered since', async () => {
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
    expect((await updated({ desiredCount: 3 })).desiredCount).toBe(3)
    expect((await updated({ forceNewDeployment: true })).taskDefinition).toBe(`${ECS}:task-definition/web:1`)
    await expect(updated({ taskDefinition: 'web:1' })).rejects.toEqual(
      refusal('ClientException', 'TaskDefinition is inactive'),
    )
  })

  it.each([
    [
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] },
      'When switching from launch type to capacity provider strategy on an existing service, or making a change to ' +
        'a capacity provider strategy on a service that is already using one, you must force a new deployment.',
    ],
    [
      { healthCheckGracePeriodSeconds: 60 },
      'Health check grace period is only valid for services configured to use load balancers',
    ],
    [
      { enableExecuteCommand: true },
      `The task couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in ` +
        'your task definition and try again.',
    ],
    [{ desiredCount: -1 }, 'desiredCount must be between 0 and 5000.'],
    [
      { deploymentController: { type: 'EXTERNAL' } },
      'The deployment controller of a service can not be changed from ECS to EXTERNAL.',
    ],
    [
      { deploymentConfiguration: { maximumPercent: 100 } },
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    ],
    [
      { deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 } },
      'Availability Zone rebalancing requires a maximumPercent greater than 100.',
    ],
    [{ placementStrategy: [{ type: 'random' }] }, 'Placement strategies are not supported with FARGATE launch type.'],
    [{ networkConfiguration: { awsvpcConfiguration: { subnets: [] } } }, 'subnets can not be empty.'],
  ])('refuses %j and changes nothing', async (more, message) => {
    await expect(updated(more)).rejects.toEqual(invalid(message))
    expect((await ask('DescribeServices', { services: ['web'], include: ['TAGS'] })).services).toEqual([before])
  })

  it.each([
    [{ service: 'none' }, 'ServiceNotFoundException', 'Service not found.'],
    [{ service: 'web', cluster: 'none' }, 'ClusterNotFoundException', 'Cluster not found.'],
    [{ service: 'web', taskDefinition: 'none' }, 'ClientException', 'TaskDefinition not found.'],
  ])('answers to %j: %s', async (input, code, message) => {
    await expect(ask('UpdateService', input)).rejects.toEqual(refusal(code, message))
  })

  it('leaves the deployments of others to others', async () => {
    await ask('CreateService', { serviceName: 'ext', deploymentController: { type: 'EXTERNAL' } })
    const external = (more: object) => ask('UpdateService', { service: 'ext', ...more })
    expect((await external({ desiredCount: 4 })).service?.desiredCount).toBe(4)
    await expect(external({ taskDefinition: 'web' })).rejects.toEqual(
      invalid(
        'Unable to update task definition on services with an EXTERNAL deployment controller. Use CreateTaskSet instead.',
      ),
    )
    await expect(external({ forceNewDeployment: true })).rejects.toEqual(
      invalid(
        'Cannot force a new deployment on services with an EXTERNAL deployment controller. Use CreateTaskSet instead.',
      ),
    )
  })
})
