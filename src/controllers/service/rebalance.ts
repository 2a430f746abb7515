// Availability-zone rebalancing: one task more in the thinnest zone, and when it is healthy one fewer in the fullest. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html

import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { countBounds } from '#apis/ecs/model/service.ts'
import { milliseconds, timeText } from '#aws/time.ts'
import type { Draft } from './draft.ts'
import { balanced, rebalancingEnded, unbalanced } from './events.ts'
import type { Launch } from './facts.ts'
import { REBALANCING_REST_SECONDS } from './limits.ts'
import { placedStarts, zoneOf } from './placement.ts'
import { isLive, type Member } from './standing.ts'
import { byText } from './order.ts'

const zoneCounts = (launch: Launch, members: readonly Member[]): Map<string, number> => {
  const counts = new Map<string, number>()
  if (!('refused' in launch)) for (const { availabilityZone } of launch.network.subnets) counts.set(availabilityZone, 0)
  for (const member of members) counts.set(zoneOf(member), (counts.get(zoneOf(member)) ?? 0) + 1)
  return new Map([...counts].toSorted(([a], [b]) => byText(a, b)))
}

const providerOf = ({ task }: Member): string => task.spec.capacityProviderName ?? ''

/** AWS spreads each capacity provider's tasks by themselves. */
const byProvider = (members: readonly Member[]): Member[][] => [...Map.groupBy(members, providerOf).values()]

interface Move {
  readonly group: readonly Member[]
  readonly victim: Member
}

/** The first group whose fullest zone has at least two tasks more than its thinnest. */
const nextMove = (launch: Launch, members: readonly Member[]): Move | undefined => {
  for (const group of byProvider(members)) {
    const counts = [...zoneCounts(launch, group)].toSorted(([, a], [, b]) => b - a)
    const [[fullest, most] = ['', 0]] = counts
    const least = counts.at(-1)?.[1] ?? 0
    const victim = group.findLast((member) => zoneOf(member) === fullest && !member.isProtected)
    if (most - least >= 2 && victim !== undefined) return { group, victim }
  }
  return undefined
}

const isAllowed = (draft: Draft): boolean => {
  const { availabilityZoneRebalancing, deploymentConfiguration } = draft.service.spec
  return availabilityZoneRebalancing === 'ENABLED' && (deploymentConfiguration.maximumPercent ?? 200) > 100
}

/** Only in a steady state: `own` are the primary's tasks, as many as are desired. Returns whether a move has begun. */
export const beginRebalancing = (draft: Draft, { arn }: ServiceRevisionRecord, own: readonly Member[]): boolean => {
  const launch = draft.facts.launches.get(arn)
  if (!isAllowed(draft) || launch === undefined || 'refused' in launch) return false
  // A task that is not healthy yet may be the one that a former move has brought.
  if (own.some(({ standing }) => standing !== 'healthy')) return false
  const move = nextMove(launch, own)
  const { most } = countBounds(draft.service.spec.desiredCount, draft.service.spec.deploymentConfiguration)
  const { rebalancing } = draft.service.status
  if (move === undefined) {
    if (rebalancing === undefined) return false
    draft.setStatus({ rebalancing: undefined })
    draft.tell(balanced(draft.subject, zoneCounts(launch, own)))
    return false
  }
  const restsUntil = milliseconds(rebalancing?.restsUntil ?? draft.at)
  if (restsUntil > draft.now || draft.room(most) < 1) {
    draft.wakeBy(restsUntil)
    return false
  }
  if (rebalancing === undefined) draft.tell(unbalanced(draft.subject, zoneCounts(launch, own)))
  const provider = move.victim.task.spec.capacityProviderName
  const [start] = placedStarts(arn, withOneProvider(launch, provider), move.group, draft, 1)
  if (start === undefined) return false
  const zone = launch.network.subnets.find(({ id }) => id === start.subnetId)?.availabilityZone ?? ''
  draft.starts.push({ ...start, rebalances: zone })
  draft.setStatus({ rebalancing: { since: draft.at, from: zoneOf(move.victim), to: zone, isMoving: true } })
  return true
}

const withOneProvider = (launch: Exclude<Launch, { refused: string }>, capacityProvider: string | undefined) =>
  capacityProvider === undefined
    ? launch
    : { ...launch, template: { ...launch.template, capacityProviderStrategy: [{ capacityProvider, weight: 1 }] } }

/** Gives up a move. What has come too much goes by scale-in; after a failed move the next one waits. */
const giveUp = (draft: Draft, rests: boolean): void => {
  const { rebalancing } = draft.service.status
  draft.tell(rebalancingEnded(draft.subject))
  draft.setStatus({
    rebalancing:
      rebalancing === undefined || !rests
        ? undefined
        : { ...rebalancing, isMoving: false, restsUntil: timeText(draft.now + REBALANCING_REST_SECONDS * 1000) },
  })
}

/** How many tasks more than are desired the primary may have for now; ends a move whose task has come. */
export const rebalancingExtra = (draft: Draft, own: readonly Member[], reason: string): number => {
  const { rebalancing } = draft.service.status
  if (rebalancing?.isMoving !== true) return 0
  const live = own.filter(isLive)
  const came = live.filter(({ task }) => task.createdAt >= rebalancing.since)
  if (live.length !== draft.service.spec.desiredCount + 1 || came.length === 0 || !isAllowed(draft)) {
    giveUp(draft, false)
    return 0
  }
  if (came.some(({ standing }) => standing === 'unhealthy')) {
    giveUp(draft, true)
    return 0
  }
  if (came.some(({ standing }) => standing !== 'healthy')) return 1
  const providers = new Set(came.map(providerOf))
  const victim = live.findLast(
    (member) =>
      zoneOf(member) === rebalancing.from &&
      providers.has(providerOf(member)) &&
      !member.isProtected &&
      !came.includes(member),
  )
  // A zone without free addresses sends the task elsewhere: then nothing is won by going on.
  if (victim === undefined || came.some((member) => zoneOf(member) !== rebalancing.to)) {
    giveUp(draft, true)
    return 0
  }
  // Another may have failed meanwhile: it is made up for first.
  const { least } = countBounds(draft.service.spec.desiredCount, draft.service.spec.deploymentConfiguration)
  if (live.filter(({ standing }) => standing === 'healthy').length <= least) return 1
  draft.stop(victim, reason, rebalancing.from)
  draft.setStatus({ rebalancing: { ...rebalancing, isMoving: false } })
  return 1
}

/** A deployment, or a failure, needs the whole attention. */
export const abandonRebalancing = (draft: Draft): void => {
  if (draft.service.status.rebalancing?.isMoving === true) giveUp(draft, false)
  else draft.setStatus({ rebalancing: undefined })
}
