// From a task definition, overrides and an interface to what the engine is told.

import { describe, expect, it } from 'vitest'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { roster } from './roster.ts'
import { engineContainer, engineTask, unknownIsolation } from './translate.ts'

const SETTINGS = { endpointUrl: 'http://aws.neargate.internal:4566' }
const SCOPE = { partition: 'aws', region: 'us-west-2', account: '123456789012' }

const taskOf = (containers: readonly ContainerDefinition[], spec: object = {}): TaskRecord =>
  ({
    id: '0'.repeat(32),
    scope: SCOPE,
    spec: { cpuUnits: 256, memoryMiB: 512, ephemeralStorageGiB: 21, tags: [], overrides: {}, ...spec },
    status: { containers: containers.map(({ name }) => ({ name, runtimeId: `run-${name}`, lastStatus: 'PENDING' })) },
  }) as unknown as TaskRecord

const definitionOf = (containers: readonly ContainerDefinition[], more: object = {}): TaskDefinitionRecord =>
  ({ containerDefinitions: containers, volumes: [], ...more }) as unknown as TaskDefinitionRecord

const ENI = {
  spec: { privateIp: '10.0.1.23' },
  status: { state: 'attached', namespacePath: '/run/netns/eni-1' },
} as NetworkInterfaceRecord

const translated = (container: ContainerDefinition, spec: object = {}, others: ContainerDefinition[] = []) => {
  const all = [{ name: 'app', ...container }, ...others]
  const task = taskOf(all, spec)
  const members = roster(task, definitionOf(all))
  return engineContainer(task, members[0]!, members, 'sha256:1', SETTINGS)
}

describe('a task', () => {
  it('gets its limits, its name and its resolver', () => {
    const definition = definitionOf([], { volumes: [{ name: 'data' }], pidMode: 'task' })
    expect(engineTask(taskOf([]), definition, ENI, '10.0.0.0/16')).toEqual({
      id: '0'.repeat(32),
      networkNamespacePath: '/run/netns/eni-1',
      hostname: 'ip-10-0-1-23.us-west-2.compute.internal',
      cpuMillis: 250,
      memoryMiB: 512,
      storageGiB: 21,
      pidMode: 'task',
      isolation: 'default',
      volumes: ['data'],
      dns: { servers: ['10.0.0.2'], search: ['us-west-2.compute.internal'] },
      hosts: [{ address: '10.0.1.23', names: ['ip-10-0-1-23.us-west-2.compute.internal'] }],
    })
  })

  it('gets a kernel of its own when its tag asks for it', () => {
    const tags = [{ key: 'neargate:isolation', value: 'gvisor' }]
    expect(engineTask(taskOf([], { tags }), definitionOf([]), ENI, '10.0.0.0/16').isolation).toBe('gvisor')
    expect(unknownIsolation(taskOf([], { tags }))).toBeUndefined()
    expect(unknownIsolation(taskOf([]))).toBeUndefined()
  })

  it.each(['gVisor', '', 'kata', 'constructor'])('is refused the isolation class "%s", which there is not', (value) => {
    const tags = [{ key: 'neargate:isolation', value }]
    expect(unknownIsolation(taskOf([], { tags }))).toBe(
      'ResourceInitializationError: The tag neargate:isolation knows the values default and gvisor.',
    )
  })
})

describe('a container', () => {
  it('that says nothing gets ECS’s defaults', () => {
    expect(translated({})).toEqual({
      id: 'run-app',
      taskId: '0'.repeat(32),
      name: 'app',
      imageDigest: 'sha256:1',
      environment: {
        AWS_REGION: 'us-west-2',
        AWS_DEFAULT_REGION: 'us-west-2',
        AWS_ENDPOINT_URL: 'http://aws.neargate.internal:4566',
        AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
        ECS_CONTAINER_METADATA_URI: 'http://169.254.170.2/v3/run-app',
        ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/run-app',
        ECS_AGENT_URI: 'http://169.254.170.2/api/run-app',
      },
      readonlyRootFilesystem: false,
      cpuShares: 2,
      mounts: [],
      tmpfs: [],
      ulimits: [{ name: 'nofile', soft: 65_535, hard: 65_535 }],
      sysctls: {},
      init: false,
      capabilities: { add: [], drop: [] },
      tty: false,
      interactive: false,
    })
  })

  it('may name another endpoint, and cannot pretend to be another container', () => {
    const environment = [
      { name: 'AWS_ENDPOINT_URL', value: 'http://elsewhere' },
      { name: 'ECS_CONTAINER_METADATA_URI_V4', value: 'http://169.254.170.2/v4/another' },
    ]
    expect(translated({ environment }).environment).toMatchObject({
      AWS_ENDPOINT_URL: 'http://elsewhere',
      ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/run-app',
    })
  })

  it('is overridden by the run', () => {
    const overrides = {
      containerOverrides: [
        {
          name: 'app',
          command: ['b'],
          memory: 64,
          environment: [
            { name: 'A', value: '2' },
            { name: 'B', value: '3' },
          ],
        },
      ],
    }
    const made = translated({ command: ['a'], memory: 32, environment: [{ name: 'A', value: '1' }] }, { overrides })
    expect(made).toMatchObject({ command: ['b'], memoryMiB: 64, environment: { A: '2', B: '3' } })
  })

  it('is told everything that the definition says', () => {
    const made = translated({
      entryPoint: ['/e'],
      user: '1000:1000',
      workingDirectory: '/w',
      cpu: 128,
      memory: 256,
      memoryReservation: 128,
      readonlyRootFilesystem: true,
      pseudoTerminal: true,
      interactive: true,
      ulimits: [{ name: 'nofile', softLimit: 10, hardLimit: 20 }],
      systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { add: ['SYS_PTRACE'], drop: ['CAP_NET_RAW', 'ALL'] },
        tmpfs: [{ containerPath: '/t', size: 8, mountOptions: ['noexec'] }],
      },
    })
    expect(made).toMatchObject({
      entryPoint: ['/e'],
      user: '1000:1000',
      workingDirectory: '/w',
      cpuShares: 128,
      memoryMiB: 256,
      memoryReservationMiB: 128,
      readonlyRootFilesystem: true,
      tty: true,
      interactive: true,
      ulimits: [{ name: 'nofile', soft: 10, hard: 20 }],
      sysctls: { 'net.core.somaxconn': '1024' },
      init: true,
      capabilities: { add: ['SYS_PTRACE'], drop: ['NET_RAW', 'ALL'] },
      tmpfs: [{ path: '/t', sizeMiB: 8, options: ['noexec'] }],
    })
  })

  it('has its own mount where volumesFrom brings another to the same place', () => {
    const source = {
      name: 'data',
      mountPoints: [
        { sourceVolume: 'a', containerPath: '/a' },
        { sourceVolume: 'b', containerPath: '/b', readOnly: true },
      ],
    }
    const own = {
      mountPoints: [{ sourceVolume: 'c', containerPath: '/a' }],
      volumesFrom: [{ sourceContainer: 'data' }],
    }
    expect(translated(own, {}, [source]).mounts).toEqual([
      { volume: 'c', path: '/a', readOnly: false },
      { volume: 'b', path: '/b', readOnly: true },
    ])
  })
})
