// The task's plan, as tables that can be read aloud: what is wanted, what is recorded, what the engine shows, what is next.

import { describe, expect, it, test } from 'vitest'
import type { ContainerDependency } from '@aws-sdk/client-ecs'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskContainer, TaskRecord, TaskState } from '#apis/ecs/model/task.ts'
import type { ContainerObservation, TaskObservation } from '#engine/engine.ts'
import type { Facts, Plan, Step } from './facts.ts'
import { nextSteps } from './plan.ts'
import { NO_NOTES, type Notes } from './notes.ts'

const T0 = '2026-01-01T00:00:00.000Z'
const after = (seconds: number): Date => new Date(Date.parse(T0) + seconds * 1000)
const SETTINGS = { endpointUrl: 'http://aws.neargate.internal:4566' }

interface Container {
  readonly name: string
  readonly essential: boolean
  readonly dependsOn: ContainerDependency[]
}

/** "init? → app after init SUCCESS": "?" marks what is not essential. */
const wanted = (text: string): Container[] =>
  text.split(', ').map((one) => {
    const [named = '', on] = one.split(' after ')
    const [containerName, condition] = on?.split(' ') ?? []
    return {
      name: named.replace('?', ''),
      essential: !named.endsWith('?'),
      dependsOn: containerName === undefined ? [] : [{ containerName, condition: condition as 'START' }],
    }
  })

const CODE = /\((\d+)\)/
const codeOf = (text: string): { exitCode: number } | object => {
  const code = CODE.exec(text)?.[1]
  return code === undefined ? {} : { exitCode: Number(code) }
}

/** "RUNNING", "PENDING", "STOPPED(1)", "HEALTHY" (and so running). */
const recorded = (name: string, text: string): TaskContainer => {
  const isHealth = text.endsWith('HEALTHY')
  const lastStatus = isHealth ? 'RUNNING' : (text.replace(CODE, '') as TaskContainer['lastStatus'])
  return {
    name,
    arn: `arn/${name}` as TaskContainer['arn'],
    runtimeId: `id-${name}`,
    image: 'busybox',
    lastStatus,
    restartCount: 0,
    ...(lastStatus === 'PENDING' || text === 'STOPPED'
      ? {}
      : { startedAt: T0, createdAt: T0, imageDigest: 'sha256:1' }),
    ...(lastStatus === 'STOPPED' && text !== 'STOPPED' ? { finishedAt: T0 } : {}),
    ...(isHealth ? { health: { status: text as 'HEALTHY', statusSince: T0, failures: 0 } } : {}),
    ...codeOf(text),
  }
}

/** "created", "running", "exited(1)"; "-" for nothing. */
const shown = (name: string, text: string): ContainerObservation[] =>
  text === '-'
    ? []
    : [
        {
          id: `id-${name}`,
          taskId: 'task',
          state: text.replace(CODE, '') as ContainerObservation['state'],
          outputFile: `/out/${name}`,
          ...(text === 'created' ? {} : { startedAt: T0 }),
          ...(text.startsWith('exited') ? { finishedAt: T0, oomKilled: false } : {}),
          ...codeOf(text),
        },
      ]

const SCOPE = { partition: 'aws', region: 'eu-west-1', account: '123456789012' }

const ASKED = { code: 'UserInitiated', reason: 'r', at: T0 } as const

const ENI = {
  id: 'eni-1',
  scope: SCOPE,
  spec: { vpcId: 'vpc-1', subnetId: 'subnet-1', privateIp: '10.0.1.23', createdAt: T0, deleteRequested: false },
  status: { state: 'attached', namespacePath: '/netns/eni-1', attachedAt: T0 },
} as unknown as NetworkInterfaceRecord

interface Case {
  readonly wants: string
  readonly has: string
  readonly sees: string
  readonly seconds?: number
  readonly change?: (facts: Facts) => Facts
}

