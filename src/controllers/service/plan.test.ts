// What one turn of a rolling deployment decides, as a table that can be read aloud.

import { describe, expect, it } from 'vitest'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { Facts, Launch } from './facts.ts'
import { plan } from './plan.ts'

const NOW = new Date('2026-01-01T01:00:00Z')
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString()

/** p: not running yet; f: running for 10 s; h: running for an hour; u: unhealthy; l: stopping; x: stopped. */
const task = (letter: string, revision: string, at: number): TaskRecord => {
  const state = { p: 'PENDING', l: 'STOPPING', x: 'STOPPED' }[letter] ?? 'RUNNING'
  const health = letter === 'u' ? { health: { status: 'UNHEALTHY', statusSince: ago(60), failures: 3 } } : {}
  return {
    arn: `${revision}-${at}`,
    id: `${revision}${at}`,
    createdAt: ago(3000 - at),
    spec: { taskDefinitionArn: 'd', tags: [] },
    owner: { serviceArn: 's', revisionArn: revision },
    status: {
      lastStatus: state,
      availabilityZone: 'z',
      networkInterfaceId: 'eni',
      attachment: { details: [{ name: 'subnetId', value: 'subnet' }] },
      containers: [{ name: 'c', essential: true, ...health }],
      ...(letter === 'p' ? {} : { startedAt: letter === 'f' ? ago(10) : ago(2000) }),
      ...(letter === 'l' || letter === 'x' ? { stopCode: 'UserInitiated' } : {}),
    },
  } as unknown as TaskRecord
}

const revision = (arn: string, state: string, desiredCount: number): ServiceRevisionRecord =>
  ({
    arn,
    id: arn,
    createdAt: arn === 'old' ? ago(9000) : ago(100),
    template: { capacityProviderStrategy: undefined },
    rollout: {
      state,
      reason: '',
      failedTasks: 0,
      hasRun: true,
      updatedAt: ago(100),
      desiredCount,
      containerImages: [],
    },
  }) as unknown as ServiceRevisionRecord

const LAUNCH = {
  template: {},
  network: {
    subnets: [{ id: 'subnet', vpcId: 'v', availabilityZone: 'z' }],
    securityGroups: [],
    assignPublicIp: false,
  },
  definition: { containerDefinitions: [] },
} as unknown as Launch

interface Case {
  /** "4 at 50/100". */
  readonly wants: string
  readonly old?: string
  readonly new: string
  readonly isDone?: boolean
}

const decided = ({ wants, old, new: fresh, isDone = false }: Case): string => {
  const [desiredCount = 0, least = 100, most = 200] = (wants.match(/\d+/g) ?? []).map(Number)
  const service = {
    arn: 's',
    name: 'web',
    spec: {
      desiredCount,
      deploymentController: 'ECS',
      deploymentConfiguration: { minimumHealthyPercent: least, maximumPercent: most },
      healthCheckGracePeriodSeconds: 0,
      availabilityZoneRebalancing: 'DISABLED',
    },
    status: { state: 'ACTIVE', primaryRevisionArn: 'new', isSteady: false, toldAt: {}, lastEvent: 0 },
  } as unknown as ServiceRecord
  const facts: Facts = {
    service,
    revisions: [
      ...(old === undefined ? [] : [revision('old', 'COMPLETED', desiredCount)]),
      revision('new', isDone ? 'COMPLETED' : 'IN_PROGRESS', desiredCount),
    ],
    deployments: [],
    taskSets: [],
    tasks: [
      ...(old ?? '').split('').map((letter, at) => task(letter, 'old', at)),
      ...fresh.split('').map((letter, at) => task(letter, 'new', 100 + at)),
    ],
    launches: new Map([
      ['old', LAUNCH],
      ['new', LAUNCH],
    ]),
    targetHealth: () => undefined,
    missingRules: [],
    alarms: () => undefined,
    now: NOW,
  } as unknown as Facts
  const draft = plan(facts)
  const count = (of: string): number => draft.starts.filter((start) => start.of === of).length
  const stops = draft.stops.map((stop) => stop.task.owner?.revisionArn)
  const parts = [
    ['start', 'new', count('new')],
    ['start', 'old', count('old')],
    ['stop', 'new', stops.filter((arn) => arn === 'new').length],
    ['stop', 'old', stops.filter((arn) => arn === 'old').length],
  ] as const
  const told = [
    ...(draft.after.some((text) => text.includes('was unable to stop or start')) ? ['blocked'] : []),
    ...(draft.service.status.isSteady ? ['steady'] : []),
  ]
  return [...parts.flatMap(([act, of, many]) => (many === 0 ? [] : `${act} ${many} ${of}`)), ...told].join(', ')
}

describe('a turn', () => {
  it.each<[Case, string]>([
    // A service by itself.
    [{ wants: '3', new: '' }, 'start 3 new'],
    [{ wants: '3', new: 'hhh' }, 'steady'],
    [{ wants: '3', new: 'hhhh', isDone: true }, 'stop 1 new'],
    [{ wants: '3', new: 'hhp', isDone: true }, ''],
    [{ wants: '3', new: 'hhl', isDone: true }, 'start 1 new'],
    [{ wants: '3', new: 'hhx', isDone: true }, 'start 1 new'],
    [{ wants: '0', new: 'hp', isDone: true }, 'stop 2 new'],
    [{ wants: '1 at 50/100', new: '' }, 'start 1 new'],
    // Failing health: the replacement first, where there is room for it.
    [{ wants: '2', new: 'hu', isDone: true }, 'start 1 new'],
    [{ wants: '2', new: 'hup', isDone: true }, ''],
    [{ wants: '2', new: 'huh', isDone: true }, 'stop 1 new'],
    [{ wants: '2 at 50/100', new: 'hu', isDone: true }, 'stop 1 new'],
    [{ wants: '2 at 50/100', new: 'uu', isDone: true }, 'stop 1 new'],
    [{ wants: '2 at 50/100', new: 'up', isDone: true }, ''],
    // Deployments.
    [{ wants: '2 at 100/200', old: 'hh', new: '' }, 'start 2 new'],
    [{ wants: '2 at 100/200', old: 'hh', new: 'pp' }, ''],
    [{ wants: '2 at 100/200', old: 'hh', new: 'ff' }, ''],
    [{ wants: '2 at 100/200', old: 'hh', new: 'hf' }, 'stop 1 old'],
    [{ wants: '2 at 100/200', old: 'hh', new: 'hh' }, 'stop 2 old'],
    [{ wants: '2 at 100/200', old: 'll', new: 'hh' }, ''],
    [{ wants: '2 at 100/200', old: 'hl', new: 'pp' }, 'start 1 old'],
    [{ wants: '2 at 50/100', old: 'hh', new: '' }, 'stop 1 old'],
    [{ wants: '2 at 50/100', old: 'hl', new: '' }, 'start 1 new'],
    [{ wants: '4 at 100/150', old: 'hhhh', new: '' }, 'start 2 new'],
    [{ wants: '4 at 0/100', old: 'hhhh', new: '' }, 'stop 4 old'],
    // AWS's trap, kept.
    [{ wants: '1 at 50/100', old: 'h', new: '' }, 'blocked'],
    [{ wants: '3 at 100/100', old: 'hhh', new: '' }, 'blocked'],
    // Rounding: three at 50/150 are two at least and four at most.
    [{ wants: '3 at 50/150', old: 'hhh', new: '' }, 'start 1 new, stop 1 old'],
  ])('%o: %s', (given, expected) => {
    expect(decided(given)).toBe(expected)
  })
})
