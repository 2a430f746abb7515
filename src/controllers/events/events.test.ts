// Goal: every state of a task and a service that ECS would tell is told once, in EventBridge's shape, crash or no crash.
// Method: rows are changed as operations and controllers change them; the event store is read; controllers are killed.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { interrupted } from '#apis/ecs/model/spot.ts'
import { advanced, type TaskRecord } from '#apis/ecs/model/task.ts'
import { serviceEvents, serviceRevisions, services, tasks } from '#apis/ecs/tables.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { memoryEventStore } from '#telemetry/events/memory/memory-event-store.ts'
import { EventController } from './controller.ts'

const ACCOUNT = '123456789012'
const scope = { partition: 'aws', region: 'eu-west-1', account: ACCOUNT }
const ARN = `arn:aws:ecs:eu-west-1:${ACCOUNT}`
const TASK = `${ARN}:task/default/0123`
const SERVICE = `${ARN}:service/default/web`

const newTask = (): TaskRecord =>
  ({
    arn: TASK,
    id: '0123',
    scope,
    clusterName: 'default',
    clusterArn: `${ARN}:cluster/default`,
    createdAt: '2026-01-01T00:00:00.000Z',
    owner: { serviceArn: SERVICE },
    spec: {
      taskDefinitionArn: `${ARN}:task-definition/web:1`,
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      group: 'service:web',
      overrides: { containerOverrides: [{ name: 'app' }] },
      cpuUnits: 256,
      memoryMiB: 512,
      ephemeralStorageGiB: 20,
      tags: [{ key: 'secret', value: 'tag' }],
      enableExecuteCommand: false,
    },
    status: {
      lastStatus: 'PROVISIONING',
      version: 1,
      containers: [
        {
          name: 'app',
          arn: `${ARN}:container/default/0123/4567`,
          runtimeId: '0123-1',
          image: 'busybox',
          imageDigest: 'sha256:1',
          lastStatus: 'PENDING',
          restartCount: 0,
        },
      ],
      attachment: { id: 'a', status: 'PRECREATED', details: [{ name: 'subnetId', value: 'subnet-a' }] },
    },
  }) as unknown as TaskRecord

const newService = (): ServiceRecord =>
  ({
    arn: SERVICE,
    name: 'web',
    scope,
    clusterName: 'default',
    clusterArn: `${ARN}:cluster/default`,
    status: { lastEvent: 0, primaryRevisionArn: `${ARN}:service-revision/default/web/1` },
  }) as unknown as ServiceRecord

const newRevision = (): ServiceRevisionRecord =>
  ({
    arn: `${ARN}:service-revision/default/web/1`,
    id: '1',
    scope,
    serviceArn: SERVICE,
    template: { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] },
    rollout: {
      state: 'IN_PROGRESS',
      reason: 'ECS deployment ecs-svc/1 in progress.',
      updatedAt: '2026-01-01T00:00:00.000Z',
    },
  }) as unknown as ServiceRevisionRecord

interface Event {
  readonly id: string
  readonly 'detail-type': string
  readonly resources: string[]
  readonly detail: Record<string, unknown>
}

let clock: SimulatedClock
const store = memoryStore()
let events: ReturnType<typeof memoryEventStore>
let life: AbortController
let dead: Promise<void>

const begin = (): void => {
  life = new AbortController()
  dead = new EventController({ store, events, clock, random: seededRandom(1), log: silentLog }).run(life.signal)
}
const told = async (subject?: string): Promise<Event[]> =>
  (await events.read({ account: ACCOUNT, limit: 1000, ...(subject === undefined ? {} : { subject }) })).map(
    ({ text }) => JSON.parse(text) as Event,
  )
const states = async (): Promise<string[]> =>
  (await told()).map(({ detail }) => `${String(detail['lastStatus'])} ${String(detail['version'])}`)
const put = (task: TaskRecord): Promise<void> => store.write((tx) => tx.put(tasks, task))
const tell = (number: number, message: string): Promise<void> =>
  store.write(async (tx) => {
    await tx.put(serviceEvents, {
      serviceArn: SERVICE as never,
      number,
      id: `id-${number}`,
      createdAt: '2026-01-01T00:00:01.000Z',
      message,
    })
    const service = await tx.get(services, SERVICE)
    await tx.put(services, { ...service!, status: { ...service!.status, lastEvent: number } })
  })

beforeEach(() => {
  clock = new SimulatedClock('2026-01-01T00:00:00Z')
  events = memoryEventStore()
  begin()
})
afterEach(async () => {
  life.abort()
  await dead
  await store.write(async (tx) => {
    for (const table of [tasks, services, serviceEvents, serviceRevisions]) {
      for (const row of await tx.list<never>(table as never)) await tx.delete(table as never, table.key(row))
    }
  })
})