/** `has`: "RUNNING: app RUNNING, side STOPPED(1)"; `sees`: one word for each container, or "nothing". */
const facts = ({ wants, has, sees, change = (same) => same }: Case): Facts => {
  const containers = wanted(wants)
  const [lastStatus = '', states = ''] = has.split(': ')
  const known = states.split(', ')
  const words = sees.split(', ')
  const seen: TaskObservation | undefined =
    sees === 'nothing'
      ? undefined
      : { id: 'task', prepared: true, containers: containers.flatMap(({ name }, at) => shown(name, words[at] ?? '-')) }
  const image = { digest: 'sha256:1', config: {} as Notes['images'][string]['config'] }
  const task = {
    arn: 'arn/task',
    id: 'task',
    scope: SCOPE,
    spec: { overrides: {}, subnets: ['subnet-1'], tags: [], cpuUnits: 256, memoryMiB: 512, ephemeralStorageGiB: 20 },
    status: {
      lastStatus: lastStatus as TaskState,
      version: 1,
      containers: containers.map(({ name }, at) => recorded(name, known[at] ?? '')),
      attachment: { id: 'uuid', status: 'ATTACHED', details: [] },
      networkInterfaceId: 'eni-1',
      ...(['RUNNING', 'STOPPING'].includes(lastStatus)
        ? { startedAt: T0, connectivityAt: T0 }
        : { connectivityAt: T0 }),
      ...(lastStatus === 'STOPPING' ? { stoppingAt: T0, stopCode: 'UserInitiated', stoppedReason: 'r' } : {}),
    },
  } as unknown as TaskRecord
  const definition = { containerDefinitions: containers, volumes: [] } as unknown as TaskDefinitionRecord
  return change({
    task,
    isRecorded: true,
    definition,
    networkInterface: ENI,
    vpcCidr: '10.0.0.0/16',
    seen,
    notes: { ...NO_NOTES, images: Object.fromEntries(containers.map(({ name }) => [name, image])) },
    inFlight: new Set(),
    hasRoom: true,
    registrations: [],
  })
}

const said = (step: Step): string => {
  if (step.do === 'create' || step.do === 'recreate') {
    return `${step.do} ${step.container.name}${step.thenStart ? ' and start' : ''}`
  }
  if (step.do === 'signal') return `${step.signal} ${step.container}`
  if (step.do === 'flush-logs' || step.do === 'prepare' || step.do === 'remove') return step.do
  if (step.do === 'ship') return `ship ${step.shipment.containerId}`
  return `${step.do} ${step.container}`
}

const planned = (one: Case): Plan => nextSteps(facts(one), SETTINGS, after(one.seconds ?? 10))
const steps = (one: Case): string => planned(one).steps.map(said).join(', ')
const becomes = (one: Case): string => {
  const { lastStatus, containers, stopCode } = planned(one).task.status
  const each = containers.map(({ exitCode, ...c }) => `${c.lastStatus}${exitCode === undefined ? '' : `(${exitCode})`}`)
  return `${lastStatus}: ${each.join(', ')}${stopCode === undefined || stopCode === 'UserInitiated' ? '' : `; ${stopCode}`}`
}

describe('a task that is wanted', () => {
  test.each`
    wants                                    | has                                        | sees                     | next
    ${'app'}                                 | ${'ACTIVATING: PENDING'}                   | ${'nothing'}             | ${'prepare'}
    ${'app'}                                 | ${'ACTIVATING: PENDING'}                   | ${'-'}                   | ${'create app and start'}
    ${'app'}                                 | ${'ACTIVATING: PENDING'}                   | ${'created'}             | ${'start app'}
    ${'app, side'}                           | ${'ACTIVATING: PENDING, PENDING'}          | ${'-, -'}                | ${'create app and start, create side and start'}
    ${'app'}                                 | ${'RUNNING: RUNNING'}                      | ${'running'}             | ${''}
    ${'db, app after db START'}              | ${'ACTIVATING: PENDING, PENDING'}          | ${'-, -'}                | ${'create db and start, create app'}
    ${'db, app after db START'}              | ${'ACTIVATING: RUNNING, PENDING'}          | ${'running, created'}    | ${'start app'}
    ${'init?, app after init COMPLETE'}      | ${'ACTIVATING: RUNNING, PENDING'}          | ${'running, -'}          | ${''}
    ${'init?, app after init COMPLETE'}      | ${'ACTIVATING: STOPPED(9), PENDING'}       | ${'exited(9), -'}        | ${'create app and start'}
    ${'init?, app after init SUCCESS'}       | ${'ACTIVATING: STOPPED(0), PENDING'}       | ${'exited(0), -'}        | ${'create app and start'}
    ${'db, app after db HEALTHY'}            | ${'ACTIVATING: RUNNING, PENDING'}          | ${'running, -'}          | ${''}
    ${'db, app after db HEALTHY'}            | ${'ACTIVATING: UNHEALTHY, PENDING'}        | ${'running, -'}          | ${''}
    ${'db, app after db HEALTHY'}            | ${'ACTIVATING: HEALTHY, PENDING'}          | ${'running, -'}          | ${'create app and start'}
    ${'a, b after a START, c after b START'} | ${'ACTIVATING: RUNNING, PENDING, PENDING'} | ${'running, created, -'} | ${'start b, create c'}
  `('$wants, on record $has, engine: $sees → $next', ({ next, ...one }) => {
    expect(steps(one as Case)).toBe(next)
  })
})

