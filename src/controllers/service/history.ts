// How much of a service's past is kept: the newest deployments, and the revisions that they or tasks still name. Pure.

import { isFinished } from '#apis/ecs/model/service-deployment.ts'
import type { Draft } from './draft.ts'
import { DEPLOYMENTS_KEPT } from './limits.ts'
import { byAge } from './order.ts'

export const trimHistory = (draft: Draft): void => {
  if (draft.deployments.size <= DEPLOYMENTS_KEPT) return
  const oldest = [...draft.deployments.values()]
    .filter((deployment) => isFinished(deployment) && deployment.arn !== draft.service.status.deploymentArn)
    .toSorted(byAge)
    .slice(0, draft.deployments.size - DEPLOYMENTS_KEPT)
  for (const { arn } of oldest) draft.deployments.delete(arn)
  const { primaryRevisionArn } = draft.service.status
  const named = new Set<string | undefined>([
    primaryRevisionArn,
    draft.service.spec.revisionArn,
    ...draft.facts.tasks.map(({ owner }) => owner?.revisionArn),
    ...[...draft.deployments.values()].flatMap(({ spec, progress }) => [
      ...spec.sourceRevisionArns,
      spec.targetRevisionArn,
      progress.rollback?.revisionArn,
    ]),
  ])
  for (const arn of draft.revisions.keys()) if (!named.has(arn)) draft.revisions.delete(arn)
}
