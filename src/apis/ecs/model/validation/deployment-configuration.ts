// How a service's deployments are to go: percents, strategies, circuit breaker, alarms and lifecycle hooks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html

import type {
  DeploymentCircuitBreaker,
  DeploymentConfiguration,
  DeploymentControllerType,
  DeploymentLifecycleHook,
} from '@aws-sdk/client-ecs'
import { parseArn } from '#aws/arn.ts'
import {
  BAKE_TIME_MOST_MINUTES,
  CANARY_PERCENT_LEAST,
  HOOK_TIMEOUT_MOST_MINUTES,
  LIFECYCLE_HOOKS,
  LINEAR_PERCENT_LEAST,
} from '../limits.ts'
import { isWithin, type Problems } from './problem.ts'

/** `given` is what the request says; `filled` is what will hold, with what it leaves as it was. */
export function* deploymentConfigurationProblems(
  given: DeploymentConfiguration,
  filled: DeploymentConfiguration,
  controller: DeploymentControllerType,
): Problems {
  yield* percentProblems(filled, controller)
  if (controller !== 'ECS') return yield* otherControllerProblems(given, controller)
  yield* breakerProblems(filled.deploymentCircuitBreaker)
  yield* alarmProblems(filled.alarms)
  yield* strategyProblems(given, filled)
  yield* earlySuccessProblems(filled)
  yield* hookListProblems(filled)
}

function* percentProblems(filled: DeploymentConfiguration, controller: DeploymentControllerType): Problems {
  const { maximumPercent = 0, minimumHealthyPercent = 0, strategy } = filled
  if (!isWithin(minimumHealthyPercent, 0, 100)) yield 'minimumHealthyPercent must be between 0 and 100.'
  if (maximumPercent < 100) yield 'maximumPercent must be at least 100.'
  if (controller === 'ECS' && strategy === 'ROLLING' && maximumPercent === 100 && minimumHealthyPercent === 100) {
    yield 'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.'
  }
}

function* otherControllerProblems(given: DeploymentConfiguration, controller: string): Problems {
  const only = `only supported for services that use the ECS deployment controller, not ${controller}.`
  if (given.deploymentCircuitBreaker?.enable === true) yield `The deployment circuit breaker is ${only}`
  if (given.alarms?.enable === true) yield `Deployment alarms are ${only}`
  if (given.strategy !== undefined && given.strategy !== 'ROLLING') yield `Deployment strategies are ${only}`
  if ((given.lifecycleHooks ?? []).length > 0) yield `Deployment lifecycle hooks are ${only}`
  if (given.earlySuccessCriteria?.enable === true) yield `Early success criteria are ${only}`
}

function* breakerProblems(breaker: DeploymentCircuitBreaker | undefined): Problems {
  const { type, value = 0 } = breaker?.thresholdConfiguration ?? {}
  if (type === 'COUNT' && !isWithin(value, 1, Number.MAX_SAFE_INTEGER)) {
    yield 'The value of thresholdConfiguration must be at least 1.'
  }
  if (type !== undefined && type !== 'COUNT' && !isWithin(value, 1, 100)) {
    yield `The value of thresholdConfiguration must be between 1 and 100 when its type is ${type}.`
  }
}

function* alarmProblems(alarms: DeploymentConfiguration['alarms']): Problems {
  const { alarmNames = [], enable } = alarms ?? {}
  if (enable === true && alarmNames.length === 0)
    yield 'alarmNames can not be empty when deployment alarms are enabled.'
  if (alarmNames.includes('')) yield 'Alarm names can not be blank.'
  if (new Set(alarmNames).size < alarmNames.length) yield 'Alarm names must be unique.'
}

/** Whether it is a percentage in steps of a tenth. */
const isTenths = (value: number, least: number): boolean =>
  value >= least && value <= 100 && Math.abs(value * 10 - Math.round(value * 10)) < 1e-6

