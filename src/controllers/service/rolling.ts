// The rolling strategy: keeps the desired count, and replaces the tasks of old revisions by the primary's within the
// bounds of the healthy minimum and the maximum. Pure.

import { deploymentIdOf, type ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { type Aims, aimsOf } from './aims.ts'
import { breakerTrips, failedOnce } from './breaker.ts'
import {
  ALARM_FAILURE,
  BREAKER_FAILURE,
  beginDeployments,
  completeDeployment,
  failDeployment,
  heedStop,
} from './deployment.ts'
import { alarmsTrip, isBaking } from './alarms.ts'
import { abandonRebalancing, beginRebalancing, rebalancingExtra } from './rebalance.ts'
import type { Draft } from './draft.ts'
import { succeedsEarly } from './early-success.ts'
import { deploymentBlocked, protectedTasks, steady } from './events.ts'
import { haveLeft } from './registrations.ts'
import { isGood, isLive, type Member } from './standing.ts'
import { startTasks, tellImpairment } from './starting.ts'
import { stopUnhealthy, unhealthyToStop } from './unhealthy.ts'
import { tellWaiting } from './waiting.ts'
import { victims } from './victims.ts'

export const rolling = (draft: Draft): void => {
  beginDeployments(draft)
  heedStop(draft)
  watchOver(draft)
  const { primary } = draft
  if (primary === undefined) return
  if (primary.rollout.state !== 'COMPLETED') abandonRebalancing(draft)
  const aims = aimsOf(draft, primary)
  replaceUnhealthy(draft, aims, primary)
  stopSurplus(draft, aims, primary)
  start(draft, aims, primary)
  noteAims(draft, aims, primary)
  tellImpairment(draft)
  tellWaiting(draft)
  conclude(draft, aims, primary)
}

/** The circuit breaker and the alarms: whichever fires first fails the deployment. */
export const watchOver = (draft: Draft): void => {
  const { deploymentCircuitBreaker, alarms } = draft.service.spec.deploymentConfiguration
  if (breakerTrips(draft)) {
    failDeployment(draft, { ...BREAKER_FAILURE, rollback: deploymentCircuitBreaker?.rollback === true })
  } else if (alarmsTrip(draft)) {
    failDeployment(draft, { ...ALARM_FAILURE, rollback: alarms?.rollback === true })
  }
}

const goodOf = (members: readonly Member[]): Member[] => members.filter(isGood)

const scaling = (primary: ServiceRevisionRecord): string =>
  `Scaling activity initiated by (deployment ${deploymentIdOf(primary)})`

const replaceUnhealthy = (draft: Draft, aims: Aims, primary: ServiceRevisionRecord): void => {
  const room = draft.room(aims.most)
  const { desiredCount } = draft.service.spec
  if (primary.rollout.state !== 'FAILED') {
    const broken = unhealthyToStop(aims.own, Math.min(aims.ownAim, desiredCount), room)
    for (const _ of broken) failedOnce(draft, primary.arn, 'health')
    stopUnhealthy(draft, broken)
  }
  stopUnhealthy(draft, unhealthyToStop(aims.others, aims.othersAim, room))
}

const stopSurplus = (draft: Draft, aims: Aims, primary: ServiceRevisionRecord): void => {
  const { desiredCount } = draft.service.spec
  const reason = scaling(primary)
  // What was never completed goes before what is known to work.
  const others = goodOf(aims.others)
  const isKept = ({ task }: Member): boolean => task.owner?.revisionArn === aims.keeper?.arn
  const overdone = others.length - aims.othersAim
  const unproven = others.filter((member) => !isKept(member))
  const chosen = victims(unproven, overdone, aims.least, draft, 'weakest-first')
  for (const member of chosen) draft.stop(member, reason)
  const kept = victims(others.filter(isKept), overdone - chosen.length, aims.least, draft, 'weakest-first')
  for (const member of kept) draft.stop(member, reason)
  const own = goodOf(aims.own)
  const surplus = own.length - desiredCount - rebalancingExtra(draft, aims.own, reason)
  const ending = victims(own, surplus, aims.least, draft, 'zones-first')
  for (const member of ending) draft.stop(member, reason)
  if (surplus > 0 && ending.length < surplus && own.some(({ isProtected }) => isProtected)) {
    draft.tellWhile('protected', protectedTasks(draft.subject, deploymentIdOf(primary)))
  }
}

const start = (draft: Draft, aims: Aims, primary: ServiceRevisionRecord): void => {
  const { keeper, most } = aims
  if (keeper !== undefined) {
    const kept = aims.others.filter(({ task }) => task.owner?.revisionArn === keeper.arn)
    // Whatever serves fills the old ones' share: no task is started that another turn would have to stop.
    const missing = Math.min(aims.keeperAim - goodOf(kept).length, aims.othersAim - goodOf(aims.others).length)
    startTasks(draft, keeper.arn, kept, Math.min(missing, draft.room(most)))
  }
  startTasks(draft, primary.arn, aims.own, Math.min(aims.ownAim - goodOf(aims.own).length, draft.room(most)))
}

const noteAims = (draft: Draft, aims: Aims, primary: ServiceRevisionRecord): void => {
  const { desiredCount } = draft.service.spec
  const hasOthers = aims.others.some(isLive)
  draft.setRollout(primary.arn, {
    desiredCount: hasOthers || primary.rollout.state === 'FAILED' ? aims.ownAim : desiredCount,
  })
  for (const { arn, rollout } of draft.revisions.values()) {
    if (arn === primary.arn) continue
    const live = aims.others.filter((member) => isLive(member) && member.task.owner?.revisionArn === arn)
    const left = live.filter((member) => !draft.isStopping(member)).length
    draft.setRollout(arn, {
      desiredCount: arn === aims.keeper?.arn ? aims.keeperAim : Math.min(rollout.desiredCount, left),
    })
  }
  draft.setStatus({ lastDesiredCount: desiredCount })
}

/** Done, stuck, or under way. */
const conclude = (draft: Draft, aims: Aims, { arn }: ServiceRevisionRecord): void => {
  const primary = draft.revisions.get(arn)
  if (primary === undefined || primary.rollout.state === 'FAILED') return draft.setStatus({ isSteady: false })
  const { desiredCount } = draft.service.spec
  const live = aims.own.filter(isLive)
  const isStill = draft.starts.length + draft.stops.length === 0
  const isDone =
    isStill &&
    aims.others.length === 0 &&
    haveLeft(aims.own) &&
    live.length === desiredCount &&
    live.every(({ isSettled }) => isSettled)
  const isEnough = isDone || succeedsEarly(draft, aims, primary)
  const isOver = isEnough && !(primary.rollout.state === 'IN_PROGRESS' && isBaking(draft))
  draft.setStatus({ isSteady: isDone && isOver })
  if (isEnough && !isOver) return
  if (isOver) completeDeployment(draft)
  if (isOver && isDone) {
    draft.tellWhile('steady', steady(draft.subject))
    beginRebalancing(draft, primary, live)
  }
  if (isOver) return
  const isStuck =
    isStill &&
    aims.others.some(isLive) &&
    aims.ownAim < desiredCount &&
    aims.ownAim <= aims.own.length &&
    [...aims.own, ...aims.others].every(({ standing }) => standing === 'healthy')
  if (isStuck) draft.tellWhile('blocked', deploymentBlocked(draft.subject))
}
