// Each rule of deployment configurations, as the first thing that is said of them.

import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { changedDeploymentConfiguration, filledDeploymentConfiguration } from '../deployment-configuration.ts'
import { deploymentConfigurationProblems } from './deployment-configuration.ts'
import { firstOf } from './problem.ts'

const LAMBDA = 'arn:aws:lambda:eu-west-1:123456789012:function:check'
const ROLE = 'arn:aws:iam::123456789012:role/hooks'
const STAGES = ['POST_SCALE_UP' as const]
const EARLY = { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup: 'DEFERRED' } as const

const problemOf = (given: DeploymentConfiguration, controller: 'ECS' | 'EXTERNAL' = 'ECS'): string | undefined =>
  firstOf(deploymentConfigurationProblems(given, filledDeploymentConfiguration(given, controller), controller))
const hooked = (hook: object): DeploymentConfiguration => ({
  strategy: 'CANARY',
  lifecycleHooks: [{ hookTargetArn: LAMBDA, roleArn: ROLE, lifecycleStages: STAGES, ...hook }],
})

describe('a deployment configuration', () => {
  it.each<[DeploymentConfiguration]>([
    [{}],
    [{ minimumHealthyPercent: 50, maximumPercent: 100 }],
    [{ minimumHealthyPercent: 0, maximumPercent: 400 }],
    [{ deploymentCircuitBreaker: { enable: true, rollback: true } }],
    [
      {
        deploymentCircuitBreaker: {
          enable: true,
          rollback: false,
          resetOnHealthyTask: false,
          thresholdConfiguration: { type: 'COUNT', value: 1 },
        },
      },
    ],
    [{ alarms: { enable: true, rollback: true, alarmNames: ['errors', 'latency'] } }],
    [{ alarms: { enable: false, rollback: false, alarmNames: [] } }],
    [{ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 }],
    [{ minimumHealthyPercent: 50, earlySuccessCriteria: EARLY }],
    [{ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0, earlySuccessCriteria: { enable: false } }],
    [{ strategy: 'LINEAR', linearConfiguration: { stepPercent: 33.3, stepBakeTimeInMinutes: 1440 } }],
    [{ strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.1, canaryBakeTimeInMinutes: 0 } }],
    [{ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5, minimumHealthyPercent: 100, maximumPercent: 100 }],
    [hooked({})],
    [hooked({ roleArn: undefined, hookTargetArn: 'http://127.0.0.1:9000/hook' })],
    [hooked({ targetType: 'PAUSE', hookTargetArn: undefined, timeoutConfiguration: { timeoutInMinutes: 20_160 } })],
  ])('may be %j', (given) => {
    expect(problemOf(given)).toBeUndefined()
  })

  it.each<[DeploymentConfiguration, string]>([
    [{ minimumHealthyPercent: -1 }, 'minimumHealthyPercent must be between 0 and 100.'],
    [{ minimumHealthyPercent: 101 }, 'minimumHealthyPercent must be between 0 and 100.'],
    [{ maximumPercent: 99 }, 'maximumPercent must be at least 100.'],
    [
      { maximumPercent: 100 },
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    ],
    [
      {
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 101 },
        },
      },
      'The value of thresholdConfiguration must be between 1 and 100 when its type is BOUNDED_PERCENT.',
    ],
    [
      {
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          thresholdConfiguration: { type: 'COUNT', value: 0 },
        },
      },
      'The value of thresholdConfiguration must be at least 1.',
    ],
    [
      { alarms: { enable: true, rollback: true, alarmNames: [] } },
      'alarmNames can not be empty when deployment alarms are enabled.',
    ],
    [{ alarms: { enable: true, rollback: true, alarmNames: ['a', 'a'] } }, 'Alarm names must be unique.'],
    [{ strategy: 'BLUE_GREEN' }, 'bakeTimeInMinutes must be specified when the deployment strategy is BLUE_GREEN.'],
    [{ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1441 }, 'bakeTimeInMinutes must be between 0 and 1440.'],
    [{ linearConfiguration: {} }, 'linearConfiguration is only valid when the deployment strategy is LINEAR.'],
    [{ canaryConfiguration: {} }, 'canaryConfiguration is only valid when the deployment strategy is CANARY.'],
    [
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } },
      'stepPercent must be a multiple of 0.1 between 3.0 and 100.0.',
    ],
    [
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 10.25 } },
      'stepPercent must be a multiple of 0.1 between 3.0 and 100.0.',
    ],
    [
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0 } },
      'canaryPercent must be a multiple of 0.1 between 0.1 and 100.0.',
    ],
    [
      { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: -1 } },
      'canaryBakeTimeInMinutes must be between 0 and 1440.',
    ],
    [{ ...hooked({}), strategy: 'ROLLING' }, 'Lifecycle hooks are not supported with the ROLLING deployment strategy.'],
    [hooked({ lifecycleStages: [] }), 'lifecycleStages of a lifecycle hook can not be empty.'],
    [hooked({ hookTargetArn: undefined }), 'hookTargetArn of a lifecycle hook can not be blank.'],
    [hooked({ hookTargetArn: 'check' }), 'hookTargetArn of a lifecycle hook is not a valid ARN.'],
    [hooked({ roleArn: undefined }), 'roleArn of a lifecycle hook can not be blank.'],
    [hooked({ targetType: 'PAUSE' }), 'hookTargetArn is not valid for a lifecycle hook of type PAUSE.'],
    [
      hooked({ targetType: 'PAUSE', hookTargetArn: undefined, lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }),
      'A lifecycle hook of type PAUSE can not be configured at TEST_TRAFFIC_SHIFT.',
    ],
    [
      { strategy: 'CANARY', earlySuccessCriteria: EARLY },
      'earlySuccessCriteria is only valid when the deployment strategy is ROLLING.',
    ],
    [
      { earlySuccessCriteria: { enable: true, healthyPercent: 100 } },
      'healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled.',
    ],
    [
      { minimumHealthyPercent: 90, earlySuccessCriteria: { ...EARLY, healthyPercent: 80 } },
      'healthyPercent of earlySuccessCriteria must be greater than or equal to minimumHealthyPercent.',
    ],
    [
      { earlySuccessCriteria: { ...EARLY, healthyPercent: 101 } },
      'healthyPercent of earlySuccessCriteria must be between 0 and 100.',
    ],
    [
      hooked({ timeoutConfiguration: { timeoutInMinutes: 20_161 } }),
      'timeoutInMinutes of a lifecycle hook must be between 1 and 20160.',
    ],
  ])('may not be %j', (given, problem) => {
    expect(problemOf(given)).toBe(problem)
  })

  it.each<[DeploymentConfiguration, string]>([
    [{ deploymentCircuitBreaker: { enable: true, rollback: false } }, 'The deployment circuit breaker is'],
    [{ alarms: { enable: true, rollback: false, alarmNames: ['a'] } }, 'Deployment alarms are'],
    [{ strategy: 'CANARY' }, 'Deployment strategies are'],
    [{ lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: STAGES }] }, 'Deployment lifecycle hooks are'],
    [{ earlySuccessCriteria: EARLY }, 'Early success criteria are'],
  ])('may not be %j where another controller deploys', (given, beginning) => {
    expect(problemOf(given, 'EXTERNAL')).toBe(
      `${beginning} only supported for services that use the ECS deployment controller, not EXTERNAL.`,
    )
  })
})

