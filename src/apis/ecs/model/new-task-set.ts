// A task set at its birth.

import type { Tag } from '@aws-sdk/client-ecs'
import { taskSetArn } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { REVISION_ID_DIGITS } from './new-deployment.ts'
import type { RevisionTemplate } from './service-revision.ts'
import type { ServiceRecord } from './service.ts'
import type { TaskSetRecord } from './task-set.ts'

export interface TaskSetWish {
  readonly template: RevisionTemplate
  /** Of the service's desired count; 0 when absent. */
  readonly percent?: number | undefined
  /** False when absent. */
  readonly isPrimary?: boolean
  readonly externalId?: string | undefined
  /** "CODE_DEPLOY" for what CodeDeploy makes. */
  readonly startedBy?: string
  readonly tags?: readonly Tag[] | undefined
  readonly creation?: TaskSetRecord['creation']
}

/** `at` is ISO 8601. */
export const newTaskSet = (
  service: Pick<ServiceRecord, 'arn' | 'name' | 'scope' | 'clusterArn' | 'clusterName'>,
  wish: TaskSetWish,
  { random, at }: { readonly random: Random; readonly at: string },
): TaskSetRecord => {
  const id = `ecs-svc/${random.digits(REVISION_ID_DIGITS)}`
  const { creation, externalId, startedBy } = wish
  return {
    arn: taskSetArn(service.scope, service.clusterName, service.name, id),
    id,
    scope: service.scope,
    clusterArn: service.clusterArn,
    serviceArn: service.arn,
    createdAt: at,
    ...(creation === undefined ? {} : { creation }),
    spec: {
      template: wish.template,
      scale: { unit: 'PERCENT', value: wish.percent ?? 0 },
      isPrimary: wish.isPrimary ?? false,
      ...(externalId === undefined ? {} : { externalId }),
      ...(startedBy === undefined ? {} : { startedBy }),
      tags: wish.tags ?? [],
    },
    status: { stability: 'STABILIZING', stabilityAt: at, updatedAt: at },
  }
}
