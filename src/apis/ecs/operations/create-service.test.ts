// CreateService as a caller sees it, before any controller has looked at the service.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ListenerRecord } from '../../elbv2/model/listener.ts'
import type { TargetGroupRecord } from '../../elbv2/model/target-group.ts'
import { listeners, targetGroups } from '../../elbv2/tables.ts'
import { ECS, type EcsWorld, ecsWorld, WEB, WEB_SERVICE } from '#test/ecs-world.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const invalid = (message: string) => refusal('InvalidParameterException', message)

beforeEach(async () => {
  world = await ecsWorld()
})

const web = { ...WEB_SERVICE, desiredCount: 2 } as const

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

  it('answers the same service to the very same request, and refuses any other of that name', async () => {
    const first = await created({ clientToken: 'once' })
    expect(await created({ clientToken: 'once' })).toEqual(first)
    for (const more of [{}, { clientToken: 'twice' }, { clientToken: 'once', desiredCount: 3 }]) {
      await expect(created(more)).rejects.toEqual(invalid('Creation of service was not idempotent.'))
    }
    expect((await created({ serviceName: 'other' })).serviceArn).toBe(`${ECS}:service/default/other`)
  })

  it('puts a revision, and a deployment that is to roll it out, on record', async () => {
    const { currentServiceDeployment = '', currentServiceRevisions = [] } = await created()
    const { serviceDeployments } = await ask('DescribeServiceDeployments', {
      serviceDeploymentArns: [currentServiceDeployment],
    })
    expect(serviceDeployments).toEqual([
      expect.objectContaining({
        status: 'PENDING',
        sourceServiceRevisions: [],
        targetServiceRevision: currentServiceRevisions[0],
        deploymentCircuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 3 },
        alarms: { status: 'DISABLED', alarmNames: [], triggeredAlarmNames: [] },
      }),
    ])
  })

  it('uses a capacity provider strategy in place of a launch type, asked for or the default of the cluster', async () => {
    const strategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }]
    const asked = await created({
      launchType: undefined,
      capacityProviderStrategy: [{ ...strategy[0]!, base: undefined }],
    })
    expect(asked.capacityProviderStrategy).toEqual(strategy)
    expect(asked.launchType).toBeUndefined()
    expect(asked.deployments![0]).toMatchObject({ capacityProviderStrategy: strategy })
    await ask('PutClusterCapacityProviders', {
      cluster: 'default',
      capacityProviders: ['FARGATE_SPOT'],
      defaultCapacityProviderStrategy: strategy,
    })
    const byDefault = await created({ serviceName: 'spot', launchType: undefined })
    expect(byDefault.capacityProviderStrategy).toEqual(strategy)
    expect((await created({ serviceName: 'fargate' })).launchType).toBe('FARGATE')
  })

  it('keeps what it is given', async () => {
    const given = {
      desiredCount: 0,
      availabilityZoneRebalancing: 'DISABLED',
      enableECSManagedTags: true,
      propagateTags: 'SERVICE',
      tags: [{ key: 'team', value: 'a' }],
      platformVersion: '1.4.0',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-d'], assignPublicIp: 'ENABLED' },
      },
    } as const
    expect(await created(given)).toMatchObject(given)
  })

  it('takes a grace period where there is a health check for it', async () => {
    const [app] = WEB.containerDefinitions
    const healthCheck = { command: ['CMD-SHELL', 'true'] }
    await ask('RegisterTaskDefinition', { ...WEB, containerDefinitions: [{ ...app!, healthCheck }] })
    expect((await created({ healthCheckGracePeriodSeconds: 30 })).healthCheckGracePeriodSeconds).toBe(30)
  })

  it('does not rebalance zones where there is no room for one task more', async () => {
    const deploymentConfiguration = { maximumPercent: 100, minimumHealthyPercent: 0 }
    expect((await created({ deploymentConfiguration })).availabilityZoneRebalancing).toBe('DISABLED')
  })

  it('wants no more than a name where someone else deploys', async () => {
    const { service } = await ask('CreateService', { serviceName: 'ext', deploymentController: { type: 'EXTERNAL' } })
    expect(service).toMatchObject({
      status: 'ACTIVE',
      desiredCount: 0,
      deployments: [],
      taskSets: [],
      deploymentController: { type: 'EXTERNAL' },
      deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
    })
    expect(service?.taskDefinition).toBeUndefined()
    expect(service?.currentServiceDeployment).toBeUndefined()
  })

  it.each([
    [{ serviceName: 'a b' }, 'Service name contains invalid characters.'],
    [{ serviceName: 'x'.repeat(256) }, 'Service name contains invalid characters.'],
    [{ serviceName: '' }, 'Service name can not be blank.'],
    [{ clientToken: 'x'.repeat(37) }, 'clientToken must be between 1 and 36 characters.'],
    [{ clientToken: 'a b' }, 'clientToken contains invalid characters.'],
    [{ schedulingStrategy: 'DAEMON' }, 'The DAEMON scheduling strategy is not supported with FARGATE launch type.'],
    [{ desiredCount: undefined }, 'desiredCount must be specified when the scheduling strategy is REPLICA.'],
    [{ desiredCount: -1 }, 'desiredCount must be between 0 and 5000.'],
    [{ desiredCount: 5001 }, 'desiredCount must be between 0 and 5000.'],
    [{ taskDefinition: undefined }, 'TaskDefinition can not be blank.'],
    [
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    ],
    [{ role: 'ecs' }, 'You cannot specify an IAM role for services that require a service linked role.'],
    [
      { deploymentConfiguration: { maximumPercent: 100 } },
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    ],
    [
      {
        deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 },
        availabilityZoneRebalancing: 'ENABLED',
      },
      'Availability Zone rebalancing requires a maximumPercent greater than 100.',
    ],
    [
      { healthCheckGracePeriodSeconds: 2_147_483_648 },
      'healthCheckGracePeriodSeconds must be between 0 and 2147483647.',
    ],
    [
      { healthCheckGracePeriodSeconds: 1 },
      'Health check grace period is only valid for services configured to use load balancers',
    ],
    [
      { placementConstraints: [{ type: 'distinctInstance' }] },
      'Placement constraints are not supported with FARGATE launch type.',
    ],
    [{ placementStrategy: [{ type: 'random' }] }, 'Placement strategies are not supported with FARGATE launch type.'],
    [{ tags: [{ key: 'aws:x', value: '' }] }, `Tag keys starting with 'aws:' are reserved for system use.`],
    [{ launchType: 'EC2' }, 'No Container Instances were found in your cluster.'],
    [{ launchType: undefined }, 'No Container Instances were found in your cluster.'],
    [{ launchType: 'EXTERNAL' }, 'Task definition does not support launch_type EXTERNAL.'],
    [
      { networkConfiguration: undefined },
      `Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
    ],
    [
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-z'] } } },
      'All subnets must be in the same VPC.',
    ],
    [
      { deploymentController: { type: 'CODE_DEPLOY' } },
      'A load balancer must be specified for a service with a CODE_DEPLOY deployment controller.',
    ],
    [
      { deploymentController: { type: 'EXTERNAL' } },
      'taskDefinition can not be specified for a service with an EXTERNAL deployment controller. Use CreateTaskSet.',
    ],
    [
      {
        taskDefinition: undefined,
        launchType: undefined,
        networkConfiguration: undefined,
        deploymentController: { type: 'EXTERNAL' },
        loadBalancers: [{ targetGroupArn: 'x', containerName: 'web', containerPort: 80 }],
      },
      'LoadBalancers must be empty or null.',
    ],
    [
      { enableExecuteCommand: true },
      `The task couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in ` +
        'your task definition and try again.',
    ],
    [
      { monitoring: { metricConfigurations: [{ metricNames: ['CPUUtilization'], resolutionSeconds: 30 }] } },
      'resolutionSeconds must be either 20 or 60.',
    ],
  ])('refuses %j', async (more, message) => {
    await expect(created(more)).rejects.toEqual(invalid(message))
  })

  const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'
  const REGISTRY = 'arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1'
  const ON_80 = { containerName: 'app', containerPort: 80 }

  it.each([
    [[{ targetGroupArn: GROUP, containerPort: 80 }], 'Container Name can not be blank.'],
    [
      [{ targetGroupArn: GROUP, containerName: 'nginx', containerPort: 80 }],
      'The container nginx does not exist in the task definition.',
    ],
    [
      [{ targetGroupArn: GROUP, containerName: 'app', containerPort: 81 }],
      'The container app did not have a container port 81 defined.',
    ],
    [[{ loadBalancerName: 'classic', ...ON_80 }], 'The load balancer classic does not exist.'],
    [Array.from({ length: 6 }, () => ({ targetGroupArn: GROUP, ...ON_80 })), 'loadBalancers can have at most 5 items.'],
    [
      [{ targetGroupArn: GROUP, ...ON_80 }],
      'Unable to assume role and validate the specified targetGroupArn. ' +
        'Please verify that the ECS service role being passed has the proper permissions.',
    ],
  ])('refuses the load balancers %j', async (loadBalancers, message) => {
    await expect(created({ loadBalancers })).rejects.toEqual(invalid(message))
  })

  it('knows the target groups of Elastic Load Balancing', async () => {
    const attached = () => created({ loadBalancers: [{ targetGroupArn: GROUP, ...ON_80 }] })
    const { scope, store } = world.call
    const group = (targetType: 'ip' | 'instance') =>
      store.write((tx) =>
        tx.put(targetGroups, { arn: GROUP, scope, name: 'web', targetType } as unknown as TargetGroupRecord),
      )
    await group('instance')
    await expect(attached()).rejects.toEqual(
      invalid(
        `The provided target group ${GROUP} has target type instance, which is incompatible with the awsvpc network ` +
          'mode specified in the task definition.',
      ),
    )
    await group('ip')
    await expect(attached()).rejects.toEqual(
      invalid(`The target group with targetGroupArn ${GROUP} does not have an associated load balancer.`),
    )
    const spec = {
      defaultActions: [{ type: 'forward', targetGroups: [{ arn: GROUP, weight: 1 }] }],
      certificateArns: [],
    }
    await store.write((tx) =>
      tx.put(listeners, { arn: 'l', scope, loadBalancerArn: 'b', spec } as unknown as ListenerRecord),
    )
    expect((await attached()).loadBalancers).toEqual([{ targetGroupArn: GROUP, ...ON_80 }])
  })

  it.each([
    [{ registryArn: 'srv-1' }, 'The format of the supplied service registry ARN is invalid: srv-1.'],
    [
      { registryArn: REGISTRY, port: 80, ...ON_80 },
      `Specify a value for either 'port' or the 'containerName' and 'containerPort' combination, but not both. ` +
        'Remove one and retry.',
    ],
    [{ registryArn: REGISTRY }, `The service registry ${REGISTRY} does not exist.`],
  ])('refuses the service registry %j', async (registry, message) => {
    await expect(created({ serviceRegistries: [registry] })).rejects.toEqual(invalid(message))
  })

  it.each([
    ['ClientException', 'TaskDefinition not found.', { taskDefinition: 'nothing' }],
    ['ClusterNotFoundException', 'Cluster not found.', { cluster: 'nothing' }],
    ['PlatformUnknownException', 'The specified platform does not exist.', { platformVersion: '9.9' }],
    [
      'NamespaceNotFoundException',
      'The specified namespace was not found.',
      { serviceConnectConfiguration: { enabled: true, namespace: 'internal' } },
    ],
    [
      'UnsupportedFeatureException',
      'Neargate does not support gateway connectors.',
      { gatewayConnectors: [{ gatewayConnectorArn: 'arn:aws:ecs:us-east-1:1:gateway-connector/x' }] },
    ],
  ])('answers %s: %s', async (code, message, more) => {
    await expect(created(more)).rejects.toEqual(refusal(code, message))
  })

  it('leaves nothing behind when it refuses', async () => {
    await expect(created({ networkConfiguration: undefined })).rejects.toThrow('Network Configuration')
    expect(await ask('ListServices', {})).toEqual({ serviceArns: [] })
  })
})