/** The same, when everything about its stop is on record already. */
const stopping = (same: Facts): Facts => {
  const { status, spec } = same.task
  const isEnding = status.lastStatus === 'DEPROVISIONING'
  const known = {
    ...status,
    stopCode: 'UserInitiated' as const,
    stoppedReason: 'r',
    stoppingAt: T0,
    executionStoppedAt: T0,
    attachment: { ...status.attachment, status: isEnding ? ('DETACHING' as const) : ('ATTACHED' as const) },
  }
  return { ...same, task: { ...same.task, spec: { ...spec, stop: ASKED }, status: known } }
}

describe('a task that is to stop', () => {
  test.each`
    wants                                    | has                                         | sees                             | next
    ${'app'}                                 | ${'STOPPING: RUNNING'}                      | ${'running'}                     | ${'STOP app'}
    ${'app, side'}                           | ${'STOPPING: RUNNING, RUNNING'}             | ${'running, running'}            | ${'STOP app, STOP side'}
    ${'db, app after db START'}              | ${'STOPPING: RUNNING, RUNNING'}             | ${'running, running'}            | ${'STOP app'}
    ${'db, app after db START'}              | ${'STOPPING: RUNNING, STOPPED(0)'}          | ${'running, exited(0)'}          | ${'STOP db'}
    ${'a, b after a START, c after b START'} | ${'STOPPING: RUNNING, RUNNING, STOPPED(0)'} | ${'running, running, exited(0)'} | ${'STOP b'}
    ${'app'}                                 | ${'DEPROVISIONING: STOPPED(0)'}             | ${'exited(0)'}                   | ${'remove'}
    ${'app'}                                 | ${'DEPROVISIONING: STOPPED(0)'}             | ${'nothing'}                     | ${''}
  `('$wants, on record $has, engine: $sees → $next', ({ next, ...rest }) => {
    const one = rest as Case
    expect(steps({ ...one, change: stopping })).toBe(next)
  })

  it('has ended when neither engine nor network hold anything of it', () => {
    const one: Case = { wants: 'app', has: 'DEPROVISIONING: STOPPED(0)', sees: 'nothing', change: stopping }
    expect(becomes(one)).toBe('DEPROVISIONING: STOPPED(0)')
    expect(becomes({ ...one, change: (same) => ({ ...stopping(same), networkInterface: undefined }) })).toBe(
      'STOPPED: STOPPED(0)',
    )
  })
})

