// Everything that a decision about one service may look at. Types only.

import type { ClusterRecord } from '#apis/ecs/model/cluster.ts'
import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { RevisionTemplate, ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskNetwork } from '#apis/ecs/model/task-network.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { AlarmReadings, HookAnswer } from './seams.ts'
import type { TargetHealth } from './target-health.ts'

/** What new tasks of one revision or task set are made of, or why none can be made. */
export type Launch =
  | {
      readonly template: RevisionTemplate
      readonly cluster: ClusterRecord
      readonly definition: TaskDefinitionRecord
      readonly network: TaskNetwork
    }
  | { readonly refused: string }

export interface Facts {
  readonly service: ServiceRecord
  /** The service's own, oldest first. */
  readonly revisions: readonly ServiceRevisionRecord[]
  readonly deployments: readonly ServiceDeploymentRecord[]
  readonly taskSets: readonly TaskSetRecord[]
  /** Live ones, and those whose end has not been counted yet; oldest first. */
  readonly tasks: readonly TaskRecord[]
  /** By the ARN of the revision or task set; of those that may get new tasks. */
  readonly launches: ReadonlyMap<string, Launch>
  readonly targetHealth: (task: TaskRecord) => TargetHealth | undefined
  /** Listener rules that the primary revision shifts traffic by, and that are not there any more. */
  readonly missingRules: readonly string[]
  readonly alarms: AlarmReadings
  /** Those that lifecycle hooks have given, by hook. */
  readonly hookAnswers: ReadonlyMap<string, HookAnswer>
  readonly now: Date
}
