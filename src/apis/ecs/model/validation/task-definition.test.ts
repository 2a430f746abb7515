// What RegisterTaskDefinition refuses, rule by rule, in AWS's words.

import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { describe, expect, it, test } from 'vitest'
import type { Checked } from '#aws/operation.ts'
import { isFargateCompatible, taskDefinitionProblem } from './task-definition.ts'

type Definition = Checked<RegisterTaskDefinitionRequest>
type ContainerDefinition = Definition['containerDefinitions'][number]

const APP: ContainerDefinition = { name: 'app', image: 'nginx:1' }
const ROLE = 'arn:aws:iam::123456789012:role/exec'

/** A definition that Fargate takes, with other members. */
const fargate = (more: Partial<Definition> = {}): Definition => ({
  family: 'web',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  containerDefinitions: [APP],
  ...more,
})
/** The same on EC2, where nothing but memory is needed. */
const ec2 = (more: Partial<Definition> = {}): Definition => ({
  family: 'web',
  memory: '512',
  containerDefinitions: [APP],
  ...more,
})
const app = (more: ContainerDefinition): Partial<Definition> => ({ containerDefinitions: [{ ...APP, ...more }] })
const containers = (...list: ContainerDefinition[]): Partial<Definition> => ({ containerDefinitions: list })
const side = (more: ContainerDefinition = {}): ContainerDefinition => ({ name: 'side', image: 'envoy', ...more })

const problem = (definition: Definition, mode: 'strict' | 'extended' = 'strict') =>
  taskDefinitionProblem(definition, mode)

type Row = [rule: string, definition: Partial<Definition>, text: string]
const refuses = (on: (more: Partial<Definition>) => Definition, rows: readonly Row[]): void => {
  test.each([...rows])('%s', (_, more, text) => {
    expect(problem(on(more))).toBe(text)
  })
}
type Taken = [rule: string, definition: Partial<Definition>]
const takes = (on: (more: Partial<Definition>) => Definition, rows: readonly Taken[]): void => {
  test.each([...rows])('%s', (_, more) => {
    expect(problem(on(more))).toBeUndefined()
  })
}

describe('a definition as a whole', () => {
  refuses(fargate, [
    ['needs a family', { family: '' }, 'Family should not be null or empty.'],
    ['has a family of letters, digits, - and _', { family: 'a.b' }, 'Family contains invalid characters.'],
    ['has a family of at most 255 characters', { family: 'a'.repeat(256) }, 'Family contains invalid characters.'],
    ['needs a container', containers(), 'Container list cannot be empty.'],
    [
      'has at most ten containers',
      containers(...Array.from({ length: 11 }, (_, n) => ({ ...APP, name: `c${n}` }))),
      'Too many containers.',
    ],
    [
      'needs an essential container',
      app({ essential: false }),
      `Task definition doesn't have any essential container.`,
    ],
    [
      'is at most 64 KiB of JSON',
      app({ command: ['x'.repeat(65_536)] }),
      'The task definition can not be larger than 64 KiB.',
    ],
    [
      'has no accelerators any more',
      { inferenceAccelerators: [{ deviceName: 'a', deviceType: 'b' }] },
      `Unsupported field 'inferenceAccelerators'.`,
    ],
  ])
  refuses(ec2, [
    [
      'has at most ten placement constraints',
      { placementConstraints: Array(11).fill({}) },
      'placementConstraints can have at most 10 items.',
    ],
    [
      'has ephemeral storage on Fargate only',
      { requiresCompatibilities: ['EC2'], ephemeralStorage: { sizeInGiB: 30 } },
      'Tasks using the EC2 launch type do not support EphemeralStorage.',
    ],
    ['has 128 CPU units at least on EC2', { cpu: '127' }, `Invalid 'cpu' setting for task.`],
    [
      'has a proxy with awsvpc only',
      { proxyConfiguration: { containerName: 'app' } },
      'proxyConfiguration requires networkMode=awsvpc.',
    ],
  ])
  refuses(fargate, [
    [
      'has a proxy that is one of its containers',
      { proxyConfiguration: { containerName: 'envoy' } },
      "The proxyConfiguration container 'envoy' does not exist in the task definition.",
    ],
  ])
})

