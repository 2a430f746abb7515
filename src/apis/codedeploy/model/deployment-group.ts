// A deployment group: the ECS service that is deployed, the load balancer's listeners and groups that its traffic goes
// through, and when a deployment waits, ends and goes back. Pure.

import type { AutoRollbackEvent, DeploymentGroupInfo, LastDeploymentInfo } from '@aws-sdk/client-codedeploy'
import type { Scope } from '#aws/scope.ts'
import type { TagRecord } from './tags.ts'

export interface Rollback {
  readonly enabled: boolean
  readonly events: readonly AutoRollbackEvent[]
}

export interface AlarmWatch {
  readonly enabled: boolean
  readonly ignorePollAlarmFailure: boolean
  readonly names: readonly string[]
}

/** Between which target groups traffic goes over, at which listeners. */
export interface TrafficRoute {
  /** Names: one serves, the other is for the replacement, and with each deployment they change places. */
  readonly targetGroups: readonly [string, string]
  readonly productionListenerArn: string
  readonly testListenerArn?: string
}

export interface BlueGreen {
  /** STOP_DEPLOYMENT waits that long for ContinueDeployment before production traffic goes over. */
  readonly whenReady: 'CONTINUE_DEPLOYMENT' | 'STOP_DEPLOYMENT'
  readonly readyWaitMinutes: number
  /** How long the original task set stays after production traffic has gone over. */
  readonly terminationWaitMinutes: number
}

export interface DeploymentGroupSpec {
  readonly name: string
  readonly serviceRoleArn: string
  readonly deploymentConfigName: string
  readonly ecsService: { readonly clusterName: string; readonly serviceName: string }
  readonly route: TrafficRoute
  readonly blueGreen: BlueGreen
  readonly rollback?: Rollback
  readonly alarms?: AlarmWatch
  readonly outdatedInstancesStrategy: 'UPDATE' | 'IGNORE'
}

export interface DeploymentGroupRecord {
  /** A UUID. */
  readonly id: string
  readonly scope: Scope
  readonly applicationId: string
  readonly tags: readonly TagRecord[]
  readonly spec: DeploymentGroupSpec
}

export const describeRoute = ({ targetGroups, productionListenerArn, testListenerArn }: TrafficRoute) => ({
  targetGroupPairInfoList: [
    {
      targetGroups: targetGroups.map((name) => ({ name })),
      prodTrafficRoute: { listenerArns: [productionListenerArn] },
      ...(testListenerArn === undefined ? {} : { testTrafficRoute: { listenerArns: [testListenerArn] } }),
    },
  ],
})

/** Both waits are always there: clients add them up. */
export const describeBlueGreen = ({ whenReady, readyWaitMinutes, terminationWaitMinutes }: BlueGreen) => ({
  terminateBlueInstancesOnDeploymentSuccess: {
    action: 'TERMINATE' as const,
    terminationWaitTimeInMinutes: terminationWaitMinutes,
  },
  deploymentReadyOption: { actionOnTimeout: whenReady, waitTimeInMinutes: readyWaitMinutes },
})

export const describeAlarms = ({ enabled, ignorePollAlarmFailure, names }: AlarmWatch) => ({
  enabled,
  ignorePollAlarmFailure,
  alarms: names.map((name) => ({ name })),
})

export const STYLE = { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' } as const

export interface GroupView {
  readonly applicationName: string
  readonly group: DeploymentGroupRecord
  readonly lastSuccessful?: LastDeploymentInfo
  readonly lastAttempted?: LastDeploymentInfo
}

export const describeGroup = ({
  applicationName,
  group: { id, spec },
  lastSuccessful,
  lastAttempted,
}: GroupView): DeploymentGroupInfo => ({
  applicationName,
  deploymentGroupId: id,
  deploymentGroupName: spec.name,
  deploymentConfigName: spec.deploymentConfigName,
  ec2TagFilters: [],
  onPremisesInstanceTagFilters: [],
  autoScalingGroups: [],
  serviceRoleArn: spec.serviceRoleArn,
  triggerConfigurations: [],
  ...(spec.alarms === undefined ? {} : { alarmConfiguration: describeAlarms(spec.alarms) }),
  ...(spec.rollback === undefined
    ? {}
    : { autoRollbackConfiguration: { enabled: spec.rollback.enabled, events: [...spec.rollback.events] } }),
  deploymentStyle: STYLE,
  outdatedInstancesStrategy: spec.outdatedInstancesStrategy,
  blueGreenDeploymentConfiguration: describeBlueGreen(spec.blueGreen),
  loadBalancerInfo: describeRoute(spec.route),
  ...(lastSuccessful === undefined ? {} : { lastSuccessfulDeployment: lastSuccessful }),
  ...(lastAttempted === undefined ? {} : { lastAttemptedDeployment: lastAttempted }),
  computePlatform: 'ECS',
  ecsServices: [spec.ecsService],
  terminationHookEnabled: false,
})
