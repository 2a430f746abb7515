// How a service's deployments go: AWS's defaults, and what a change of some members leaves of the others.

import type { DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentControllerType } from '@aws-sdk/client-ecs'

const MAXIMUM_PERCENT = 200
const MINIMUM_HEALTHY_PERCENT = 100

const LINEAR = { stepPercent: 10, stepBakeTimeInMinutes: 6 }
const CANARY = { canaryPercent: 5, canaryBakeTimeInMinutes: 10 }

/** As DescribeServices shows it. */
export const filledDeploymentConfiguration = (
  given: DeploymentConfiguration | undefined,
  controller: DeploymentControllerType,
): DeploymentConfiguration => {
  const percents = {
    maximumPercent: given?.maximumPercent ?? MAXIMUM_PERCENT,
    minimumHealthyPercent: given?.minimumHealthyPercent ?? MINIMUM_HEALTHY_PERCENT,
  }
  // Other controllers know no strategies, circuit breakers and alarms.
  if (controller !== 'ECS') return percents
  const strategy = given?.strategy ?? 'ROLLING'
  return {
    ...given,
    ...percents,
    deploymentCircuitBreaker: filledBreaker(given?.deploymentCircuitBreaker),
    strategy,
    bakeTimeInMinutes: given?.bakeTimeInMinutes ?? 0,
    ...(strategy === 'LINEAR' ? { linearConfiguration: { ...LINEAR, ...given?.linearConfiguration } } : {}),
    ...(strategy === 'CANARY' ? { canaryConfiguration: { ...CANARY, ...given?.canaryConfiguration } } : {}),
  }
}

const filledBreaker = (given: DeploymentCircuitBreaker | undefined): DeploymentCircuitBreaker => {
  if (given?.enable !== true) return given ?? { enable: false, rollback: false }
  return { resetOnHealthyTask: true, thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 50 }, ...given }
}

/** UpdateService: members that are not given stay as they are, but for those of a strategy that is left. */
export const changedDeploymentConfiguration = (
  existing: DeploymentConfiguration,
  given: DeploymentConfiguration,
  controller: DeploymentControllerType,
): DeploymentConfiguration => {
  const { linearConfiguration, canaryConfiguration, lifecycleHooks, earlySuccessCriteria, ...kept } = existing
  const strategy = given.strategy ?? existing.strategy
  const present: DeploymentConfiguration = {
    ...kept,
    ...(strategy === 'LINEAR' && linearConfiguration !== undefined ? { linearConfiguration } : {}),
    ...(strategy === 'CANARY' && canaryConfiguration !== undefined ? { canaryConfiguration } : {}),
    ...(strategy !== 'ROLLING' && lifecycleHooks !== undefined ? { lifecycleHooks } : {}),
    ...(strategy === 'ROLLING' && earlySuccessCriteria !== undefined ? { earlySuccessCriteria } : {}),
  }
  return filledDeploymentConfiguration({ ...present, ...given }, controller)
}