describe('a container', () => {
  refuses(fargate, [
    ['needs a name', app({ name: '' }), 'Container.name should not be null or empty.'],
    ['has a name of letters, digits, - and _', app({ name: 'a b' }), 'Container.name contains invalid characters.'],
    ['has a name of its own', containers(APP, APP), 'Container names must be unique within a task definition.'],
    ['needs an image', app({ image: '' }), 'Container.image should not be null or empty.'],
    [
      'has an image of at most 255 characters',
      app({ image: 'a'.repeat(256) }),
      'Container.image can not be longer than 255 characters.',
    ],
    ['has an image without spaces', app({ image: 'a b' }), 'Container.image contains invalid characters.'],
    ['has a user that is one', app({ user: 'a:b:c' }), `Invalid 'user' setting for container 'app'.`],
    [
      'has variables with names',
      app({ environment: [{ value: '1' }] }),
      'Environment variable name should not be null or empty.',
    ],
  ])
  takes(fargate, [
    ['may have a digest beyond 255 characters', app({ image: `${'a'.repeat(250)}@sha256:${'0'.repeat(64)}` })],
    ...['root', '0', '1000:1000', 'app:app', '1000:app', 'app:1000'].map((user): Taken => [
      `may be run by ${user}`,
      app({ user }),
    ]),
  ])
})

