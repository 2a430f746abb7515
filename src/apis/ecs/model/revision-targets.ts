// Which of its load balancers' target groups a revision is in: where traffic is shifted between two, the one that the
// revision which serves is not in. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { RevisionTemplate, ServiceRevisionRecord } from './service-revision.ts'

/** Of all of a service's: the one whose tasks have the traffic. */
export const servingRevision = (revisions: readonly ServiceRevisionRecord[]): ServiceRevisionRecord | undefined =>
  revisions
    .filter(({ rollout }) => rollout.state === 'COMPLETED' || rollout.productionWeight === 100)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0]

/** With the target groups that the revision's tasks are really registered with. */
export const loadBalancersOf = ({
  template,
  targetGroupArns,
}: Pick<ServiceRevisionRecord, 'template' | 'targetGroupArns'>): LoadBalancer[] =>
  template.loadBalancers.map((one, at) => {
    const targetGroupArn = targetGroupArns?.[at]
    return targetGroupArn === undefined ? one : { ...one, targetGroupArn }
  })

/**
 * In the order of the template's load balancers; undefined where none has a second group. `stays`: nothing shifts
 * traffic, so the new revision joins the old one.
 */
export const chosenTargetGroups = (
  { loadBalancers }: RevisionTemplate,
  serving: ServiceRevisionRecord | undefined,
  stays: boolean,
): readonly string[] | undefined => {
  if (!loadBalancers.some(({ advancedConfiguration }) => advancedConfiguration !== undefined)) return undefined
  const taken = new Set(serving === undefined ? [] : loadBalancersOf(serving).map((one) => one.targetGroupArn))
  return loadBalancers.map(({ targetGroupArn = '', advancedConfiguration }) => {
    const { alternateTargetGroupArn: other = targetGroupArn } = advancedConfiguration ?? {}
    const isAlternate = stays ? taken.has(other) && !taken.has(targetGroupArn) : taken.has(targetGroupArn)
    return isAlternate ? other : targetGroupArn
  })
}
