// How a service's deployments go: AWS's defaults, and what a change of some members leaves of the others.

import type { DeploymentConfiguration, DeploymentControllerType } from '@aws-sdk/client-ecs'

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
    deploymentCircuitBreaker: given?.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    strategy,
    bakeTimeInMinutes: given?.bakeTimeInMinutes ?? 0,
    ...(strategy === 'LINEAR' ? { linearConfiguration: { ...LINEAR, ...given?.linearConfiguration } } : {}),
    ...(strategy === 'CANARY' ? { canaryConfiguration: { ...CANARY, ...given?.canaryConfiguration } } : {}),
  }
}

/** UpdateService: members that are not given stay as they are. */
export const changedDeploymentConfiguration = (
  existing: DeploymentConfiguration,
  given: DeploymentConfiguration,
  controller: DeploymentControllerType,
): DeploymentConfiguration => filledDeploymentConfiguration({ ...existing, ...given }, controller)
