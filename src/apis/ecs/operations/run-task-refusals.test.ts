// What RunTask refuses, in AWS's words.

import { describe, expect, it, test } from 'vitest'
import { ask, one, WEB } from '#test/task-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('RunTask', () => {
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
