// Early success: a rolling deployment that is complete once enough of its new tasks are healthy. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentEarlySuccessCriteria.html

import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { Aims } from './aims.ts'
import type { Draft } from './draft.ts'

/**
 * Whether that many are healthy, and with the cleanup BLOCKING no task of an older revision is left. One that goes back is
 * complete only as a whole.
 */
export const succeedsEarly = (draft: Draft, { own, others }: Aims, primary: ServiceRevisionRecord): boolean => {
  const { desiredCount, deploymentConfiguration } = draft.service.spec
  const criteria = deploymentConfiguration.earlySuccessCriteria
  if (criteria?.enable !== true || primary.rollout.state !== 'IN_PROGRESS') return false
  if (draft.deployment?.progress.state !== 'IN_PROGRESS') return false
  const enough = Math.ceil((desiredCount * (criteria.healthyPercent ?? 100)) / 100)
  const up = own.filter((member) => member.standing === 'healthy' && !draft.isStopping(member)).length
  return up >= enough && (criteria.sourceServiceRevisionCleanup === 'DEFERRED' || others.length === 0)
}
