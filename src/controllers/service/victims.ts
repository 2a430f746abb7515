// Which tasks are stopped first, and which may not be. Pure.

import type { Draft } from './draft.ts'
import { zoneOf } from './placement.ts'
import type { Member, Standing } from './standing.ts'
import { byAge } from './order.ts'

const WEAKNESS: Readonly<Record<Standing, number>> = {
  pending: 0,
  unhealthy: 1,
  fresh: 2,
  healthy: 3,
  leaving: 4,
  stopped: 4,
}

/**
 * Scale-in keeps the zones even, and within a zone takes the weakest, then the newest. A deployment takes what serves
 * least first, wherever it is.
 */
export type VictimOrder = 'zones-first' | 'weakest-first'

const weakest = (a: Member, b: Member): number => WEAKNESS[a.standing] - WEAKNESS[b.standing] || byAge(b.task, a.task)

/** At most `count` of the candidates; never so many healthy ones that fewer than `least` of the service would be left. */
export const victims = (
  candidates: readonly Member[],
  count: number,
  least: number,
  draft: Draft,
  order: VictimOrder,
): Member[] => {
  const queues = new Map<string, Member[]>()
  for (const member of candidates.toSorted(weakest)) {
    if (member.isProtected || draft.isStopping(member)) continue
    queues.set(zoneOf(member), [...(queues.get(zoneOf(member)) ?? []), member])
  }
  // All that are there: what cannot be chosen still fills its zone.
  const sizes = new Map<string, number>()
  for (const member of candidates) sizes.set(zoneOf(member), (sizes.get(zoneOf(member)) ?? 0) + 1)
  let spare =
    draft.members.filter((member) => member.standing === 'healthy' && !draft.isStopping(member)).length - least
  const chosen: Member[] = []
  while (chosen.length < count) {
    const heads = [...queues].flatMap(([zone, [head]]) =>
      head === undefined || (head.standing === 'healthy' && spare <= 0) ? [] : [{ zone, head }],
    )
    const [next] = heads.toSorted(
      (a, b) =>
        (order === 'weakest-first' ? WEAKNESS[a.head.standing] - WEAKNESS[b.head.standing] : 0) ||
        (sizes.get(b.zone) ?? 0) - (sizes.get(a.zone) ?? 0) ||
        weakest(a.head, b.head),
    )
    if (next === undefined) return chosen
    queues.get(next.zone)?.shift()
    sizes.set(next.zone, (sizes.get(next.zone) ?? 0) - 1)
    if (next.head.standing === 'healthy') spare--
    chosen.push(next.head)
  }
  return chosen
}
