// The tables of ECS, and the only questions anyone may ask of them.

import type { ClusterArn, TaskArn, TaskDefinitionArn } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table } from '#store/store.ts'
import type { ClusterRecord } from './model/cluster.ts'
import type { TaskDefinitionRecord } from './model/task-definition.ts'
import { isStopped, type TaskRecord } from './model/task.ts'

export const clusters = table<ClusterRecord>({
  name: 'ecs.clusters',
  key: (cluster) => cluster.arn,
  indexes: { scope: (cluster) => [scopeKey(cluster.scope)] },
})

export const taskDefinitions = table<TaskDefinitionRecord>({
  name: 'ecs.task-definitions',
  key: (definition) => definition.arn,
  indexes: {
    scope: (definition) => [scopeKey(definition.scope)],
    family: (definition) => [familyKey(definition.scope, definition.family)],
  },
})

/** Families keep counting when every revision has been deleted: revisions are never reused. */
export interface FamilyRecord {
  readonly scope: Scope
  readonly family: string
  readonly lastRevision: number
}

export const familyKey = (scope: Scope, family: string): string => `${scopeKey(scope)}/${family}`

export const families = table<FamilyRecord>({
  name: 'ecs.families',
  key: (family) => familyKey(family.scope, family.family),
  indexes: { scope: (family) => [scopeKey(family.scope)] },
})

export const tasks = table<TaskRecord>({
  name: 'ecs.tasks',
  key: (task) => task.arn,
  indexes: {
    cluster: (task) => [task.clusterArn],
    /** Every task that the task controller still has work with. */
    unfinished: (task) => (isStopped(task) ? [] : ['yes']),
    stopped: (task) => (isStopped(task) ? ['yes'] : []),
  },
})

export const clusterByArn = (reader: Reader, arn: ClusterArn): Promise<ClusterRecord | undefined> =>
  reader.get(clusters, arn)

export const taskByArn = (reader: Reader, arn: TaskArn): Promise<TaskRecord | undefined> => reader.get(tasks, arn)

export const taskDefinitionByArn = (
  reader: Reader,
  arn: TaskDefinitionArn,
): Promise<TaskDefinitionRecord | undefined> => reader.get(taskDefinitions, arn)

export const unfinishedTasks = (reader: Reader): Promise<TaskRecord[]> =>
  reader.list(tasks, { index: 'unfinished', value: 'yes' })

export const tasksOfCluster = (reader: Reader, arn: ClusterArn): Promise<TaskRecord[]> =>
  reader.list(tasks, { index: 'cluster', value: arn })
