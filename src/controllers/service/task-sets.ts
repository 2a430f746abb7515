// Services whose deployments someone else controls: each task set has its share of the desired count, and tells when it
// has come to rest. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html

import { computedDesiredCount } from '#apis/ecs/model/task-set.ts'
import type { Draft } from './draft.ts'
import { steady } from './events.ts'
import { isKept, keepGroup } from './group.ts'
import { tellImpairment } from './starting.ts'
import { tellWaiting } from './waiting.ts'

export const taskSets = (draft: Draft): void => {
  const { desiredCount } = draft.service.spec
  let isSteady = true
  for (const set of draft.taskSets.values()) {
    const members = draft.members.filter(({ task }) => task.owner?.taskSetArn === set.arn)
    const isLeaving = set.spec.deleteRequestedAt !== undefined
    const aim = isLeaving ? 0 : computedDesiredCount(desiredCount, set.spec.scale)
    keepGroup(draft, set.arn, members, aim, `Scaling activity initiated by (taskSet ${set.id})`)
    if (isLeaving && members.length === 0) {
      draft.taskSets.delete(set.arn)
      continue
    }
    const isAtRest = isKept(draft, members, aim)
    isSteady &&= isAtRest
    const stability = isAtRest ? 'STEADY_STATE' : 'STABILIZING'
    if (stability === set.status.stability) continue
    draft.setTaskSet(set.arn, { stability, stabilityAt: draft.at })
    if (isAtRest) draft.tell(steady(`${draft.subject}, taskSet ${set.id}`))
  }
  draft.setStatus({ isSteady })
  tellImpairment(draft)
  tellWaiting(draft)
}
