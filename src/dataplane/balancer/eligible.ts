// Which targets of a group get what comes anew. AWS: "Target group health", routing failover.

import type { GroupPlan, TargetObservation, TargetPlan } from './balancer.ts'

/** Healthy targets; all that have been judged where too few are healthy. Never one that drains. */
export const eligibleTargets = (
  { targets, leastHealthy }: Pick<GroupPlan, 'targets' | 'leastHealthy'>,
  healthOf: (target: TargetPlan) => TargetObservation['health'],
): TargetPlan[] => {
  const judged = targets
    .filter(({ isDraining }) => !isDraining)
    .map((target) => ({ target, health: healthOf(target) }))
    .filter(({ health }) => health !== 'unknown')
  const healthy = judged.filter(({ health }) => health === 'healthy')
  const { count = 1, percentage = 0 } = leastHealthy ?? {}
  const isEnough = healthy.length >= Math.max(1, count) && healthy.length * 100 >= percentage * judged.length
  return (isEnough ? healthy : judged).map(({ target }) => target)
}
