// The metadata endpoint as a task sees it: its own document, in ECS's shape, and nothing of any other.

import { beforeEach, describe, expect, it } from 'vitest'
import { SimulatedClock } from '#base/simulated-clock.ts'
import type { ContainerStats } from '#engine/engine.ts'
import type { ContainerBody, TaskMetadataDocument } from './document.ts'
import { type AnswerMetadata, metadataAnswers, type MetadataResponse } from './metadata.ts'

const body = (id: string): ContainerBody => ({
  DockerId: id,
  Name: 'app',
  DockerName: 'app',
  Image: 'busybox',
  Labels: {},
  DesiredStatus: 'RUNNING',
  KnownStatus: 'RUNNING',
  Limits: { CPU: 2 },
  Type: 'NORMAL',
  LogDriver: 'awslogs',
  ContainerARN: 'arn/app',
  Networks: [
    {
      NetworkMode: 'awsvpc',
      IPv4Addresses: ['10.0.1.23'],
      AttachmentIndex: 0,
      MACAddress: '0a:00:00:00:00:01',
      IPv4SubnetCIDRBlock: '10.0.1.0/24',
      DomainNameServers: ['10.0.0.2'],
      DomainNameSearchList: ['ec2.internal'],
      PrivateDNSName: 'ip-10-0-1-23.ec2.internal',
      SubnetGatewayIpv4Address: '10.0.1.1/24',
    },
  ],
  Snapshotter: 'overlayfs',
})

const DOCUMENT: TaskMetadataDocument = {
  task: {
    Cluster: 'arn/cluster',
    TaskARN: 'arn/task',
    Family: 'web',
    Revision: '1',
    DesiredStatus: 'RUNNING',
    KnownStatus: 'RUNNING',
    Limits: { CPU: 0.25, Memory: 512 },
    LaunchType: 'FARGATE',
    FaultInjectionEnabled: false,
  },
  taskTags: { team: 'a' },
  containers: [
    { id: 'aaa-1', name: 'app', running: true, body: body('aaa-1') },
    { id: 'aaa-2', name: 'init', running: false, body: body('aaa-2') },
  ],
  networkInterfaceId: 'eni-1',
  storageReservedMiB: 20_496,
  taskId: 'aaa',
}

const use = (cpuNanos: number, readAt: string): ContainerStats => ({
  readAt,
  cpuNanos,
  cpuUserNanos: cpuNanos - 1,
  cpuSystemNanos: 1,
  cpuPeriods: 4,
  cpuThrottledPeriods: 3,
  cpuThrottledNanos: 2,
  onlineCpus: 2,
  systemCpuNanos: 1000,
  memoryBytes: 7,
  memoryMaxBytes: 8,
  memoryLimitBytes: 9,
  memoryDetail: { cache: 1 },
  processes: 5,
  readBytes: 10,
  writeBytes: 20,
})

const network = (bytes: number) => ({
  receivedBytes: bytes,
  receivedPackets: 1,
  receivedErrors: 0,
  receivedDropped: 0,
  sentBytes: bytes * 2,
  sentPackets: 2,
  sentErrors: 0,
  sentDropped: 0,
})

let clock: SimulatedClock
let answer: AnswerMetadata
let passed = 0
let questions: unknown[] = []
let agents: { status: number; body: unknown } | undefined

beforeEach(() => {
  clock = new SimulatedClock()
  passed = 0
  questions = []
  agents = { status: 200, body: { protection: {} } }
  answer = metadataAnswers({
    clock,
    askAgent: async (question) => {
      questions.push(question)
      return agents
    },
    readStats: async (id) => (id === 'aaa-1' ? use(100 + passed, clock.now().toISOString()) : undefined),
    readNetwork: async () => network(passed),
    readStorage: async () => 12,
    readClockError: () => ({ most: 0.5, isSynchronized: true }),
  })
})

const ask = (path: string, document: unknown = DOCUMENT, method = 'GET'): Promise<MetadataResponse> =>
  answer({ method, path, body: '', caller: { vpcId: 'vpc-1', ip: '10.0.1.23' } }, document)
const parsed = async (path: string): Promise<unknown> => JSON.parse((await ask(path)).body)

describe('version 4', () => {
  it('answers the container that asks', async () => {
    const response = await ask('/v4/aaa-1')
    expect(response.status).toBe(200)
    expect(response.headers).toEqual({ 'content-type': 'application/json' })
    expect(JSON.parse(response.body)).toEqual(body('aaa-1'))
  })

  it('answers the task with its containers, what it uses of its disk, and how right its clock is', async () => {
    expect(await parsed('/v4/aaa-1/task')).toEqual({
      ...DOCUMENT.task,
      ClockDrift: {
        ClockErrorBound: 0.5,
        ReferenceTimestamp: '2026-01-01T00:00:00.000Z',
        ClockSynchronizationStatus: 'SYNCHRONIZED',
      },
      Containers: [body('aaa-1'), body('aaa-2')],
      EphemeralStorageMetrics: { Utilized: 12, Reserved: 20_496 },
    })
  })

  it('adds the tags where they are asked for', async () => {
    expect(await parsed('/v4/aaa-1/taskWithTags')).toMatchObject({ TaskTags: { team: 'a' } })
  })

  it('answers statistics as Docker does, with rates between two questions', async () => {
    expect(await parsed('/v4/aaa-1/stats')).toMatchObject({
      preread: '0001-01-01T00:00:00Z',
      cpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1000, online_cpus: 2 },
      memory_stats: { usage: 7, max_usage: 8, limit: 9, stats: { cache: 1 } },
      pids_stats: { current: 5 },
      networks: { eth1: { rx_bytes: 0, tx_bytes: 0 } },
      id: 'aaa-1',
      name: 'app',
    })
    passed = 50
    await clock.advance(5)
    expect(await parsed('/v4/aaa-1/stats')).toMatchObject({
      preread: '2026-01-01T00:00:00.000Z',
      precpu_stats: { cpu_usage: { total_usage: 100 } },
      cpu_stats: { cpu_usage: { total_usage: 150 } },
      network_rate_stats: { rx_bytes_per_sec: 10, tx_bytes_per_sec: 20 },
    })
  })

  it('answers the whole task’s statistics by DockerId, null for what does not run', async () => {
    expect(await parsed('/v4/aaa-1/task/stats')).toMatchObject({ 'aaa-1': { name: 'app' }, 'aaa-2': null })
  })
})

