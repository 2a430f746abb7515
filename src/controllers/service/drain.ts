// The end of a service: its tasks are stopped, and when the last one has ended it is INACTIVE. Pure.

import { isFinished } from '#apis/ecs/model/service-deployment.ts'
import { deploymentIdOf } from '#apis/ecs/model/service-revision.ts'
import type { Draft } from './draft.ts'
import { isLive } from './standing.ts'

const DELETED = 'Service deployment stopped because the service was deleted.'

export const drain = (draft: Draft): void => {
  const { primary } = draft
  const by = primary === undefined ? '' : ` initiated by (deployment ${deploymentIdOf(primary)})`
  for (const member of draft.members) if (isLive(member)) draft.stop(member, `Scaling activity${by}`)
  for (const { arn } of draft.revisions.values()) draft.setRollout(arn, { desiredCount: 0 })
  for (const deployment of draft.deployments.values()) {
    if (isFinished(deployment)) continue
    draft.setProgress(deployment.arn, { state: 'STOPPED', reason: DELETED, stoppedAt: draft.at, finishedAt: draft.at })
  }
  const isOver = draft.members.length === 0
  if (isOver) draft.taskSets.clear()
  draft.setStatus({
    state: isOver ? 'INACTIVE' : 'DRAINING',
    isSteady: false,
    throttle: undefined,
    pause: undefined,
    ...(isOver ? { inactiveAt: draft.service.status.inactiveAt ?? draft.at } : {}),
  })
}
