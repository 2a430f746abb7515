// A task set: a share of a service whose deployments someone else controls (EXTERNAL, CODE_DEPLOY).

import type { Scale, StabilityStatus, Tag } from '@aws-sdk/client-ecs'
import type { ClusterArn, ServiceArn, TaskSetArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { RevisionTemplate } from './service-revision.ts'

/** What was wished. Written by operations only. */
export interface TaskSetSpec {
  readonly template: RevisionTemplate
  /** PERCENT of the service's desired count. */
  readonly scale: Scale
  readonly isPrimary: boolean
  readonly externalId?: string
  readonly startedBy?: string
  readonly tags: readonly Tag[]
  /** ISO 8601: DeleteTaskSet was called; `force` does not wait for the scale to be zero. */
  readonly deleteRequestedAt?: string
}

/** What is. Written by the service controller, except at birth. */
export interface TaskSetStatus {
  readonly stability: StabilityStatus
  readonly stabilityAt: string
  readonly updatedAt: string
}

export interface TaskSetRecord {
  readonly arn: TaskSetArn
  /** "ecs-svc/" and 19 digits. */
  readonly id: string
  readonly scope: Scope
  readonly clusterArn: ClusterArn
  readonly serviceArn: ServiceArn
  readonly createdAt: string
  /** What CreateTaskSet was asked with a token: the same once more is answered and does nothing. */
  readonly creation?: { readonly clientToken: string; readonly request: string }
  readonly spec: TaskSetSpec
  readonly status: TaskSetStatus
}

/** How many tasks a task set is to have: AWS rounds up. */
export const computedDesiredCount = (desiredCount: number, { value = 0 }: Scale): number =>
  Math.ceil((desiredCount * value) / 100)