describe('ECS Task State Change', () => {
  it('has EventBridge’s envelope, and the task as DescribeTasks shows it with ISO times', async () => {
    await put(newTask())
    await clock.advance(1)
    const [event] = await told()
    expect(event).toMatchObject({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      account: ACCOUNT,
      time: '2026-01-01T00:00:00Z',
      region: 'eu-west-1',
      resources: [TASK],
      detail: {
        taskArn: TASK,
        lastStatus: 'PROVISIONING',
        desiredStatus: 'RUNNING',
        version: 1,
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
        cpu: '256',
        attachments: [{ type: 'eni', status: 'PRECREATED' }],
        containers: [{ name: 'app', lastStatus: 'PENDING' }],
      },
    })
    expect(JSON.stringify(event)).not.toMatch(/healthStatus|secret|imageDigest/)
  })

  it('is told for every state, the wish to stop among them, and not for health alone', async () => {
    let task = newTask()
    await put(task)
    task = advanced(task, { lastStatus: 'RUNNING' })
    await put(task)
    task = advanced(task, {
      containers: task.status.containers.map((one) => ({
        ...one,
        health: { status: 'HEALTHY', statusSince: '', failures: 0 },
      })),
    })
    await put(task)
    task = interrupted(task, '2026-01-01T00:00:00.000Z', 120)
    await put(task)
    task = advanced(task, { lastStatus: 'STOPPED', stopCode: 'SpotInterruption', stoppedReason: 'x' })
    await put(task)
    await clock.advance(1)
    expect(
      (await told()).map(({ detail: { lastStatus, desiredStatus, stopCode, version } }) => [
        lastStatus,
        desiredStatus,
        stopCode,
        version,
      ]),
    ).toEqual([
      ['PROVISIONING', 'RUNNING', undefined, 1],
      ['RUNNING', 'RUNNING', undefined, 2],
      ['RUNNING', 'STOPPED', 'TerminationNotice', 4],
      ['STOPPED', 'STOPPED', 'SpotInterruption', 5],
    ])
  })

  it('is found by its task, its service and its cluster', async () => {
    await put(newTask())
    await clock.advance(1)
    for (const subject of [TASK, SERVICE, `${ARN}:cluster/default`]) expect(await told(subject)).toHaveLength(1)
    expect(await told(`${ARN}:cluster/other`)).toEqual([])
  })
})

describe('after a kill', () => {
  it('tells the last state of what changed meanwhile, and nothing twice', async () => {
    const task = newTask()
    await put(task)
    await clock.advance(1)
    life.abort()
    await dead
    await put(advanced(task, { lastStatus: 'PENDING' }))
    await put(advanced(advanced(task, { lastStatus: 'PENDING' }), { lastStatus: 'RUNNING' }))
    begin()
    await clock.advance(1)
    expect(await states()).toEqual(['PROVISIONING 1', 'RUNNING 3'])
    life.abort()
    await dead
    begin()
    await clock.advance(1)
    expect(await states()).toHaveLength(2)
  })

  it('forgets the versions of tasks that are gone, whether it saw them go or not', async () => {
    await put(newTask())
    await clock.advance(1)
    await store.write((tx) => tx.delete(tasks, TASK))
    await clock.advance(1)
    expect((await events.versions()).size).toBe(0)
    await put(newTask())
    await clock.advance(1)
    life.abort()
    await dead
    await store.write((tx) => tx.delete(tasks, TASK))
    begin()
    await clock.advance(1)
    expect((await events.versions()).size).toBe(0)
  })

  it('tells what a service said meanwhile, and each deployment’s state once', async () => {
    await store.write(async (tx) => {
      await tx.put(services, newService())
      await tx.put(serviceRevisions, newRevision())
    })
    await clock.advance(1)
    life.abort()
    await dead
    await tell(1, '(service web) has reached a steady state.')
    await store.write((tx) =>
      tx.put(serviceRevisions, {
        ...newRevision(),
        rollout: { ...newRevision().rollout, updatedAt: '2026-01-01T00:00:05.000Z', failedTasks: 1 },
      }),
    )
    begin()
    await clock.advance(1)
    expect((await told()).map(({ detail }) => detail['eventName'])).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_STEADY_STATE',
    ])
  })
})

