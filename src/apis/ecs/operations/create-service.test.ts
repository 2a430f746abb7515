// CreateService and DescribeServices as a caller sees them, before any controller has looked at the service.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { ECS, type EcsWorld, ecsWorld, IN_A } from '#test/ecs-world.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const refusal = (code: string, message: string) => expect.objectContaining({ code, message })

beforeEach(async () => {
  world = await ecsWorld()
})

const web = {
  serviceName: 'web',
  taskDefinition: 'web',
  desiredCount: 2,
  launchType: 'FARGATE',
  networkConfiguration: IN_A,
} as const

const created = async (more: object = {}): Promise<sdk.Service> =>
  (await ask('CreateService', { ...web, ...more })).service!

describe('CreateService', () => {
  it('answers the service with every default filled in, and its first deployment in progress', async () => {
    const service = await created()
    const now = world.call.clock.now()
    const [deployment] = service.deployments!
    const id = deployment!.id!.replace('ecs-svc/', '')
    const network = { awsvpcConfiguration: { subnets: ['subnet-a'], securityGroups: [], assignPublicIp: 'DISABLED' } }
    expect(id).toMatch(/^\d{19}$/)
    expect(service).toEqual({
      serviceArn: `${ECS}:service/default/web`,
      serviceName: 'web',
      clusterArn: `${ECS}:cluster/default`,
      loadBalancers: [],
      serviceRegistries: [],
      status: 'ACTIVE',
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      platformFamily: 'Linux',
      taskDefinition: `${ECS}:task-definition/web:1`,
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: false, rollback: false },
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: 'ROLLING',
        bakeTimeInMinutes: 0,
      },
      taskSets: [],
      deployments: [
        {
          id: `ecs-svc/${id}`,
          status: 'PRIMARY',
          taskDefinition: `${ECS}:task-definition/web:1`,
          desiredCount: 2,
          pendingCount: 0,
          runningCount: 0,
          failedTasks: 0,
          createdAt: now,
          updatedAt: now,
          launchType: 'FARGATE',
          platformVersion: '1.4.0',
          platformFamily: 'Linux',
          networkConfiguration: network,
          rolloutState: 'IN_PROGRESS',
          rolloutStateReason: `ECS deployment ecs-svc/${id} in progress.`,
        },
      ],
      roleArn: 'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
      events: [],
      createdAt: now,
      currentServiceDeployment: expect.stringMatching(
        new RegExp(`^${ECS}:service-deployment/default/web/[A-Za-z0-9]{21}$`),
      ),
      currentServiceRevisions: [
        {
          arn: `${ECS}:service-revision/default/web/${id}`,
          requestedTaskCount: 2,
          runningTaskCount: 0,
          pendingTaskCount: 0,
        },
      ],
      placementConstraints: [],
      placementStrategy: [],
      networkConfiguration: network,
      healthCheckGracePeriodSeconds: 0,
      schedulingStrategy: 'REPLICA',
      deploymentController: { type: 'ECS' },
      tags: [],
      createdBy: 'arn:aws:iam::123456789012:root',
      enableECSManagedTags: false,
      propagateTags: 'NONE',
      enableExecuteCommand: false,
      availabilityZoneRebalancing: 'ENABLED',
      resourceManagementType: 'CUSTOMER',
    })
  })

  it('refuses a second service of that name, unless the very same is asked for again', async () => {
    const first = await created({ clientToken: 'once' })
    expect(await created({ clientToken: 'once' })).toEqual(first)
    for (const more of [{}, { clientToken: 'twice' }, { clientToken: 'once', desiredCount: 3 }]) {
      await expect(created(more)).rejects.toEqual(
        refusal('InvalidParameterException', 'Creation of service was not idempotent.'),
      )
    }
  })
})
