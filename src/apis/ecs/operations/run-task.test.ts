// RunTask, StopTask and DescribeTasks as a caller sees them.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { Call } from '#aws/operation.ts'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { type EcsWorld, ecsWorld, IN_A } from '#test/ecs-world.ts'
import { refusal } from '#test/refusal.ts'
import { securityGroups } from '../../ec2/tables.ts'
import { advanced } from '../model/task.ts'
import { taskByArn, tasks } from '../tables.ts'

let world: EcsWorld
let call: Call
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)

const EU = 'arn:aws:ecs:eu-west-1:123456789012'
const ROLE = 'arn:aws:iam::123456789012:role/task'
const WEB = {
  family: 'web',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    { name: 'app', image: 'nginx:1', environment: [{ name: 'A', value: '1' }] },
    { name: 'side', image: 'envoy:1', essential: false, cpu: 10, memory: 64, memoryReservation: 32 },
  ],
}
const web = { taskDefinition: 'web', launchType: 'FARGATE', networkConfiguration: IN_A } as const

beforeEach(async () => {
  world = await ecsWorld((by) => by('RegisterTaskDefinition', WEB))
  call = world.call
  const row = { id: 'sg-w', scope: call.scope, vpcId: 'vpc-1', name: 'web', description: '', rules: [], tags: [] }
  await call.store.write((tx) => tx.put(securityGroups, row))
})

const started = async (more: object = {}): Promise<sdk.Task[]> =>
  (await ask('RunTask', { ...web, ...more })).tasks ?? []
