// A service deployment: one attempt to bring a service from its old revisions to a new one, kept for its history.

import type {
  DeploymentCircuitBreaker,
  DeploymentConfiguration,
  DeploymentLifecycleHookDetail,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceDeploymentStatus,
  StopServiceDeploymentStopType,
} from '@aws-sdk/client-ecs'
import type { ClusterArn, ServiceArn, ServiceDeploymentArn, ServiceRevisionArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

/** What was wished. Written by operations only. */
export interface ServiceDeploymentSpec {
  readonly sourceRevisionArns: readonly ServiceRevisionArn[]
  readonly targetRevisionArn: ServiceRevisionArn
  /** The service's, when the deployment was asked for. */
  readonly configuration: DeploymentConfiguration
  readonly stop?: { readonly type: StopServiceDeploymentStopType; readonly at: string }
  /** ContinueServiceDeployment's answers, by hook id. */
  readonly answers: Readonly<Record<string, 'CONTINUE' | 'ROLLBACK'>>
}

/** AWS's stages; the SDK does not list all of them for deployments yet. */
export type LifecycleStage = ServiceDeploymentLifecycleStage | 'PRE_PRODUCTION_TRAFFIC_SHIFT'

/** What is. Written by the service controller, except at birth. */
export interface ServiceDeploymentProgress {
  readonly state: ServiceDeploymentStatus
  readonly reason?: string
  /** ISO 8601, each. */
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly stoppedAt?: string
  readonly updatedAt: string
  readonly lifecycleStage?: LifecycleStage
  /** When the stage, or the step within it, began. */
  readonly stageSince?: string
  /** LINEAR and CANARY: how many shifts of traffic have been made. */
  readonly step: number
  readonly hooks: readonly HookProgress[]
  readonly rollback?: { readonly reason: string; readonly startedAt: string; readonly revisionArn: ServiceRevisionArn }
  readonly circuitBreaker: {
    readonly status: ServiceDeploymentRollbackMonitorsStatus
    readonly failureCount: number
    readonly threshold: number
  }
  readonly alarms: {
    readonly status: ServiceDeploymentRollbackMonitorsStatus
    readonly triggered: readonly string[]
    /** Those that were in ALARM when the deployment began: they do not count. */
    readonly ignored: readonly string[]
  }
}

export interface HookProgress extends Omit<DeploymentLifecycleHookDetail, 'expiresAt'> {
  readonly hookId: string
  readonly stage: LifecycleStage
  readonly step: number
  /** ISO 8601, each. */
  readonly startedAt: string
  readonly expiresAt?: string
}

export interface ServiceDeploymentRecord {
  readonly arn: ServiceDeploymentArn
  readonly scope: Scope
  readonly clusterArn: ClusterArn
  readonly serviceArn: ServiceArn
  readonly createdAt: string
  readonly spec: ServiceDeploymentSpec
  readonly progress: ServiceDeploymentProgress
}

const FINAL: readonly ServiceDeploymentStatus[] = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']

/** Whether nothing more will happen to it. */
export const isFinished = ({ progress }: ServiceDeploymentRecord): boolean => FINAL.includes(progress.state)

/** Whether StopServiceDeployment can still turn it round; once it goes back, it can not be stopped. */
export const isStoppable = ({ progress: { state } }: ServiceDeploymentRecord): boolean =>
  state === 'PENDING' || state === 'IN_PROGRESS' || state === 'STOP_REQUESTED' || state === 'ROLLBACK_REQUESTED'

/** AWS: half the desired count by default, at least 3 and at most 200. */
const BREAKER_PERCENT = 50
const BREAKER_LEAST = 3
const BREAKER_MOST = 200

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
export const breakerThreshold = (desiredCount: number, breaker: DeploymentCircuitBreaker | undefined): number => {
  const { type = 'BOUNDED_PERCENT', value = BREAKER_PERCENT } = breaker?.thresholdConfiguration ?? {}
  if (type === 'COUNT') return value
  const share = Math.ceil((desiredCount * value) / 100)
  return type === 'BOUNDED_PERCENT' ? Math.min(Math.max(share, BREAKER_LEAST), BREAKER_MOST) : Math.max(share, 1)
}