describe('a task size', () => {
  const given = (cpu: number, memory: number) =>
    `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`
  refuses(fargate, [
    ['needs CPU', { cpu: undefined as never }, `Fargate requires that 'cpu' be defined at the task level.`],
    ['needs memory', { memory: undefined as never }, `Fargate requires that 'memory' be defined at the task level.`],
    ['is a number of CPU units or vCPUs', { cpu: '1 core' }, `Invalid 'cpu' setting for task.`],
    ['is a number of MiB or GB', { memory: '512 MB' }, `Invalid 'memory' setting for task.`],
    ['is one that Fargate sells', { memory: '4096' }, given(256, 4096)],
    ['steps by 4 GB from 8 vCPU on', { cpu: '8 vCPU', memory: '17 GB' }, given(8192, 17_408)],
    [
      'starts at one vCPU on Windows',
      { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
      given(256, 512),
    ],
    [
      'has 21 GiB of ephemeral storage at least',
      { ephemeralStorage: { sizeInGiB: 20 } },
      'EphemeralStorage size should be at least 21',
    ],
    [
      'has 200 GiB of ephemeral storage at most',
      { ephemeralStorage: { sizeInGiB: 201 } },
      'EphemeralStorage size should be at most 200',
    ],
    [
      'holds the CPU of all containers',
      containers({ ...APP, cpu: 200 }, side({ cpu: 57 })),
      `The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.`,
    ],
    [
      'holds the memory of all containers',
      containers({ ...APP, memory: 500 }, side({ memory: 13 })),
      `The sum of all container 'memory' values cannot be greater than the value of the task 'memory'.`,
    ],
    [
      'holds the memory of each container',
      app({ memory: 513 }),
      `The 'memory' setting for container 'app' is greater than for the task.`,
    ],
    [
      'holds the reservation of each container',
      app({ memoryReservation: 513 }),
      `The 'memoryReservation' setting for container 'app' is greater than for the task.`,
    ],
    [
      'leaves a container 6 MiB at least',
      app({ memory: 5 }),
      `Invalid setting for container 'app'. 'memory' must be at least 6.`,
    ],
    [
      'has a limit above the reservation',
      app({ memory: 64, memoryReservation: 65 }),
      `Invalid setting for container 'app'. 'memory' must be greater than or equal to 'memoryReservation'.`,
    ],
    ['is not negative', app({ cpu: -1 }), `Invalid setting for container 'app'. 'cpu' must not be negative.`],
  ])
  refuses(ec2, [
    [
      'may be left to the containers on EC2, which then need one',
      { memory: undefined as never },
      `Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    ],
  ])
  takes(fargate, [
    ['may be the largest', { cpu: '32 vCPU', memory: '244 GB' }],
    ['may have 200 GiB of storage', { ephemeralStorage: { sizeInGiB: 200 } }],
  ])
  it('is any in extended mode, as long as it is one', () => {
    expect(problem(fargate({ cpu: '100', memory: '1', ...app({}) }), 'extended')).toBeUndefined()
    expect(problem(fargate({ cpu: 'much' }), 'extended')).toBe(`Invalid 'cpu' setting for task.`)
  })
})

describe('Fargate', () => {
  const no = (what: string) => `Fargate compatible task definitions do not support ${what}`
  const linux = (linuxParameters: ContainerDefinition['linuxParameters']) => app({ linuxParameters })
  const awsvpc = (what: string) => `${what} not supported on container when networkMode=awsvpc.`
  refuses(fargate, [
    ['has network mode awsvpc', { networkMode: 'bridge' }, 'Fargate only supports network mode ‘awsvpc’.'],
    [
      'has no other network mode by default',
      { networkMode: undefined as never },
      'Fargate only supports network mode ‘awsvpc’.',
    ],
    ['has no placement constraints', { placementConstraints: [{ type: 'memberOf' }] }, no('constraints')],
    ['has no ipcMode', { ipcMode: 'task' }, no('ipcMode')],
    ['has no pidMode host', { pidMode: 'host' }, `Tasks using the Fargate launch type do not support pidMode 'host'.`],
    [
      'has no pidMode on Windows',
      { pidMode: 'task', runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
      'Windows containers on Fargate do not support pidMode.',
    ],
    [
      'has no privileged containers',
      app({ privileged: true }),
      `Fargate requires that the 'privileged' setting be 'false'.`,
    ],
    ['has no docker security options', app({ dockerSecurityOptions: ['label:x'] }), no('dockerSecurityOptions')],
    [
      'has no GPUs',
      app({ resourceRequirements: [{ type: 'GPU', value: '1' }] }),
      'Tasks using the Fargate launch type do not support GPU resource requirements.',
    ],
    ['has no links', app({ links: ['db'] }), 'Links are not supported when networkMode=awsvpc.'],
    ['has no DNS servers', app({ dnsServers: ['1.1.1.1'] }), awsvpc('DNS servers are')],
    ['has no DNS search domains', app({ dnsSearchDomains: ['x'] }), awsvpc('DNS search domains are')],
    ['has no extra hosts', app({ extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.1' }] }), awsvpc('Extra hosts are')],
    ['has no containers without network', app({ disableNetworking: true }), awsvpc('Disable Networking is')],
    ['has no hostnames', app({ hostname: 'a' }), awsvpc('Hostname is')],
    ['has no devices', linux({ devices: [{ hostPath: '/dev/kvm' }] }), no('devices')],
    ['has no swap', linux({ maxSwap: 0 }), no('maxSwap')],
    ['has no swappiness', linux({ swappiness: 60 }), no('swappiness')],
    ['has no sharedMemorySize', linux({ sharedMemorySize: 64 }), no('sharedMemorySize')],
    [
      'adds no capability but SYS_PTRACE',
      linux({ capabilities: { add: ['SYS_PTRACE', 'NET_ADMIN'] } }),
      'NET_ADMIN is not allowed on Fargate.',
    ],
    [
      'has no sysctl beyond its list',
      app({ systemControls: [{ namespace: 'kernel.hostname', value: 'x' }] }),
      `The system control 'kernel.hostname' is not supported on Fargate.`,
    ],
    [
      'has 1048576 open files at most',
      app({ ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 1_048_577 }] }),
      'The hard limit for ulimit nofile must be at most 1048576 on Fargate.',
    ],
    ['has no host paths', { volumes: [{ name: 'a', host: { sourcePath: '/etc' } }] }, no('sourcePath')],
    [
      'has no docker volumes',
      { volumes: [{ name: 'a', dockerVolumeConfiguration: {} }] },
      no('dockerVolumeConfiguration'),
    ],
    [
      'has no Windows file servers',
      { volumes: [{ name: 'a', fsxWindowsFileServerVolumeConfiguration: {} as never }] },
      no('fsxWindowsFileServerVolumeConfiguration'),
    ],
    [
      'has three log drivers',
      app({ logConfiguration: { logDriver: 'json-file' } }),
      'json-file is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]',
    ],
    [
      'needs an execution role to write logs',
      app({ logConfiguration: { logDriver: 'awslogs', options: {} } }),
      'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
    ],
    [
      'needs an execution role to pull from ECR',
      app({ image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1' }),
      'Fargate requires task definition to have execution role ARN to support ECR images.',
    ],
    [
      'reads FireLens configurations from files only',
      app({ firelensConfiguration: { type: 'fluentbit', options: { 'config-file-type': 's3' } } }),
      `Tasks using the Fargate launch type only support the 'file' config-file-type in firelensConfiguration.`,
    ],
    [
      'stops within two minutes',
      app({ stopTimeout: 121 }),
      'Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.',
    ],
    [
      'starts within two minutes',
      app({ startTimeout: 121 }),
      'Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds.',
    ],
  ])
  takes(fargate, [
    ['may share processes', { pidMode: 'task' }],
    [
      'may drop any capability, and add SYS_PTRACE',
      linux({ capabilities: { add: ['SYS_PTRACE'], drop: ['ALL', 'CHOWN'] } }),
    ],
    ['may have tmpfs', linux({ tmpfs: [{ containerPath: '/tmp', size: 64, mountOptions: ['noexec', 'mode=1777'] }] })],
    ['may have an init process', linux({ initProcessEnabled: true })],
    ...['net.core.somaxconn', 'net.ipv4.tcp_keepalive_time', 'kernel.shmmax', 'fs.mqueue.msg_max'].map(
      (namespace): Taken => [`may set ${namespace}`, app({ systemControls: [{ namespace, value: '1' }] })],
    ),
    [
      'may have bind volumes',
      {
        volumes: [{ name: 'data', host: {} }],
        ...app({ mountPoints: [{ sourceVolume: 'data', containerPath: '/d' }] }),
      },
    ],
    ['may say that a container is not privileged', app({ privileged: false })],
  ])
})

describe('order', () => {
  const after = (condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY', target: ContainerDefinition) =>
    containers({ ...APP, dependsOn: [{ containerName: 'side', condition }] }, side(target))
  const healthCheck = { command: ['CMD', 'true'] }
  refuses(fargate, [
    [
      'is of containers that exist',
      app({ dependsOn: [{ containerName: 'db', condition: 'START' }] }),
      `Cannot depend on container 'db' because it does not exist`,
    ],
    [
      'waits for no essential container to end well',
      after('SUCCESS', {}),
      'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
    ],
    [
      'waits for no essential container to end',
      after('COMPLETE', {}),
      'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
    ],
    [
      'waits for health where it is checked',
      after('HEALTHY', {}),
      'A dependency container with HEALTHY condition must have health check configured',
    ],
    [
      'has no circle of one',
      app({ dependsOn: [{ containerName: 'app', condition: 'START' }] }),
      'Container dependsOn contains a cycle',
    ],
    [
      'has no circle of two',
      after('START', { dependsOn: [{ containerName: 'app', condition: 'START' }] }),
      'Container dependsOn contains a cycle',
    ],
    [
      'gives up after two seconds at the earliest',
      app({ startTimeout: 1 }),
      `Granular start timeout on container 'app' must be at least 2 seconds.`,
    ],
    [
      'kills after two seconds at the earliest',
      app({ stopTimeout: 1 }),
      `Granular stop timeout on container 'app' must be at least 2 seconds.`,
    ],
  ])
  takes(fargate, [
    ['may wait for a start', after('START', {})],
    ['may wait for an end', after('COMPLETE', { essential: false })],
    ['may wait for health', after('HEALTHY', { healthCheck })],
    [
      'may meet again',
      containers(
        {
          ...APP,
          dependsOn: [
            { containerName: 'b', condition: 'START' },
            { containerName: 'side', condition: 'START' },
          ],
        },
        { name: 'b', image: 'b', dependsOn: [{ containerName: 'side', condition: 'START' }] },
        side(),
      ),
    ],
    ['may give up after two minutes', app({ startTimeout: 120, stopTimeout: 120 })],
  ])
})

describe('a health check', () => {
  const check = (more: object) => app({ healthCheck: { command: ['CMD-SHELL', 'true'], ...more } })
  const range = (setting: string, least: number, most: number) =>
    `The health check '${setting}' setting for container 'app' must be between ${least} and ${most}.`
  refuses(fargate, [
    [
      'needs a command',
      check({ command: [] }),
      `Health check command for container 'app' should not be null or empty.`,
    ],
    [
      'says how its command is run',
      check({ command: ['curl', 'x'] }),
      `Health check command for container 'app' must start with 'CMD' or 'CMD-SHELL'.`,
    ],
    [
      'says what is run',
      check({ command: ['CMD'] }),
      `Health check command for container 'app' must start with 'CMD' or 'CMD-SHELL'.`,
    ],
    ['runs every 5 to 300 s', check({ interval: 4 }), range('interval', 5, 300)],
    ['takes 2 to 60 s', check({ timeout: 61 }), range('timeout', 2, 60)],
    ['fails after 1 to 10 times', check({ retries: 0 }), range('retries', 1, 10)],
    ['waits 0 to 300 s', check({ startPeriod: 301 }), range('startPeriod', 0, 300)],
  ])
  takes(fargate, [
    ['may be at either end', check({ interval: 5, timeout: 60, retries: 10, startPeriod: 0 })],
    ['may be switched off', check({ command: ['NONE'] })],
  ])
})

describe('a restart policy', () => {
  const policy = (more: object) => app({ restartPolicy: { enabled: true, ...more } })
  const period = `The 'restartAttemptPeriod' setting for container 'app' must be between 60 and 1800.`
  refuses(fargate, [
    ['tries again after a minute at the earliest', policy({ restartAttemptPeriod: 59 }), period],
    ['tries again after half an hour at the latest', policy({ restartAttemptPeriod: 1801 }), period],
    [
      'ignores fifty exit codes at most',
      policy({ ignoredExitCodes: Array(51).fill(1) }),
      `The 'ignoredExitCodes' setting for container 'app' can have at most 50 items.`,
    ],
  ])
  takes(fargate, [['may ignore exit code 0', policy({ ignoredExitCodes: [0], restartAttemptPeriod: 60 })]])
})

describe('ports', () => {
  const ports = (...portMappings: NonNullable<ContainerDefinition['portMappings']>) => app({ portMappings })
  const must = (mode: string) =>
    `When networkMode=${mode}, the host ports and container ports in port mappings must match.`
  refuses(fargate, [
    ['are the same on the host', ports({ containerPort: 80, hostPort: 8080 }), must('awsvpc')],
    ['are not chosen by the host', ports({ containerPort: 80, hostPort: 0 }), must('awsvpc')],
    ['start at 1', ports({ containerPort: 0 }), `Invalid 'containerPort' setting for container 'app'.`],
    ['end at 65535', ports({ containerPort: 65_536 }), `Invalid 'containerPort' setting for container 'app'.`],
    ['are given', ports({}), `Invalid 'containerPort' setting for container 'app'.`],
    [
      'end at 65535 on the host',
      ports({ containerPort: 80, hostPort: 65_536 }),
      `Invalid 'hostPort' setting for container 'app'.`,
    ],
    [
      'are of tcp or udp',
      ports({ containerPort: 80, protocol: 'sctp' as never }),
      `Invalid 'protocol' setting for container 'app'. It must be one of [tcp, udp].`,
    ],
    [
      'are used once',
      ports({ containerPort: 80 }, { containerPort: 80 }),
      'The container port 80 is used multiple times in task.',
    ],
    [
      'are used once for both protocols',
      ports({ containerPort: 53 }, { containerPort: 53, protocol: 'udp' }),
      'The container port 53 is used multiple times in task.',
    ],
    [
      'are used by one container',
      containers({ ...APP, portMappings: [{ containerPort: 80 }] }, side({ portMappings: [{ containerPort: 80 }] })),
      'The container port 80 is used multiple times in task.',
    ],
    [
      'are no port and range at once',
      ports({ containerPort: 80, containerPortRange: '80-90' }),
      `Invalid 'portMappings' setting for container 'app': cannot specify both single port and port range.`,
    ],
    [
      'are a range that goes up',
      ports({ containerPortRange: '90-80' }),
      `Invalid 'containerPortRange' setting for container 'app'.`,
    ],
    [
      'are a range that is one',
      ports({ containerPortRange: 'http' }),
      `Invalid 'containerPortRange' setting for container 'app'.`,
    ],
    [
      'are ranges that do not overlap',
      ports({ containerPortRange: '80-90' }, { containerPortRange: '90-99' }),
      'The container port 90-99 is used multiple times in task.',
    ],
    [
      'are a hundred ranges at most',
      ports(...Array.from({ length: 101 }, (_, n) => ({ containerPortRange: `${n * 2 + 1}-${n * 2 + 2}` }))),
      `Container 'app' can have at most 100 container port ranges.`,
    ],
    [
      'have names of their own',
      ports({ containerPort: 80, name: 'web' }, { containerPort: 81, name: 'web' }),
      `The port mapping name 'web' is already used.`,
    ],
    [
      'have names in small letters',
      ports({ containerPort: 80, name: 'Web' }),
      `The port mapping name 'Web' contains invalid characters.`,
    ],
    [
      'speak HTTP over tcp only',
      ports({ containerPort: 80, protocol: 'udp', appProtocol: 'http' }),
      `The 'appProtocol' setting requires protocol 'tcp'.`,
    ],
  ])
  refuses(ec2, [
    [
      'are the same on the host in host mode',
      { networkMode: 'host', ...ports({ containerPort: 80, hostPort: 81 }) },
      must('host'),
    ],
  ])
  takes(ec2, [
    [
      'may differ and repeat in bridge mode',
      ports({ containerPort: 80, hostPort: 8080 }, { containerPort: 80, hostPort: 8081 }),
    ],
  ])
  takes(fargate, [['may be ranges', ports({ containerPortRange: '8000-8010' }, { containerPort: 80, hostPort: 80 })]])
})

describe('volumes', () => {
  const efs = (more: object) => ({
    volumes: [{ name: 'a', efsVolumeConfiguration: { fileSystemId: 'fs-01234567', ...more } }],
  })
  const mounts = (...mountPoints: NonNullable<ContainerDefinition['mountPoints']>) => ({
    volumes: [{ name: 'a' }],
    ...app({ mountPoints }),
  })
  refuses(fargate, [
    ['need a name', { volumes: [{}] }, 'Volume.name should not be null or empty.'],
    [
      'have names of letters, digits, - and _',
      { volumes: [{ name: 'a b' }] },
      'Volume.name contains invalid characters.',
    ],
    [
      'have names of their own',
      { volumes: [{ name: 'a' }, { name: 'a' }] },
      'Volume names must be unique within a task definition.',
    ],
    ['are mounted where they are declared', mounts({ sourceVolume: 'b', containerPath: '/b' }), `Unknown volume 'b'.`],
    [
      'are mounted at an absolute path',
      mounts({ sourceVolume: 'a', containerPath: 'b' }),
      `Invalid 'containerPath' setting for container 'app'. It must be an absolute path.`,
    ],
    [
      'are mounted at a path of their own',
      mounts({ sourceVolume: 'a', containerPath: '/b' }, { sourceVolume: 'a', containerPath: '/b' }),
      'Duplicate mount point: /b',
    ],
    [
      'come from containers that exist',
      app({ volumesFrom: [{ sourceContainer: 'db' }] }),
      `Invalid 'volumesFrom' setting. Unknown container: 'db'`,
    ],
    [
      'come from other containers',
      app({ volumesFrom: [{ sourceContainer: 'app' }] }),
      `Invalid 'volumesFrom' setting. Unknown container: 'app'`,
    ],
    [
      'configured at launch are mounted',
      { volumes: [{ name: 'a', configuredAtLaunch: true }] },
      'Volumes [a] are not referenced by any of the containers.',
    ],
    [
      'configured at launch are at most one',
      {
        volumes: [
          { name: 'a', configuredAtLaunch: true },
          { name: 'b', configuredAtLaunch: true },
        ],
      },
      'Only one volume can be configured at launch.',
    ],
    [
      'configured at launch have no other configuration',
      { volumes: [{ name: 'a', host: {}, configuredAtLaunch: true }] },
      `The volume 'a' is configured at launch and can not have another volume configuration.`,
    ],
    ['on EFS name a file system', efs({ fileSystemId: 'x' }), 'Invalid EFS file system ID.'],
    [
      'on EFS with IAM are encrypted in transit',
      efs({ authorizationConfig: { iam: 'ENABLED' } }),
      'EFS IAM authorization requires TransitEncryption to be enabled.',
    ],
    [
      'on EFS with an access point are encrypted in transit',
      efs({ authorizationConfig: { accessPointId: 'fsap-1' } }),
      'EFS Access Point requires TransitEncryption to be enabled.',
    ],
    [
      'on EFS with an access point have no directory',
      efs({ transitEncryption: 'ENABLED', rootDirectory: '/x', authorizationConfig: { accessPointId: 'fsap-1' } }),
      'When using an EFS access point, the root directory must either be set to "/" or be omitted.',
    ],
    [
      'on EFS have a port with encryption only',
      efs({ transitEncryptionPort: 2049 }),
      'TransitEncryptionPort requires that TransitEncryption is enabled.',
    ],
    [
      'on EFS have a port that is one',
      efs({ transitEncryption: 'ENABLED', transitEncryptionPort: 70_000 }),
      'Invalid TransitEncryptionPort.',
    ],
  ])
  refuses(ec2, [
    [
      'are of one kind',
      {
        volumes: [
          { name: 'a', dockerVolumeConfiguration: {}, efsVolumeConfiguration: { fileSystemId: 'fs-01234567' } },
        ],
      },
      `Only one volume configuration can be specified for volume 'a'.`,
    ],
  ])
  takes(fargate, [
    ['may come from a sidecar', containers({ ...APP, volumesFrom: [{ sourceContainer: 'side' }] }, side())],
    [
      'may be on EFS',
      efs({
        transitEncryption: 'ENABLED',
        rootDirectory: '/',
        authorizationConfig: { accessPointId: 'fsap-1', iam: 'ENABLED' },
      }),
    ],
  ])
})

describe('logs', () => {
  const where = { 'awslogs-region': 'eu-west-1', 'awslogs-group': '/g' }
  const awslogs = (options: Record<string, string>) => ({
    executionRoleArn: ROLE,
    ...app({ logConfiguration: { logDriver: 'awslogs', options } }),
  })
  const routed: ContainerDefinition = { ...APP, logConfiguration: { logDriver: 'awsfirelens' } }
  const router = (more: ContainerDefinition = {}) => side({ firelensConfiguration: { type: 'fluentbit' }, ...more })
  refuses(fargate, [
    ['need a region and a group', awslogs({}), 'Log driver awslogs requires options: awslogs-region, awslogs-group'],
    ['need a group', awslogs({ 'awslogs-region': 'eu-west-1' }), 'Log driver awslogs requires options: awslogs-group'],
    [
      'have AWS’s options only',
      awslogs({ ...where, 'awslogs-endpoint': 'x' }),
      'Log driver awslogs disallows options: awslogs-endpoint',
    ],
    [
      'block or not',
      awslogs({ ...where, mode: 'maybe' }),
      `Invalid value for log driver option 'mode'. It must be one of [blocking, non-blocking].`,
    ],
    [
      'have a buffer of bytes',
      awslogs({ ...where, 'max-buffer-size': 'big' }),
      `Invalid value for log driver option 'max-buffer-size'.`,
    ],
    [
      'create their group or not',
      awslogs({ ...where, 'awslogs-create-group': 'yes' }),
      `Invalid value for log driver option 'awslogs-create-group'. It must be one of [true, false].`,
    ],
    [
      'need a URL for Splunk',
      app({ logConfiguration: { logDriver: 'splunk' } }),
      'Log driver splunk requires options: splunk-url',
    ],
    [
      'need a router for FireLens',
      containers(routed),
      'When you are specifying the awsfirelens log driver, you must also specify a container with firelensConfiguration.',
    ],
    [
      'have one router',
      containers(routed, router(), router({ name: 'other' })),
      'A task definition can have at most one container with firelensConfiguration.',
    ],
    [
      'of the router go elsewhere',
      containers(APP, router({ logConfiguration: { logDriver: 'awsfirelens' } })),
      'A container with firelensConfiguration can not use the awsfirelens log driver.',
    ],
  ])
  takes(fargate, [
    [
      'may have all of AWS’s options',
      awslogs({
        ...where,
        'awslogs-stream-prefix': 'a',
        'awslogs-create-group': 'true',
        mode: 'non-blocking',
        'max-buffer-size': '25m',
      }),
    ],
    ['may go to FireLens', containers(routed, router())],
  ])
})

describe('environment files and secrets', () => {
  const files = (...values: string[]) => ({
    executionRoleArn: ROLE,
    ...app({ environmentFiles: values.map((value) => ({ type: 's3' as const, value })) }),
  })
  const secrets = (...valueFrom: string[]) => ({
    executionRoleArn: ROLE,
    ...app({ secrets: valueFrom.map((from, index) => ({ name: `S${index}`, valueFrom: from })) }),
  })
  const needs = (what: string) =>
    `When you are specifying container ${what}, you must also specify a value for 'executionRoleArn'.`
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'
  const badSecret = `Invalid 'valueFrom' setting for secret 'S0'.`
  refuses(fargate, [
    ['of secrets need an execution role', app({ secrets: [{ name: 'S', valueFrom: 'p' }] }), needs('secrets')],
    [
      'of log secrets need an execution role',
      app({
        logConfiguration: {
          logDriver: 'splunk',
          options: { 'splunk-url': 'x' },
          secretOptions: [{ name: 'splunk-token', valueFrom: 'p' }],
        },
      }),
      needs('secrets'),
    ],
    [
      'of files need an execution role',
      { ...files('arn:aws:s3:::b/a.env'), executionRoleArn: undefined as never },
      needs('environment files'),
    ],
    [
      'of private registries need an execution role',
      app({ repositoryCredentials: { credentialsParameter: secret } }),
      needs('repository credentials'),
    ],
    [
      'are ten files at most',
      files(...Array(11).fill('arn:aws:s3:::b/a.env')),
      'The maximum number of environment files was exceeded. Specify ten or less and try again.',
    ],
    ['are files named by ARN', files('s3://b/a.env'), 'Invalid arn syntax.'],
    [
      'are files that end in .env',
      files('arn:aws:s3:::b/a.txt'),
      'The environment file must have a .env file extension.',
    ],
    [
      'are files in S3',
      {
        executionRoleArn: ROLE,
        ...app({ environmentFiles: [{ type: 'efs' as never, value: 'arn:aws:s3:::b/a.env' }] }),
      },
      'Invalid environment file type. It must be one of [s3].',
    ],
    [
      'are secrets with names',
      { executionRoleArn: ROLE, ...app({ secrets: [{ name: '', valueFrom: 'p' }] }) },
      'Secret.name should not be null or empty.',
    ],
    ['are secrets with values', secrets(''), 'Secret.valueFrom should not be null or empty.'],
    [
      'are secrets once',
      {
        executionRoleArn: ROLE,
        ...app({
          secrets: [
            { name: 'S', valueFrom: 'p' },
            { name: 'S', valueFrom: 'q' },
          ],
        }),
      },
      'Duplicate secret names found: S.',
    ],
    [
      'are secrets or variables',
      {
        executionRoleArn: ROLE,
        ...app({ environment: [{ name: 'S', value: '1' }], secrets: [{ name: 'S', valueFrom: 'p' }] }),
      },
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'S'.`,
    ],
    ['are secrets of known services', secrets('arn:aws:s3:::b/a'), badSecret],
    ['are secrets with all colons', secrets(`${secret}:key`), badSecret],
    ['are secrets of a stage or a version', secrets(`${secret}:key:AWSCURRENT:0123`), badSecret],
  ])
  takes(fargate, [
    ['may be parameters by name and by ARN', secrets('/app/db', 'arn:aws:ssm:eu-west-1:123456789012:parameter/app/db')],
    [
      'may be secrets, keys of them, stages and versions',
      secrets(secret, `${secret}:key::`, `${secret}::AWSPREVIOUS:`, `${secret}:::0123`),
    ],
    ['may be ten files', files(...Array(10).fill('arn:aws:s3:::b/a.env'))],
  ])
})

describe('kernel settings', () => {
  const linux = (linuxParameters: ContainerDefinition['linuxParameters']) => app({ linuxParameters })
  const ulimits = (...list: [string, number, number][]) =>
    app({ ulimits: list.map(([name, softLimit, hardLimit]) => ({ name: name as 'core', softLimit, hardLimit })) })
  refuses(fargate, [
    ['are ulimits that exist', ulimits(['files', 1, 1]), `Invalid ulimit name 'files' for container 'app'.`],
    ['are ulimits once', ulimits(['core', 1, 1], ['core', 1, 1]), `Duplicate ulimit name 'core' for container 'app'.`],
    ['are ulimits that are soft below hard', ulimits(['core', 2, 1]), 'Soft limit exceeds hard limit for ulimit core'],
    [
      'are capabilities that exist',
      linux({ capabilities: { drop: ['FLY'] } }),
      `Invalid Linux capability 'FLY' for container 'app'.`,
    ],
    [
      'are tmpfs at an absolute path',
      linux({ tmpfs: [{ containerPath: 'tmp', size: 1 }] }),
      `Invalid tmpfs 'containerPath' setting for container 'app'.`,
    ],
    [
      'are tmpfs of some size',
      linux({ tmpfs: [{ containerPath: '/tmp', size: 0 }] }),
      `Invalid tmpfs 'size' setting for container 'app'.`,
    ],
    [
      'are tmpfs with known options',
      linux({ tmpfs: [{ containerPath: '/tmp', size: 1, mountOptions: ['fast'] }] }),
      `Invalid tmpfs mount option 'fast' for container 'app'.`,
    ],
  ])
  refuses(ec2, [
    [
      'are sysctls with names',
      app({ systemControls: [{ value: '1' }] }),
      'SystemControl.namespace should not be null or empty.',
    ],
    [
      'are sysctls with values',
      app({ systemControls: [{ namespace: 'net.core.somaxconn' }] }),
      'SystemControl.value should not be null or empty.',
    ],
    [
      'are a swappiness of 100 at most',
      linux({ swappiness: 101 }),
      `The 'swappiness' setting for container 'app' must be between 0 and 100.`,
    ],
  ])
  takes(fargate, [['may raise open files', ulimits(['nofile', 65_536, 1_048_576])]])
  takes(ec2, [
    [
      'may be anything on EC2',
      linux({ capabilities: { add: ['NET_ADMIN'] }, sharedMemorySize: 64, devices: [{ hostPath: '/dev/kvm' }] }),
    ],
  ])
})

describe('compatibility with Fargate', () => {
  it('is found without being asked for, whatever the size', () => {
    expect(isFargateCompatible(ec2({ networkMode: 'awsvpc' }))).toBe(true)
    expect(isFargateCompatible(ec2())).toBe(false)
    expect(isFargateCompatible(ec2({ networkMode: 'awsvpc', ...app({ privileged: true }) }))).toBe(false)
  })
})