describe('what is not said', () => {
  it('has the defaults of each strategy', () => {
    expect(filledDeploymentConfiguration({ strategy: 'LINEAR' }, 'ECS').linearConfiguration).toEqual({
      stepPercent: 10,
      stepBakeTimeInMinutes: 6,
    })
    expect(filledDeploymentConfiguration({ strategy: 'CANARY' }, 'ECS').canaryConfiguration).toEqual({
      canaryPercent: 5,
      canaryBakeTimeInMinutes: 10,
    })
    expect(filledDeploymentConfiguration(undefined, 'EXTERNAL')).toEqual({
      maximumPercent: 200,
      minimumHealthyPercent: 100,
    })
  })

  it('has the default threshold of a circuit breaker that is on', () => {
    const { deploymentCircuitBreaker } = filledDeploymentConfiguration(
      { deploymentCircuitBreaker: { enable: true, rollback: true } },
      'ECS',
    )
    expect(deploymentCircuitBreaker).toEqual({
      enable: true,
      rollback: true,
      resetOnHealthyTask: true,
      thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 50 },
    })
  })

  it('stays as it was, and goes with the strategy that it belongs to', () => {
    const canary = filledDeploymentConfiguration(
      { ...hooked({}), maximumPercent: 150, canaryConfiguration: { canaryPercent: 20 } },
      'ECS',
    )
    expect(changedDeploymentConfiguration(canary, { minimumHealthyPercent: 0 }, 'ECS')).toEqual({
      ...canary,
      minimumHealthyPercent: 0,
    })
    expect(changedDeploymentConfiguration(canary, { strategy: 'ROLLING' }, 'ECS')).toEqual({
      maximumPercent: 150,
      minimumHealthyPercent: 100,
      deploymentCircuitBreaker: { enable: false, rollback: false },
      strategy: 'ROLLING',
      bakeTimeInMinutes: 0,
    })
  })
})
