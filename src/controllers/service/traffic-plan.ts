// What share of the traffic each of a service's two target groups is to have, by what its revisions are to have. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { loadBalancersOf } from '#apis/ecs/model/revision-targets.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { Draft } from './draft.ts'

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

/** None in a turn that gives no revision another share. */
export const trafficShifts = ({ facts, revisions, primary }: Draft): Shift[] => {
  const hasShifted = facts.revisions.some((was) => {
    const is = revisions.get(was.arn)
    return is !== undefined && sharesOf(is) !== sharesOf(was)
  })
  if (!hasShifted || primary === undefined) return []
  return primary.template.loadBalancers.flatMap((one) => {
    const shareOf =
      (share: Share) =>
      (group: string): number =>
        [...revisions.values()]
          .filter((revision) => loadBalancersOf(revision).some(({ targetGroupArn }) => targetGroupArn === group))
          .reduce((sum, { rollout }) => sum + (rollout[share] ?? 0), 0)
    const { productionListenerRule, testListenerRule } = one.advancedConfiguration ?? {}
    return [
      ...shiftOf(productionListenerRule, one, shareOf('productionWeight')),
      ...shiftOf(testListenerRule, one, shareOf('testWeight')),
    ]
  })
}

/** The rules that traffic is shifted by. */
export const rulesOf = ({ template }: ServiceRevisionRecord): string[] =>
  template.loadBalancers.flatMap(({ advancedConfiguration: advanced }) => [
    ...(advanced?.productionListenerRule === undefined ? [] : [advanced.productionListenerRule]),
    ...(advanced?.testListenerRule === undefined ? [] : [advanced.testListenerRule]),
  ])
