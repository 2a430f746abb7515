// Where new tasks go: to the zone and the subnet with the fewest, from the capacity provider that is furthest behind its
// share. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html

import { type FargateProvider, placed } from '#apis/ecs/model/capacity.ts'
import type { TaskSubnet } from '#apis/ecs/model/task-network.ts'
import { subnetOf } from '#apis/ecs/model/task.ts'
import type { Draft, Start } from './draft.ts'
import type { Launch } from './facts.ts'
import type { Member } from './standing.ts'

type Made = Exclude<Launch, { readonly refused: string }>

interface Placed {
  readonly subnetId: string
  readonly zone: string
  readonly provider: string | undefined
}

/** A zone that its own network's subnets do not name counts too: tasks may be there from before. */
export const zoneOf = (member: Member): string => member.task.status.availabilityZone ?? ''

export const countedBy = <T>(all: readonly T[], key: (one: T) => string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  return counts
}

const fewest = (subnets: readonly TaskSubnet[], there: readonly Placed[]): TaskSubnet => {
  const inZone = countedBy(there, ({ zone }) => zone)
  const inSubnet = countedBy(there, ({ subnetId }) => subnetId)
  const load = ({ id, availabilityZone }: TaskSubnet): number =>
    (inZone.get(availabilityZone) ?? 0) * 1_000_000 + (inSubnet.get(id) ?? 0)
  return subnets.reduce((best, one) => (load(one) < load(best) ? one : best))
}

/** The providers of `count` more tasks, so that all together have the shares that the strategy gives them. */
const providersFor = (
  { template: { capacityProviderStrategy } }: Made,
  there: readonly Placed[],
  count: number,
): (FargateProvider | undefined)[] => {
  if (capacityProviderStrategy === undefined || capacityProviderStrategy.length === 0) {
    return Array.from({ length: count }, () => undefined)
  }
  const has = countedBy(there, ({ provider }) => provider ?? '')
  const behind: FargateProvider[] = []
  for (const provider of placed(capacityProviderStrategy, there.length + count)) {
    const left = has.get(provider) ?? 0
    if (left > 0) has.set(provider, left - 1)
    else behind.push(provider)
  }
  return behind.slice(0, count)
}

/** `there`: the live tasks that the new ones join. */
export const placedStarts = (
  of: string,
  launch: Made,
  there: readonly Member[],
  draft: Draft,
  count: number,
): Start[] => {
  const zones = new Map(launch.network.subnets.map(({ id, availabilityZone }) => [id, availabilityZone]))
  const all: Placed[] = [
    ...there.map((member) => ({
      subnetId: subnetOf(member.task) ?? '',
      zone: zoneOf(member),
      provider: member.task.spec.capacityProviderName,
    })),
    ...draft.starts
      .filter((start) => start.of === of)
      .map(({ subnetId, provider }) => ({ subnetId, zone: zones.get(subnetId) ?? '', provider })),
  ]
  return providersFor(launch, all, count).map((provider) => {
    // AWS spreads each provider's tasks by themselves.
    const subnet = fewest(
      launch.network.subnets,
      all.filter((one) => one.provider === provider),
    )
    all.push({ subnetId: subnet.id, zone: subnet.availabilityZone, provider })
    return { of, subnetId: subnet.id, ...(provider === undefined ? {} : { provider }) }
  })
}
