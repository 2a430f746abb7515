// What the reaper takes, and when it looks again.

import { describe, expect, it } from 'vitest'
import type { ClusterRecord } from '#apis/ecs/model/cluster.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { harvest, type Remains } from './plan.ts'

const HOUR = 3600
const START = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString()

const NOTHING: Remains = {
  stoppedTasks: [],
  definitions: [],
  inactiveClusters: [],
  inactiveServices: [],
  definitionsInUse: new Set(),
  clustersInUse: new Set(),
  inactiveSince: new Map(),
}
const task = (arn: string, stoppedAfter: number) =>
  ({ arn, status: { stoppedAt: at(stoppedAfter) } }) as unknown as TaskRecord
const definition = (arn: string) => ({ arn, deleteRequestedAt: at(0) }) as unknown as TaskDefinitionRecord
const service = (arn: string, inactiveAfter: number) =>
  ({ arn, status: { inactiveAt: at(inactiveAfter) } }) as unknown as ServiceRecord
const cluster = (arn: string) => ({ arn }) as unknown as ClusterRecord
const after = (remains: Partial<Remains>, seconds: number) =>
  harvest({ ...NOTHING, ...remains }, HOUR, START + seconds * 1000)

describe('the reaper', () => {
  it('wants to see nothing where nothing is', () => {
    expect(after({}, 0)).toEqual({ tasks: [], definitions: [], clusters: [], services: [], nextAt: undefined })
  })

  it('takes tasks an hour after they stopped, and comes back for the next', () => {
    const stoppedTasks = [task('old', 0), task('new', 60)]
    expect(after({ stoppedTasks }, HOUR - 1)).toMatchObject({ tasks: [], nextAt: START + HOUR * 1000 })
    expect(after({ stoppedTasks }, HOUR)).toMatchObject({ tasks: ['old'], nextAt: START + (HOUR + 60) * 1000 })
  })

  it('leaves a deleted task definition while a task refers to it', () => {
    const definitions = [definition('used'), definition('unused')]
    expect(after({ definitions, definitionsInUse: new Set(['used']) }, HOUR)).toMatchObject({
      definitions: ['unused'],
      nextAt: undefined,
    })
  })

  it('shows an inactive cluster for an hour', () => {
    const remains = { inactiveClusters: [cluster('c')], inactiveSince: new Map([['c', START]]) }
    expect(after(remains, 1)).toMatchObject({ clusters: [], nextAt: START + HOUR * 1000 })
    expect(after(remains, HOUR)).toMatchObject({ clusters: ['c'] })
  })

  it('shows an inactive service for an hour', () => {
    const remains = { inactiveServices: [service('s', 60)] }
    expect(after(remains, HOUR)).toMatchObject({ services: [], nextAt: START + (HOUR + 60) * 1000 })
    expect(after(remains, HOUR + 60)).toMatchObject({ services: ['s'], nextAt: undefined })
  })
})