const one = async (more: object = {}): Promise<sdk.Task> => (await started(more))[0]!

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

  const subnetMissing =
    "Error retrieving subnet information for [subnet-x]: The subnet ID 'subnet-x' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
  const groupMissing =
    "Error retrieving security group information for [sg-x]: The security group 'sg-x' does not exist (ErrorCode: InvalidGroup.NotFound)"
  const strategy = 'The specified capacity provider strategy'
  const provided = (...items: object[]) => ({ launchType: undefined, capacityProviderStrategy: items })
  const nets = (subnetIds: string[], groups: string[] = []) => ({
    networkConfiguration: { awsvpcConfiguration: { subnets: subnetIds, securityGroups: groups } },
  })
  const app = (override: object) => ({ overrides: { containerOverrides: [{ name: 'app', ...override }] } })

  test.each<[string, object, string]>([
    [
      'no network configuration',
      { networkConfiguration: undefined },
      `Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
    ],
    ['no subnet', nets([]), 'subnets can not be empty.'],
    ['17 subnets', nets(Array(17).fill('subnet-a')), 'subnets can have at most 16 items.'],
    ['6 groups', nets(['subnet-a'], Array(6).fill('sg-w')), 'securityGroups can have at most 5 items.'],
    ['an unknown subnet', nets(['subnet-x']), subnetMissing],
    ['an unknown group', nets(['subnet-a'], ['sg-x']), groupMissing],
    ['subnets of two VPCs', nets(['subnet-a', 'subnet-z']), 'All subnets must be in the same VPC.'],
    [
      'a group of another VPC',
      nets(['subnet-a'], ['sg-z']),
      'Security group sg-z and subnet subnet-a belong to different networks.',
    ],
    ['0 tasks', { count: 0 }, 'Count must be between 1 and 10.'],
    ['11 tasks', { count: 11 }, 'Count must be between 1 and 10.'],
    [
      'neither launch type nor strategy',
      { launchType: undefined },
      'No Container Instances were found in your cluster.',
    ],
    ['EC2', { launchType: 'EC2' }, 'No Container Instances were found in your cluster.'],
    [
      'EC2 with a platform',
      { launchType: 'EC2', platformVersion: '1.4.0' },
      'The platform version must be null when specifying an EC2 launch type.',
    ],
    [
      'launch type and strategy',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    ],
    [
      'an unknown provider',
      provided({ capacityProvider: 'mine' }),
      `The specified capacity provider 'mine' was not found. Specify a valid name or ARN and try again.`,
    ],
    [
      'a provider the cluster lacks',
      { cluster: 'bare', ...provided({ capacityProvider: 'FARGATE' }) },
      `${strategy} cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.`,
    ],
    [
      'a provider twice',
      provided({ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE' }),
      `${strategy} cannot contain duplicate capacity providers.`,
    ],
    [
      'two bases',
      provided({ capacityProvider: 'FARGATE', base: 1, weight: 1 }, { capacityProvider: 'FARGATE_SPOT', base: 1 }),
      `${strategy} contains multiple capacity providers with a base value defined. Define a base value for one capacity provider and try again.`,
    ],
    [
      'weights that are all zero',
      provided({ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE_SPOT' }),
      `${strategy} must contain at least one capacity provider with a weight greater than zero.`,
    ],
    [
      'a weight of 1001',
      provided({ capacityProvider: 'FARGATE', weight: 1001 }),
      `${strategy} contains an invalid weight. It must be between 0 and 1000.`,
    ],
    [
      'a base of 100001',
      provided({ capacityProvider: 'FARGATE', base: 100_001 }),
      `${strategy} contains an invalid base. It must be between 0 and 100000.`,
    ],
    [
      'an unknown container',
      { overrides: { containerOverrides: [{ name: 'db' }] } },
      'Override for container named db is not a container in the TaskDefinition.',
    ],
    [
      'a container twice',
      { overrides: { containerOverrides: [{ name: 'app' }, { name: 'app' }] } },
      'Duplicate override for container named app.',
    ],
    [
      'an override without name',
      { overrides: { containerOverrides: [{}] } },
      'Container override name should not be null or empty.',
    ],
    [
      'overrides of more than 8192 characters',
      app({ command: ['x'.repeat(8192)] }),
      'Container Overrides length must be at most 8192',
    ],
    [
      'more memory than the task has',
      app({ memory: 1024 }),
      `The 'memory' setting for container 'app' is greater than for the task.`,
    ],
    [
      'a variable without name',
      app({ environment: [{ value: '1' }] }),
      'Environment variable name should not be null or empty.',
    ],
    [
      'a GPU',
      app({ resourceRequirements: [{ type: 'GPU', value: '1' }] }),
      'Tasks using the Fargate launch type do not support GPU resource requirements.',
    ],
    [
      'an accelerator',
      { overrides: { inferenceAcceleratorOverrides: [{ deviceName: 'a' }] } },
      `Unsupported field 'inferenceAcceleratorOverrides'.`,
    ],
    [
      'a size Fargate does not sell',
      { overrides: { cpu: '512' } },
      'No Fargate configuration exists for given values: 512 CPU, 512 memory. See the Amazon ECS documentation for the valid values.',
    ],
    ['a size that is no number', { overrides: { cpu: 'much' } }, `Invalid 'cpu' setting for task.`],
    [
      '20 GiB of storage',
      { overrides: { ephemeralStorage: { sizeInGiB: 20 } } },
      'EphemeralStorage size should be at least 21',
    ],
    ['startedBy with a space', { startedBy: 'a b' }, 'startedBy contains invalid characters.'],
    ['startedBy of 129 characters', { startedBy: 'a'.repeat(129) }, 'startedBy can not be longer than 128 characters.'],
    ['a group with a space', { group: 'a b' }, 'group contains invalid characters.'],
    ['a token of 65 characters', { clientToken: 'a'.repeat(65) }, 'clientToken must be between 1 and 64 characters.'],
    ['a token with a space', { clientToken: 'a b' }, 'clientToken contains invalid characters.'],
    [
      'tags of a service',
      { propagateTags: 'SERVICE' },
      'The propagateTags value SERVICE is not valid for a task without a service.',
    ],
    [
      'a reserved tag',
      { tags: [{ key: 'aws:x', value: '1' }] },
      `Tag keys starting with 'aws:' are reserved for system use.`,
    ],
    [
      'placement constraints',
      { placementConstraints: [{ type: 'distinctInstance' }] },
      'Placement constraints are not supported with FARGATE launch type.',
    ],
    [
      'a placement strategy',
      { placementStrategy: [{ type: 'random' }] },
      'Placement strategies are not supported with FARGATE launch type.',
    ],
    [
      'ECS Exec without a task role',
      { enableExecuteCommand: true },
      `The task couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.`,
    ],
    [
      'a volume the definition lacks',
      { volumeConfigurations: [{ name: 'data' }] },
      `The volume name 'data' in your request does not have a matching volume in your Task Definition.`,
    ],
  ])('refuses %s', async (_, more, message) => {
    await ask('CreateCluster', { clusterName: 'bare' })
    await expect(one(more)).rejects.toEqual(refusal('InvalidParameterException', message))
  })

  it('takes ECS Exec with a task role given in the request', async () => {
    const task = await one({ enableExecuteCommand: true, overrides: { taskRoleArn: ROLE } })
    expect(task).toMatchObject({ enableExecuteCommand: true, overrides: { taskRoleArn: ROLE } })
  })

  it.each<[string, object, string, string]>([
    ['an unknown cluster', { cluster: 'nowhere' }, 'ClusterNotFoundException', 'Cluster not found.'],
    ['an unknown task definition', { taskDefinition: 'nothing' }, 'ClientException', 'TaskDefinition not found.'],
    ['a revision that does not exist', { taskDefinition: 'web:7' }, 'ClientException', 'TaskDefinition not found.'],
    [
      'an unknown platform',
      { platformVersion: '9' },
      'PlatformUnknownException',
      'The specified platform does not exist.',
    ],
  ])('refuses %s', async (_, more, code, message) => {
    await expect(one(more)).rejects.toEqual(refusal(code, message))
  })

  it('refuses on Fargate a definition that was made for EC2', async () => {
    await ask('RegisterTaskDefinition', {
      family: 'old',
      memory: '512',
      containerDefinitions: WEB.containerDefinitions,
    })
    await expect(one({ taskDefinition: 'old' })).rejects.toEqual(
      refusal('InvalidParameterException', 'Task definition does not support launch_type FARGATE.'),
    )
  })

  it('refuses a definition without a size, until the request gives one', async () => {
    await ask('RegisterTaskDefinition', {
      family: 'unsized',
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'app', image: 'nginx', memory: 128 }],
    })
    await expect(one({ taskDefinition: 'unsized' })).rejects.toEqual(
      refusal('InvalidParameterException', `Fargate requires that 'cpu' be defined at the task level.`),
    )
    const sized = await one({ taskDefinition: 'unsized', overrides: { cpu: '256', memory: '512' } })
    expect(sized).toMatchObject({ cpu: '256', memory: '512' })
  })

  it.each([
    ['Amazon EFS volumes', { efsVolumeConfiguration: { fileSystemId: 'fs-01234567' } }, {}],
    ['Amazon EBS volumes', { configuredAtLaunch: true }, { volumeConfigurations: [{ name: 'data' }] }],
  ])('says plainly that %s cannot be had', async (what, volume, more) => {
    const [app] = WEB.containerDefinitions
    const mountPoints = [{ sourceVolume: 'data', containerPath: '/data' }]
    await ask('RegisterTaskDefinition', {
      ...WEB,
      volumes: [{ name: 'data', ...volume }],
      containerDefinitions: [{ ...app!, mountPoints }],
    })
    await expect(one(more)).rejects.toEqual(
      refusal('UnsupportedFeatureException', `Neargate does not support ${what} in tasks.`),
    )
  })

  it('refuses a volume that is to be configured at launch, and is not', async () => {
    const mountPoints = [{ sourceVolume: 'data', containerPath: '/data' }]
    await ask('RegisterTaskDefinition', {
      ...WEB,
      volumes: [{ name: 'data', configuredAtLaunch: true }],
      containerDefinitions: [{ name: 'app', image: 'nginx', mountPoints }],
    })
    await expect(one()).rejects.toEqual(
      refusal('InvalidParameterException', `The volume 'data' must be configured when the task is run.`),
    )
  })

  it('says plainly that Windows and S3 Files cannot be had', async () => {
    const refused = (what: string) =>
      refusal('UnsupportedFeatureException', `Neargate does not support ${what} in tasks.`)
    const windows = {
      cpu: '1024',
      memory: '2048',
      runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' as const },
    }
    await ask('RegisterTaskDefinition', { ...WEB, ...windows })
    await expect(one()).rejects.toEqual(refused('Windows containers'))
    const s3filesVolumeConfiguration = { fileSystemArn: 'arn:aws:s3files:eu-west-1:123456789012:file-system/fs-1' }
    await ask('RegisterTaskDefinition', { ...WEB, volumes: [{ name: 'data', s3filesVolumeConfiguration }] })
    await expect(one()).rejects.toEqual(refused('Amazon S3 Files volumes'))
  })
})

describe('tags of a task', () => {
  it('can be changed until it has stopped', async () => {
    const { taskArn: resourceArn = '' } = await one({ tags: [{ key: 'a', value: '1' }] })
    await ask('TagResource', { resourceArn, tags: [{ key: 'b', value: '2' }] })
    await ask('UntagResource', { resourceArn, tagKeys: ['a'] })
    expect((await ask('ListTagsForResource', { resourceArn })).tags).toEqual([{ key: 'b', value: '2' }])
    await call.store.write(async (tx) => {
      const task = (await taskByArn(tx, resourceArn as never))!
      await tx.put(tasks, advanced(task, { lastStatus: 'STOPPED' }))
    })
    await expect(ask('TagResource', { resourceArn, tags: [{ key: 'c', value: '3' }] })).rejects.toEqual(
      refusal('InvalidParameterException', 'The specified task is stopped. Specify a running task and try again.'),
    )
  })
})

describe('DescribeTasks', () => {
  it('finds tasks by id and by ARN, each once, and says what is missing', async () => {
    const { taskArn = '' } = await one()
    const id = taskArn.slice(-32)
    const missing = '0'.repeat(32)
    const answer = await ask('DescribeTasks', { tasks: [id, taskArn, missing] })
    expect(answer.tasks?.map((task) => task.taskArn)).toEqual([taskArn])
    expect(answer.failures).toEqual([{ arn: `${EU}:task/default/${missing}`, reason: 'MISSING' }])
  })

  it('shows tags only where they are asked for', async () => {
    const { taskArn = '' } = await one({ tags: [{ key: 'a', value: '1' }] })
    expect((await ask('DescribeTasks', { tasks: [taskArn] })).tasks?.[0]?.tags).toEqual([])
    const asked = await ask('DescribeTasks', { tasks: [taskArn], include: ['TAGS'] })
    expect(asked.tasks?.[0]?.tags).toEqual([{ key: 'a', value: '1' }])
  })

  it('shows the facts that controllers record', async () => {
    const { taskArn } = await one()
    const at = '2026-01-01T00:00:05.000Z'
    await call.store.write(async (tx) => {
      const task = (await taskByArn(tx, taskArn as never))!
      const { attachment, containers } = task.status
      const running = { lastStatus: 'RUNNING', createdAt: at, startedAt: at } as const
      await tx.put(
        tasks,
        advanced(task, {
          lastStatus: 'RUNNING',
          startedAt: at,
          connectivityAt: at,
          attachment: {
            ...attachment,
            status: 'ATTACHED',
            details: [...attachment.details, { name: 'privateIPv4Address', value: '10.0.0.9' }],
          },
          containers: containers.map((container) => ({
            ...container,
            ...running,
            health: { status: 'HEALTHY', statusSince: at, failures: 0 },
          })),
        }),
      )
    })
    const [task] = (await ask('DescribeTasks', { tasks: [taskArn!] })).tasks!
    expect(task).toMatchObject({
      lastStatus: 'RUNNING',
      version: 2,
      connectivity: 'CONNECTED',
      healthStatus: 'HEALTHY',
      startedAt: new Date(at),
    })
    expect(task?.containers?.[0]).toMatchObject({
      lastStatus: 'RUNNING',
      runtimeId: expect.stringMatching(/^[0-9a-f]{32}-\d{10}$/),
      networkInterfaces: [{ attachmentId: task?.attachments?.[0]?.id, privateIpv4Address: '10.0.0.9' }],
    })
  })

  it.each<[string, string[], string]>([
    ['no task', [], 'Tasks cannot be empty.'],
    ['101 tasks', Array(101).fill('0'.repeat(32)), 'Tasks can have at most 100 items.'],
    ['a short id', ['abc'], 'taskId length should be one of [32,36]'],
    ['an id that is none', ['/'.repeat(32)], 'taskId contains invalid characters.'],
    ['another kind of ARN', [`${EU}:service/default/web`], 'Invalid identifier: Unexpected ARN.'],
    [
      'a task of another cluster',
      [`${EU}:task/prod/${'0'.repeat(32)}`],
      'Invalid identifier: Identifier is for cluster prod. Your cluster is default',
    ],
  ])('refuses %s', async (_, named, message) => {
    await expect(ask('DescribeTasks', { tasks: named })).rejects.toEqual(refusal('InvalidParameterException', message))
  })
})

describe('StopTask', () => {
  it('records the wish, and the reason of the first who asked', async () => {
    const { taskArn: task = '' } = await one()
    const stopped = await ask('StopTask', { task, reason: 'enough' })
    expect(stopped.task).toMatchObject({
      desiredStatus: 'STOPPED',
      lastStatus: 'PROVISIONING',
      stopCode: 'UserInitiated',
    })
    expect((await ask('StopTask', { task, reason: 'again' })).task?.stoppedReason).toBe('enough')
  })

  it('gives AWS’s reason where the caller gives none', async () => {
    const { taskArn: task = '' } = await one()
    expect((await ask('StopTask', { task })).task?.stoppedReason).toBe('Task stopped by user')
  })

  it('refuses an unknown task, and a reason without end', async () => {
    await expect(ask('StopTask', { task: '0'.repeat(32) })).rejects.toEqual(
      refusal('InvalidParameterException', 'The referenced task was not found.'),
    )
    await expect(ask('StopTask', { task: '0'.repeat(32), reason: 'x'.repeat(1025) })).rejects.toEqual(
      refusal('InvalidParameterException', 'reason can not be longer than 1024 characters.'),
    )
  })
})