function* strategyProblems(given: DeploymentConfiguration, filled: DeploymentConfiguration): Problems {
  const { strategy, linearConfiguration: linear, canaryConfiguration: canary, bakeTimeInMinutes = 0 } = filled
  const minutes = `between 0 and ${BAKE_TIME_MOST_MINUTES}`
  if (!isWithin(bakeTimeInMinutes, 0, BAKE_TIME_MOST_MINUTES)) yield `bakeTimeInMinutes must be ${minutes}.`
  if (given.strategy === 'BLUE_GREEN' && given.bakeTimeInMinutes === undefined) {
    yield 'bakeTimeInMinutes must be specified when the deployment strategy is BLUE_GREEN.'
  }
  if (given.linearConfiguration !== undefined && strategy !== 'LINEAR') {
    yield 'linearConfiguration is only valid when the deployment strategy is LINEAR.'
  }
  if (given.canaryConfiguration !== undefined && strategy !== 'CANARY') {
    yield 'canaryConfiguration is only valid when the deployment strategy is CANARY.'
  }
  if (linear?.stepPercent !== undefined && !isTenths(linear.stepPercent, LINEAR_PERCENT_LEAST)) {
    yield `stepPercent must be a multiple of 0.1 between ${LINEAR_PERCENT_LEAST.toFixed(1)} and 100.0.`
  }
  if (!isWithin(linear?.stepBakeTimeInMinutes ?? 0, 0, BAKE_TIME_MOST_MINUTES)) {
    yield `stepBakeTimeInMinutes must be ${minutes}.`
  }
  if (canary?.canaryPercent !== undefined && !isTenths(canary.canaryPercent, CANARY_PERCENT_LEAST)) {
    yield `canaryPercent must be a multiple of 0.1 between ${CANARY_PERCENT_LEAST.toFixed(1)} and 100.0.`
  }
  if (!isWithin(canary?.canaryBakeTimeInMinutes ?? 0, 0, BAKE_TIME_MOST_MINUTES)) {
    yield `canaryBakeTimeInMinutes must be ${minutes}.`
  }
}

/** What is required is AWS's; the words are ours. */
function* earlySuccessProblems(filled: DeploymentConfiguration): Problems {
  const { earlySuccessCriteria: criteria, strategy, minimumHealthyPercent = 0 } = filled
  if (criteria?.enable !== true) return
  const { healthyPercent, sourceServiceRevisionCleanup } = criteria
  if (strategy !== 'ROLLING') yield 'earlySuccessCriteria is only valid when the deployment strategy is ROLLING.'
  if (healthyPercent === undefined || sourceServiceRevisionCleanup === undefined) {
    yield 'healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled.'
    return
  }
  if (!Number.isInteger(healthyPercent) || !isWithin(healthyPercent, 0, 100)) {
    yield 'healthyPercent of earlySuccessCriteria must be between 0 and 100.'
  }
  if (healthyPercent < minimumHealthyPercent) {
    yield 'healthyPercent of earlySuccessCriteria must be greater than or equal to minimumHealthyPercent.'
  }
}

function* hookListProblems({ strategy, lifecycleHooks = [] }: DeploymentConfiguration): Problems {
  if (lifecycleHooks.length > LIFECYCLE_HOOKS) yield `lifecycleHooks can have at most ${LIFECYCLE_HOOKS} items.`
  if (lifecycleHooks.length > 0 && strategy === 'ROLLING') {
    yield 'Lifecycle hooks are not supported with the ROLLING deployment strategy.'
  }
  for (const hook of lifecycleHooks) yield* hookProblems(hook)
}

const SHIFTS: readonly string[] = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']

function* hookProblems(hook: DeploymentLifecycleHook): Problems {
  const { targetType = 'AWS_LAMBDA', hookTargetArn, roleArn, lifecycleStages = [] } = hook
  if (lifecycleStages.length === 0) yield 'lifecycleStages of a lifecycle hook can not be empty.'
  const { timeoutInMinutes = 1 } = hook.timeoutConfiguration ?? {}
  if (!isWithin(timeoutInMinutes, 1, HOOK_TIMEOUT_MOST_MINUTES)) {
    yield `timeoutInMinutes of a lifecycle hook must be between 1 and ${HOOK_TIMEOUT_MOST_MINUTES}.`
  }
  if (targetType === 'PAUSE') {
    if (hookTargetArn !== undefined) yield 'hookTargetArn is not valid for a lifecycle hook of type PAUSE.'
    const shift = lifecycleStages.find((stage) => SHIFTS.includes(stage))
    if (shift !== undefined) yield `A lifecycle hook of type PAUSE can not be configured at ${shift}.`
    return
  }
  if (hookTargetArn === undefined || hookTargetArn === '') yield 'hookTargetArn of a lifecycle hook can not be blank.'
  // Not AWS's: until there is Lambda, a hook may be a URL that is asked in Lambda's stead, without a role.
  if (isUrl(hookTargetArn ?? '')) return
  if (parseArn(hookTargetArn ?? '')?.service !== 'lambda') yield 'hookTargetArn of a lifecycle hook is not a valid ARN.'
  if (roleArn === undefined || roleArn === '') yield 'roleArn of a lifecycle hook can not be blank.'
}

const isUrl = (text: string): boolean => /^https?:\/\/[^\s/]/.test(text) && URL.canParse(text)
