// A task set at its birth.

import type { CreateTaskSetRequest } from '@aws-sdk/client-ecs'
import { taskSetArn } from '#aws/arn.ts'
import type { Checked } from '#aws/operation.ts'
import type { Random } from '#base/random.ts'
import { sameForm } from './client-token.ts'
import { REVISION_ID_DIGITS } from './new-deployment.ts'
import type { RevisionTemplate } from './service-revision.ts'
import type { ServiceRecord } from './service.ts'
import type { TaskSetRecord } from './task-set.ts'

export const newTaskSet = (
  service: ServiceRecord,
  input: Checked<CreateTaskSetRequest>,
  { template, random, at }: { readonly template: RevisionTemplate; readonly random: Random; readonly at: string },
): TaskSetRecord => {
  const id = `ecs-svc/${random.digits(REVISION_ID_DIGITS)}`
  const { clientToken, externalId } = input
  return {
    arn: taskSetArn(service.scope, service.clusterName, service.name, id),
    id,
    scope: service.scope,
    clusterArn: service.clusterArn,
    serviceArn: service.arn,
    createdAt: at,
    ...(clientToken === undefined ? {} : { creation: { clientToken, request: sameForm(input) } }),
    spec: {
      template,
      scale: { unit: 'PERCENT', value: input.scale?.value ?? 0 },
      isPrimary: false,
      ...(externalId === undefined ? {} : { externalId }),
      tags: input.tags ?? [],
    },
    status: { stability: 'STABILIZING', stabilityAt: at, updatedAt: at },
  }
}