describe('what is known of a task', () => {
  test.each`
    wants                              | has                               | sees                    | now
    ${'app'}                           | ${'PENDING: PENDING'}             | ${'nothing'}            | ${'ACTIVATING: PENDING'}
    ${'app'}                           | ${'ACTIVATING: PENDING'}          | ${'running'}            | ${'RUNNING: RUNNING'}
    ${'app, side?'}                    | ${'ACTIVATING: PENDING, PENDING'} | ${'running, created'}   | ${'ACTIVATING: RUNNING, PENDING'}
    ${'app, side?'}                    | ${'ACTIVATING: PENDING, PENDING'} | ${'running, exited(1)'} | ${'RUNNING: RUNNING, STOPPED(1)'}
    ${'app'}                           | ${'RUNNING: RUNNING'}             | ${'exited(3)'}          | ${'DEPROVISIONING: STOPPED(3); EssentialContainerExited'}
    ${'app, side'}                     | ${'RUNNING: RUNNING, RUNNING'}    | ${'exited(3), running'} | ${'STOPPING: STOPPED(3), RUNNING; EssentialContainerExited'}
    ${'app, side?'}                    | ${'RUNNING: RUNNING, RUNNING'}    | ${'running, exited(3)'} | ${'RUNNING: RUNNING, STOPPED(3)'}
    ${'app'}                           | ${'RUNNING: RUNNING'}             | ${'nothing'}            | ${'DEPROVISIONING: STOPPED; InfrastructureHealth'}
    ${'init?, app after init SUCCESS'} | ${'ACTIVATING: RUNNING, PENDING'} | ${'exited(1), -'}       | ${'DEPROVISIONING: STOPPED(1), STOPPED; TaskFailedToStart'}
    ${'init?, app after init START'}   | ${'ACTIVATING: STOPPED, PENDING'} | ${'-, -'}               | ${'DEPROVISIONING: STOPPED, STOPPED; TaskFailedToStart'}
  `('$wants, on record $has, engine: $sees → $now', ({ now, ...one }) => {
    expect(becomes(one as Case)).toBe(now)
  })
})

describe('the plan', () => {
  const running: Case = { wants: 'app', has: 'RUNNING: RUNNING', sees: 'running' }

  it('has nothing to say about a task that runs, and wants not to be woken', () => {
    const given = facts(running)
    const { task, steps: none, wakeAt, provision, releaseInterface } = nextSteps(given, SETTINGS, after(10))
    expect(task).toBe(given.task)
    expect([none, wakeAt, provision, releaseInterface]).toEqual([[], undefined, false, false])
  })

  it('pulls while the interface is on its way, and prepares nothing before it is there', () => {
    const one: Case = {
      wants: 'app',
      has: 'PENDING: PENDING',
      sees: 'nothing',
      change: (same) => ({
        ...same,
        networkInterface: { ...ENI, status: { state: 'pending' } },
        notes: NO_NOTES,
      }),
    }
    expect(steps(one)).toBe('pull app')
    expect(planned(one).wakeAt).toBe(after(180).getTime())
  })

  it('does not end a task while something of it may be coming into being', () => {
    const one: Case = {
      wants: 'app',
      has: 'ACTIVATING: PENDING',
      sees: 'nothing',
      change: (same) => ({
        ...same,
        inFlight: new Set(['prepare']),
        task: { ...same.task, spec: { ...same.task.spec, stop: { code: 'UserInitiated', reason: 'r', at: T0 } } },
      }),
    }
    expect(becomes(one)).toBe('STOPPING: STOPPED')
    expect(becomes({ ...one, change: (same) => ({ ...one.change!(same), inFlight: new Set() }) })).toBe(
      'DEPROVISIONING: STOPPED',
    )
  })

  it('signals nothing in the turn that finds out why: the cause is recorded first', () => {
    expect(steps({ wants: 'app, side', has: 'RUNNING: RUNNING, RUNNING', sees: 'exited(0), running' })).toBe('')
  })

  it('launches on while the disk is still writing, and ends nothing meanwhile', () => {
    const change = (same: Facts): Facts => ({ ...same, isRecorded: false })
    expect(steps({ wants: 'app', has: 'ACTIVATING: PENDING', sees: '-', change })).toBe('create app and start')
    const unsaved = (same: Facts): Facts => change(stopping(same))
    expect(steps({ wants: 'app', has: 'STOPPING: RUNNING', sees: 'running', change: unsaved })).toBe('')
    expect(steps({ wants: 'app', has: 'DEPROVISIONING: STOPPED(0)', sees: 'exited(0)', change: unsaved })).toBe('')
  })

  it('never moves a task back', () => {
    const one: Case = { wants: 'app', has: 'DEPROVISIONING: STOPPED(0)', sees: 'running' }
    expect(becomes(one)).toBe('DEPROVISIONING: STOPPED(0); EssentialContainerExited')
  })
})
