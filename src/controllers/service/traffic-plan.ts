// What share of the traffic each of a service's two target groups is to have, by what its revisions are to have. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { loadBalancersOf } from '#apis/ecs/model/revision-targets.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { Draft } from './draft.ts'
import { byAge } from './order.ts'

export interface Shift {
  /** A rule, a default rule or a listener. */
  readonly ruleArn: string
  readonly weights: readonly { readonly arn: string; readonly weight: number }[]
}

type Share = 'productionWeight' | 'testWeight'

const ALL = 100
/** Elastic Load Balancing's greatest weight. */
const WEIGHT_MOST = 999

/** Percents are weights as they are; where they have tenths, shares of the greatest weight that there is. */
const weightsOf = (percent: number): readonly [number, number] => {
  if (Number.isInteger(percent)) return [percent, ALL - percent]
  const weight = Math.min(WEIGHT_MOST - 1, Math.max(1, Math.round((percent * WEIGHT_MOST) / ALL)))
  return [weight, WEIGHT_MOST - weight]
}

const shiftOf = (
  ruleArn: string | undefined,
  { targetGroupArn: first = '', advancedConfiguration }: LoadBalancer,
  shareOf: (group: string) => number,
): Shift[] => {
  const { alternateTargetGroupArn: second = '' } = advancedConfiguration ?? {}
  const [ofFirst, ofSecond] = [shareOf(first), shareOf(second)]
  // Nothing has been given to anyone yet: what the rule does is its maker's.
  if (ruleArn === undefined || ofFirst + ofSecond === 0) return []
  const [a, b] = weightsOf((ofFirst / (ofFirst + ofSecond)) * ALL)
  return [
    {
      ruleArn,
      weights: [
        { arn: first, weight: a },
        { arn: second, weight: b },
      ],
    },
  ]
}

const sharesOf = ({ rollout: { productionWeight, testWeight } }: ServiceRevisionRecord): string =>
  `${productionWeight} ${testWeight}`

const hasShare = ({ rollout: { productionWeight = 0, testWeight = 0 } }: ServiceRevisionRecord): boolean =>
  productionWeight > 0 || testWeight > 0

/**
 * The primary's load balancers, and those of the revisions whose share of the traffic it may take over: what it is made
 * of may name other rules, or none any more.
 */
const concerned = ({ facts, revisions, primary }: Draft): LoadBalancer[] => {
  const had = new Set(facts.revisions.filter(hasShare).map(({ arn }) => arn))
  const others = [...revisions.values()].filter((one) => had.has(one.arn) || hasShare(one)).toSorted(byAge)
  return [...(primary === undefined ? [] : [primary]), ...others.toReversed()].flatMap(
    ({ template }) => template.loadBalancers,
  )
}

/** None in a turn that gives no revision another share. */
export const trafficShifts = (draft: Draft): Shift[] => {
  const { facts, revisions } = draft
  const hasShifted = facts.revisions.some((was) => {
    const is = revisions.get(was.arn)
    return is !== undefined && sharesOf(is) !== sharesOf(was)
  })
  if (!hasShifted) return []
  const shareOf =
    (share: Share) =>
    (group: string): number =>
      [...revisions.values()]
        .filter((revision) => loadBalancersOf(revision).some(({ targetGroupArn }) => targetGroupArn === group))
        .reduce((sum, { rollout }) => sum + (rollout[share] ?? 0), 0)
  const found = new Map<string, Shift>()
  for (const one of concerned(draft)) {
    const { productionListenerRule, testListenerRule } = one.advancedConfiguration ?? {}
    for (const shift of [
      ...shiftOf(productionListenerRule, one, shareOf('productionWeight')),
      ...shiftOf(testListenerRule, one, shareOf('testWeight')),
    ]) {
      if (!found.has(shift.ruleArn)) found.set(shift.ruleArn, shift)
    }
  }
  return [...found.values()]
}

/** The rules that traffic is shifted by. */
export const rulesOf = ({ template }: ServiceRevisionRecord): string[] =>
  template.loadBalancers.flatMap(({ advancedConfiguration: advanced }) => [
    ...(advanced?.productionListenerRule === undefined ? [] : [advanced.productionListenerRule]),
    ...(advanced?.testListenerRule === undefined ? [] : [advanced.testListenerRule]),
  ])