it('speaks version 3, which knows less', async () => {
  const answered = (await parsed('/v3/aaa-1')) as ContainerBody
  expect(answered).not.toHaveProperty('LogDriver')
  expect(answered.Networks).toEqual([{ NetworkMode: 'awsvpc', IPv4Addresses: ['10.0.1.23'] }])
})

describe('what is not the caller’s', () => {
  it.each(['/v4/bbb-1', '/v4/bbb-1/task', '/v4/bbb-1/stats', '/v4/bbb-1/task/stats'])(
    '%s, of another task, is answered like what never was',
    async (path) => {
      const other = await ask(path)
      expect(other.status).toBe(404)
      expect(JSON.parse(other.body)).toMatch(/^V4 (container|task) (metadata|stats) handler: .*bbb-1$/)
      expect(other.body.replaceAll('bbb', 'zzz')).toBe((await ask(path.replace('bbb', 'zzz'))).body)
    },
  )

  it('is anything at all for a caller without a document', async () => {
    const response = await answer(
      { method: 'GET', path: '/v4/aaa-1', body: '', caller: { vpcId: 'vpc-1', ip: '10.0.1.99' } },
      undefined,
    )
    expect(response.status).toBe(404)
  })

  it.each([
    '/',
    '/v5/aaa-1',
    '/v4',
    '/v4/aaa-1/../bbb-1',
    '/v4/aaa-1/nothing',
    '/v2/credentials/x',
    '/v4/aaa-1/constructor',
  ])('%s is no page', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: '404 page not found\n' })
  })

  it('is to be changed by nobody', async () => {
    expect(await ask('/v4/aaa-1', DOCUMENT, 'POST')).toMatchObject({ status: 405 })
  })
})

it('answers sixty questions at once and forty a second', async () => {
  const statuses = async (count: number): Promise<number[]> =>
    (await Promise.all(Array.from({ length: count }, () => ask('/v4/aaa-1')))).map(({ status }) => status)
  expect((await statuses(70)).filter((status) => status === 200)).toHaveLength(60)
  expect(await ask('/v4/aaa-1')).toMatchObject({ status: 429, body: 'You have reached maximum request limit.' })
  await clock.advance(0.5)
  expect((await statuses(30)).filter((status) => status === 200)).toHaveLength(20)
  // Another task has a bucket of its own.
  const other = await answer(
    { method: 'GET', path: '/v4/aaa-1', body: '', caller: { vpcId: 'vpc-2', ip: '10.0.1.23' } },
    DOCUMENT,
  )
  expect(other.status).toBe(200)
})

describe('the agent, below /api/', () => {
  const put = (path: string, document: unknown = DOCUMENT): Promise<MetadataResponse> =>
    answer({ method: 'PUT', path, body: '{"a":1}', caller: { vpcId: 'vpc-1', ip: '10.0.1.23' } }, document ?? undefined)

  it('is asked in the name of the task that the packet comes from, and of no other', async () => {
    expect(await put('/api/aaa-1/task-protection/v1/state')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"protection":{}}',
    })
    const path = '/task-protection/v1/state'
    expect(questions).toEqual([{ taskArn: 'arn/task', method: 'PUT', path, body: '{"a":1}' }])
    for (const stranger of [await put('/api/bbb-1/task-protection/v1/state'), await put(`/api/aaa-1${path}`, null)]) {
      expect(stranger.status).toBe(404)
      expect(JSON.parse(stranger.body)).toEqual({
        error: { Code: 'ResourceNotFoundException', Message: 'Failed to find a task for the request' },
      })
    }
    expect(questions).toHaveLength(1)
  })

  it('says so when the control plane does not answer', async () => {
    agents = undefined
    const response = await put('/api/aaa-1/task-protection/v1/state')
    expect(response.status).toBe(504)
    expect(JSON.parse(response.body)).toEqual({
      error: {
        Arn: 'arn/task',
        Code: 'RequestCanceled',
        Message: 'Timed out calling ECS Task Protection API',
      },
    })
  })

  it('has nothing else', async () => {
    expect((await ask('/api/aaa-1/other')).status).toBe(404)
    expect((await put('/api/aaa-1')).status).toBe(405)
    expect((await put('/v4/aaa-1')).status).toBe(405)
  })
})