describe('a store that refuses', () => {
  it('gets the same events again, in order', async () => {
    let faults = 2
    const append = events.append.bind(events)
    events.append = async (batch) => {
      if (faults-- > 0) throw new Fault('no-space', 'disk full')
      return append(batch)
    }
    await put(newTask())
    await clock.advance(1)
    await put(advanced(newTask(), { lastStatus: 'PENDING' }))
    await clock.advance(10)
    expect(await states()).toEqual(['PROVISIONING 1', 'PENDING 2'])
  })
})

describe('retention', () => {
  it('keeps a day', async () => {
    await put(newTask())
    await clock.advance(23 * 3600)
    expect(await told()).toHaveLength(1)
    await clock.advance(2 * 3600)
    expect(await told()).toEqual([])
  })
})

describe('ECS Service Action and ECS Deployment State Change', () => {
  beforeEach(() =>
    store.write(async (tx) => {
      await tx.put(services, newService())
      await tx.put(serviceRevisions, newRevision())
    }),
  )

  it.each([
    ['(service web) has reached a steady state.', 'INFO', 'SERVICE_STEADY_STATE'],
    ['(service web, taskSet ecs-svc/1) has reached a steady state.', 'INFO', 'TASKSET_STEADY_STATE'],
    ['(service web) has stopped 2 running tasks: (task a) (task b).', 'INFO', 'TASKS_STOPPED'],
    ['(service web) has stopped 1 running tasks in a to AZ Rebalance: (task a).', 'INFO', 'TASKS_STOPPED'],
    ['(service web) has started 1 tasks in b to AZ Rebalance: (task b).', 'INFO', 'TASKS_STARTED'],
    [
      '(service web) is not AZ balanced with 2 tasks in a and 0 in b. AZ Rebalancing in progress.',
      'INFO',
      'SERVICE_REBALANCING_STARTED',
    ],
    ['(service web) is AZ balanced with 1 tasks in a and 1 tasks in b.', 'INFO', 'SERVICE_REBALANCING_COMPLETED'],
    ['(service web) AZ Rebalancing was stopped.', 'INFO', 'SERVICE_REBALANCING_STOPPED'],
    ['(service web) is unable to consistently start tasks successfully.', 'WARN', 'SERVICE_TASK_START_IMPAIRED'],
    ['(service web) operations are being throttled. Will try again later.', 'ERROR', 'ECS_OPERATION_THROTTLED'],
  ])('%s', async (message, eventType, eventName) => {
    await tell(1, message)
    await clock.advance(1)
    expect((await told(SERVICE)).at(-1)).toMatchObject({
      'detail-type': 'ECS Service Action',
      resources: [SERVICE],
      detail: { eventType, eventName, clusterArn: `${ARN}:cluster/default`, createdAt: '2026-01-01T00:00:01.000Z' },
    })
  })

  it('names reason and capacity providers where a task could not be placed', async () => {
    await tell(1, '(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please …')
    await clock.advance(1)
    expect((await told(SERVICE)).at(-1)?.detail).toMatchObject({
      eventName: 'SERVICE_TASK_PLACEMENT_FAILURE',
      reason: 'RESOURCE:FARGATE',
      capacityProviderArns: [`${ARN}:capacity-provider/FARGATE_SPOT`],
    })
  })

  it('names the reason where tasks could not be launched', async () => {
    await tell(1, '(service web) failed to launch a task with (error ClientException: TaskDefinition not found).')
    await clock.advance(1)
    expect((await told(SERVICE)).at(-1)?.detail).toMatchObject({
      eventType: 'ERROR',
      eventName: 'SERVICE_TASK_CONFIGURATION_FAILURE',
      reason: 'ClientException: TaskDefinition not found',
    })
  })

  it('leaves the service’s other messages to DescribeServices', async () => {
    await tell(1, '(service web) has started 1 tasks: (task a).')
    await clock.advance(1)
    expect((await told(SERVICE)).map((event) => event['detail-type'])).toEqual(['ECS Deployment State Change'])
  })

  it.each([
    ['COMPLETED', 'INFO'],
    ['FAILED', 'ERROR'],
  ] as const)('a deployment that is %s', async (state, eventType) => {
    const updatedAt = '2026-01-01T00:00:09.000Z'
    await store.write((tx) =>
      tx.put(serviceRevisions, {
        ...newRevision(),
        rollout: { ...newRevision().rollout, state, reason: 'why', updatedAt },
      }),
    )
    await clock.advance(1)
    expect((await told(SERVICE)).at(-1)).toMatchObject({
      'detail-type': 'ECS Deployment State Change',
      resources: [SERVICE],
      detail: {
        eventType,
        eventName: `SERVICE_DEPLOYMENT_${state}`,
        deploymentId: 'ecs-svc/1',
        updatedAt,
        reason: 'why',
      },
    })
  })
})
