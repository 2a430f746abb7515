// A deployment configuration: in which steps production traffic goes over to the replacement. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html

import type { DeploymentConfigInfo, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { Scope } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import { InvalidTrafficRoutingConfigurationException } from '../errors.ts'
import { TRAFFIC_SHIFT_MINUTES } from './limits.ts'

export type Routing =
  | { readonly type: 'AllAtOnce' }
  /** So many percent first, the rest after the interval. */
  | { readonly type: 'TimeBasedCanary'; readonly percentage: number; readonly intervalMinutes: number }
  /** So many percent at once, and again after each interval. */
  | { readonly type: 'TimeBasedLinear'; readonly percentage: number; readonly intervalMinutes: number }

export interface DeploymentConfigRecord {
  /** A UUID. */
  readonly id: string
  readonly scope: Scope
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly routing: Routing
}

export const DEFAULT_CONFIG = 'CodeDeployDefault.ECSAllAtOnce'
export const RESERVED_PREFIX = 'CodeDeployDefault.'

const canary = (percentage: number, intervalMinutes: number): Routing => ({
  type: 'TimeBasedCanary',
  percentage,
  intervalMinutes,
})
const linear = (percentage: number, intervalMinutes: number): Routing => ({
  type: 'TimeBasedLinear',
  percentage,
  intervalMinutes,
})

/** AWS's own, for ECS. */
export const PREDEFINED: Readonly<Record<string, Routing>> = {
  [DEFAULT_CONFIG]: { type: 'AllAtOnce' },
  'CodeDeployDefault.ECSCanary10Percent5Minutes': canary(10, 5),
  'CodeDeployDefault.ECSCanary10Percent15Minutes': canary(10, 15),
  'CodeDeployDefault.ECSLinear10PercentEvery1Minutes': linear(10, 1),
  'CodeDeployDefault.ECSLinear10PercentEvery3Minutes': linear(10, 3),
}

/** Where production traffic is to stand so long after the first shift; `nextAt` is when it moves on, undefined at 100. */
export const percentAfter = (
  routing: Routing,
  minutes: number,
): { readonly percent: number; readonly nextAtMinutes?: number } => {
  if (routing.type === 'AllAtOnce') return { percent: 100 }
  const { percentage, intervalMinutes } = routing
  const steps = Math.floor(minutes / intervalMinutes)
  const isOver = routing.type === 'TimeBasedCanary' ? steps > 0 : percentage * (steps + 1) >= 100
  if (isOver) return { percent: 100 }
  const percent = routing.type === 'TimeBasedCanary' ? percentage : percentage * (steps + 1)
  return { percent, nextAtMinutes: (steps + 1) * intervalMinutes }
}

const describeRouting = (routing: Routing): TrafficRoutingConfig => {
  switch (routing.type) {
    case 'AllAtOnce':
      return { type: 'AllAtOnce' }
    case 'TimeBasedCanary': {
      const { type, percentage, intervalMinutes } = routing
      return { type, timeBasedCanary: { canaryPercentage: percentage, canaryInterval: intervalMinutes } }
    }
    default: {
      const { type, percentage, intervalMinutes } = routing
      return { type, timeBasedLinear: { linearPercentage: percentage, linearInterval: intervalMinutes } }
    }
  }
}

export const describeConfig = ({
  id,
  name,
  createdAt,
  routing,
}: Pick<DeploymentConfigRecord, 'name' | 'routing'> & Partial<DeploymentConfigRecord>): DeploymentConfigInfo => ({
  ...(id === undefined ? {} : { deploymentConfigId: id }),
  deploymentConfigName: name,
  ...(createdAt === undefined ? {} : { createTime: recordedTime(createdAt) }),
  computePlatform: 'ECS',
  trafficRoutingConfig: describeRouting(routing),
})

const refused = InvalidTrafficRoutingConfigurationException

const checkedSteps = (kind: string, percentage: number | undefined, interval: number | undefined): void => {
  if (percentage === undefined || percentage < 1 || percentage > 99) {
    throw refused(`The ${kind} percentage must be between 1 and 99`)
  }
  if (interval === undefined || interval < 1 || interval > TRAFFIC_SHIFT_MINUTES) {
    throw refused(`The ${kind} interval must be between 1 and ${TRAFFIC_SHIFT_MINUTES} minutes`)
  }
}

/** As CreateDeploymentConfig asks for it. */
export const requestedRouting = (config: TrafficRoutingConfig | undefined): Routing => {
  const { type, timeBasedCanary, timeBasedLinear } = config ?? {}
  if (type === undefined) throw refused('Traffic routing configuration type must be specified')
  if ((type !== 'TimeBasedCanary' && timeBasedCanary) || (type !== 'TimeBasedLinear' && timeBasedLinear)) {
    throw refused(`Traffic routing configuration does not match its type ${type}`)
  }
  if (type === 'AllAtOnce') return { type }
  if (type === 'TimeBasedCanary') {
    const { canaryPercentage, canaryInterval } = timeBasedCanary ?? {}
    checkedSteps('canary', canaryPercentage, canaryInterval)
    return canary(canaryPercentage ?? 0, canaryInterval ?? 0)
  }
  const { linearPercentage = 0, linearInterval = 0 } = timeBasedLinear ?? {}
  checkedSteps('linear', linearPercentage, linearInterval)
  const minutes = (Math.ceil(100 / linearPercentage) - 1) * linearInterval
  if (minutes > TRAFFIC_SHIFT_MINUTES) {
    throw refused(`Traffic must be shifted within ${TRAFFIC_SHIFT_MINUTES} minutes`)
  }
  return linear(linearPercentage, linearInterval)
}
