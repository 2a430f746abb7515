// How many tasks the new and the old revisions of a rolling deployment are to have by now. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html

import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { countBounds } from '#apis/ecs/model/service.ts'
import type { Draft } from './draft.ts'
import { isGood, isLive, type Member } from './standing.ts'

export interface Aims {
  readonly least: number
  readonly most: number
  readonly own: readonly Member[]
  /** Tasks of other revisions. */
  readonly others: readonly Member[]
  /** The old revision whose tasks are replaced by its own while the new one comes up. */
  readonly keeper: ServiceRevisionRecord | undefined
  /** How many tasks that are not known to be broken the primary is to have, the others, and of them the keeper. */
  readonly ownAim: number
  readonly othersAim: number
  readonly keeperAim: number
}

const count = (members: readonly Member[], is: (member: Member) => boolean): number => members.filter(is).length

const isHealthy = ({ standing }: Member): boolean => standing === 'healthy'

const belongsTo = (member: Member, arn: string | undefined): boolean => member.task.owner?.revisionArn === arn

/** Since November 2025 AWS lets a growing desired count reach the old revision too. */
const keeperWish = (keeper: ServiceRevisionRecord | undefined, draft: Draft): number => {
  const { desiredCount } = draft.service.spec
  const grown = Math.max(0, desiredCount - (draft.service.status.lastDesiredCount ?? desiredCount))
  const wish = keeper?.rollout.desiredCount ?? 0
  return wish === 0 ? 0 : wish + grown
}

export const aimsOf = (draft: Draft, primary: ServiceRevisionRecord): Aims => {
  const { desiredCount, deploymentConfiguration } = draft.service.spec
  const { least, most } = countBounds(desiredCount, deploymentConfiguration)
  const own = draft.members.filter((member) => belongsTo(member, primary.arn))
  const others = draft.members.filter((member) => !belongsTo(member, primary.arn))
  const keeper = [...draft.revisions.values()].findLast(
    ({ arn, rollout }) => arn !== primary.arn && rollout.state === 'COMPLETED' && rollout.desiredCount > 0,
  )
  const wish = keeperWish(keeper, draft)
  const ofKeeper = others.filter((member) => belongsTo(member, keeper?.arn))
  // What the old tasks are worth toward the minimum: those that serve, or will by replacement.
  const worth =
    Math.max(wish, count(ofKeeper, isGood)) +
    count(others, (member) => !ofKeeper.includes(member) && isGood(member) && member.standing !== 'pending')
  const healthy = count(own, isHealthy)
  const good = count(own, isGood)
  const reserved = Math.min(Math.max(0, least - healthy), worth)
  const isStalled = primary.rollout.state === 'FAILED'
  const ownAim = isStalled ? good : Math.max(Math.min(desiredCount, most - reserved), Math.min(good, desiredCount))
  const surplus = Math.min(desiredCount - healthy, most - ownAim)
  const othersAim = wish === 0 && !others.some(isLive) ? 0 : Math.max(reserved, surplus)
  // A new revision that has failed leaves the service to the old one, as far as that goes.
  const keeperAim = isStalled ? othersAim : Math.min(wish, othersAim)
  return { least, most, own, others, keeper, ownAim, othersAim, keeperAim }
}
