// A deployment: one move of a service's production traffic to a replacement task set, or back. Pure.

import type { ErrorCode } from '@aws-sdk/client-codedeploy'
import type { RevisionTemplate } from '#apis/ecs/model/service-revision.ts'
import type { ListenerArn, ServiceArn, TargetGroupArn, TaskSetArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import type { Routing } from './deployment-config.ts'
import type { AlarmWatch, BlueGreen, Rollback, TrafficRoute } from './deployment-group.ts'
import { EVENTS, type EventName, type Hooks, type LifecycleEventRecord, type Stage } from './lifecycle.ts'
import type { RevisionLocationRecord } from './revision.ts'

export interface DeploymentError {
  readonly code: ErrorCode
  readonly message: string
}

/** AWS's words around what Elastic Load Balancing refuses. */
export const balancerError = (problem: string): DeploymentError => ({
  code: 'ELASTIC_LOAD_BALANCING_INVALID',
  message: `The ELB could not be updated due to the following error: ${problem}`,
})

/** What is moved: settled when the deployment is created, since one service has one deployment at a time. */
export interface Shift {
  readonly serviceArn: ServiceArn
  /** The primary task set, and the target group it is in. */
  readonly original: { readonly taskSetArn: TaskSetArn; readonly targetGroupArn: TargetGroupArn }
  /** The other target group, and what the replacement's tasks are made from. */
  readonly replacement: { readonly targetGroupArn: TargetGroupArn; readonly template: RevisionTemplate }
  readonly productionListenerArn: ListenerArn
  readonly testListenerArn?: ListenerArn
}

/** What was wished. Written by operations only, except at the birth of a rollback. */
export interface DeploymentSpec {
  readonly configName: string
  readonly routing: Routing
  readonly revision: RevisionLocationRecord
  readonly description?: string
  readonly creator: 'user' | 'codeDeployRollback'
  readonly ignoreApplicationStopFailures: boolean
  readonly fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  readonly ecsService: { readonly clusterName: string; readonly serviceName: string }
  readonly route: TrafficRoute
  readonly blueGreen: BlueGreen
  readonly rollback?: Rollback
  readonly alarms?: AlarmWatch
  readonly overriddenAlarms?: AlarmWatch
  readonly hooks: Hooks
  /** What is to be done, or why it cannot be: the deployment then fails as soon as it has begun. */
  readonly shift: Shift | DeploymentError
  /** Of a rollback: the deployment that is undone, and the task set that it had made. */
  readonly undoes?: { readonly deploymentId: string; readonly replacementArn: TaskSetArn }
  /** StopDeployment was called. */
  readonly stopRequested?: { readonly at: string; readonly rollback: boolean }
  /** ContinueDeployment was called. */
  readonly continued: { readonly READY_WAIT?: string; readonly TERMINATION_WAIT?: string }
  /** PutLifecycleEventHookExecutionStatus, by execution. */
  readonly hookAnswers: Readonly<Record<string, 'Succeeded' | 'Failed'>>
}

export type DeploymentState = 'Created' | 'InProgress' | 'Ready' | 'Succeeded' | 'Failed' | 'Stopped'

/** What is. Written by the deployment controller, except at birth. */
export interface DeploymentProgress {
  readonly state: DeploymentState
  readonly stage: Stage
  /** ISO 8601. */
  readonly stageSince: string
  readonly startedAt?: string
  readonly completedAt?: string
  readonly updatedAt: string
  readonly events: readonly LifecycleEventRecord[]
  readonly replacementArn?: TaskSetArn
  /** Percent of production traffic that goes to the replacement. */
  readonly productionPercent: number
  readonly error?: DeploymentError
  /** The deployment that takes this one back. */
  readonly rolledBackBy?: string
}

export interface DeploymentRecord {
  /** "d-" and nine capitals or digits. */
  readonly id: string
  readonly scope: Scope
  readonly applicationId: string
  readonly groupId: string
  /** As they were called then. */
  readonly applicationName: string
  readonly groupName: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly spec: DeploymentSpec
  readonly progress: DeploymentProgress
}

export const newDeploymentId = (random: Random): string => `d-${random.alphanumeric(9).toUpperCase()}`

export const isOver = ({ progress: { state } }: DeploymentRecord): boolean =>
  state === 'Succeeded' || state === 'Failed' || state === 'Stopped'

export const isShift = (shift: DeploymentSpec['shift']): shift is Shift => 'serviceArn' in shift

/** Those of test traffic are there with a test listener only. */
export const eventsOf = ({ route }: Pick<DeploymentSpec, 'route'>): EventName[] =>
  EVENTS.filter((name) => route.testListenerArn !== undefined || !name.includes('TestTraffic'))

export const begunProgress = (spec: DeploymentSpec, at: string): DeploymentProgress => ({
  state: 'Created',
  // A rollback has nothing to install: it begins where traffic goes over.
  stage: spec.undoes === undefined ? 'BeforeInstall' : 'AllowTraffic',
  stageSince: at,
  updatedAt: at,
  events: eventsOf(spec).map((name) => ({
    name,
    status: spec.undoes === undefined || name === 'AllowTraffic' ? 'Pending' : 'Skipped',
  })),
  productionPercent: 0,
})

/** The deployment that gives the traffic back to the original task set, and takes the replacement away. */
export const rollbackOf = (
  failed: DeploymentRecord,
  options: { readonly id: string; readonly at: string; readonly revision: RevisionLocationRecord },
): DeploymentRecord | undefined => {
  const { replacementArn } = failed.progress
  if (replacementArn === undefined) return undefined
  const { rollback: _1, alarms: _2, overriddenAlarms: _3, stopRequested: _4, ...spec } = failed.spec
  const undoing: DeploymentSpec = {
    ...spec,
    configName: 'CodeDeployDefault.ECSAllAtOnce',
    routing: { type: 'AllAtOnce' },
    revision: options.revision,
    creator: 'codeDeployRollback',
    hooks: {},
    undoes: { deploymentId: failed.id, replacementArn },
    continued: {},
    hookAnswers: {},
  }
  return {
    ...failed,
    id: options.id,
    createdAt: options.at,
    spec: undoing,
    progress: begunProgress(undoing, options.at),
  }
}
