// What CreateDeploymentGroup and UpdateDeploymentGroup ask for, checked as far as the request alone can be. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html

import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  BlueGreenDeploymentConfiguration,
  CreateDeploymentGroupInput,
  DeploymentStyle,
  ECSService,
  LoadBalancerInfo,
  UpdateDeploymentGroupInput,
} from '@aws-sdk/client-codedeploy'
import { parseArn } from '#aws/arn.ts'
import type { Checked } from '#aws/operation.ts'
import {
  AlarmsLimitExceededException,
  InvalidAlarmConfigException,
  InvalidAutoRollbackConfigException,
  InvalidAutoScalingGroupException,
  InvalidBlueGreenDeploymentConfigurationException,
  InvalidDeploymentStyleException,
  InvalidEC2TagException,
  InvalidECSServiceException,
  InvalidLoadBalancerInfoException,
  InvalidRoleException,
  InvalidTargetGroupPairException,
  InvalidTriggerConfigException,
} from '../errors.ts'
import { DEFAULT_CONFIG } from './deployment-config.ts'
import type { AlarmWatch, BlueGreen, DeploymentGroupSpec, Rollback, TrafficRoute } from './deployment-group.ts'
import { ALARM_NAME_CHARACTERS, ALARMS_PER_GROUP, READY_WAIT_MINUTES, TERMINATION_WAIT_MINUTES } from './limits.ts'

type Create = Checked<CreateDeploymentGroupInput>
type Update = Checked<UpdateDeploymentGroupInput>

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)

/** What only instances have. */
const refuseInstances = (input: Create | Update): void => {
  if (isGiven(input.autoScalingGroups)) {
    throw InvalidAutoScalingGroupException('For ECS deployment group, autoScalingGroups can not be specified')
  }
  if (isGiven(input.ec2TagFilters) || isGiven(input.ec2TagSet?.ec2TagSetList)) {
    throw InvalidEC2TagException('For ECS deployment group, ec2TagFilters can not be specified')
  }
  if (isGiven(input.onPremisesInstanceTagFilters) || isGiven(input.onPremisesTagSet?.onPremisesTagSetList)) {
    throw InvalidEC2TagException('For ECS deployment group, onPremisesInstanceTagFilters can not be specified')
  }
}

const checkedRole = (role: string): string => {
  const arn = parseArn(role)
  if (arn?.service !== 'iam' || !arn.resource.startsWith('role/')) {
    throw InvalidRoleException(`The role ${role} is not a valid role ARN`)
  }
  return role
}

const checkedStyle = (style: DeploymentStyle | undefined): void => {
  if (style === undefined) return
  const { deploymentType, deploymentOption } = style
  if (deploymentType === undefined || deploymentOption === undefined) {
    throw InvalidDeploymentStyleException('Deployment type or deployment option cannot be null or empty')
  }
  if (deploymentType !== 'BLUE_GREEN' || deploymentOption !== 'WITH_TRAFFIC_CONTROL') {
    throw InvalidDeploymentStyleException(
      'For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option must be WITH_TRAFFIC_CONTROL.',
    )
  }
}

const requestedService = (services: readonly ECSService[]): DeploymentGroupSpec['ecsService'] => {
  const [service, ...others] = services
  if (service === undefined || others.length > 0) {
    throw InvalidECSServiceException('For ECS deployment group, exactly one ECS service must be specified')
  }
  const { clusterName = '', serviceName = '' } = service
  if (clusterName === '' || serviceName === '') {
    throw InvalidECSServiceException('ECS cluster name and service name must be specified')
  }
  return { clusterName, serviceName }
}

const oneListener = (route: { listenerArns?: readonly string[] | undefined } | undefined, kind: string): string => {
  const [arn, ...others] = route?.listenerArns ?? []
  if (arn === undefined || others.length > 0) {
    throw InvalidTargetGroupPairException(`Target group pair must have exactly one ${kind} traffic route listener.`)
  }
  if (!(parseArn(arn)?.resource.startsWith('listener/') ?? false)) {
    throw InvalidTargetGroupPairException(`The ${kind} traffic route listener ${arn} is not a valid listener ARN.`)
  }
  return arn
}

const requestedRoute = (info: Checked<LoadBalancerInfo>): TrafficRoute => {
  const refuse = InvalidLoadBalancerInfoException
  if (isGiven(info.elbInfoList))
    throw refuse('For ECS deployment group, loadBalancerInfo must not contain elbInfo list')
  if (isGiven(info.targetGroupInfoList)) {
    throw refuse('For ECS deployment group, loadBalancerInfo must not contain targetGroupInfo list')
  }
  const [pair, ...others] = info.targetGroupPairInfoList ?? []
  if (pair === undefined || others.length > 0) {
    throw refuse('For ECS deployment group, loadBalancerInfo must contain exactly one targetGroupPairInfo')
  }
  const [first = '', second = '', ...rest] = (pair.targetGroups ?? []).map(({ name }) => name ?? '')
  if (first === '' || second === '' || rest.length > 0) {
    throw InvalidTargetGroupPairException('Target group pair must have exactly two target groups.')
  }
  if (first === second) throw InvalidTargetGroupPairException('Target group pair must have distinct target groups.')
  const productionListenerArn = oneListener(pair.prodTrafficRoute, 'production')
  if (!isGiven(pair.testTrafficRoute?.listenerArns)) return { targetGroups: [first, second], productionListenerArn }
  const testListenerArn = oneListener(pair.testTrafficRoute, 'test')
  if (testListenerArn === productionListenerArn) {
    throw InvalidTargetGroupPairException('The production and test traffic routes must have distinct listeners.')
  }
  return { targetGroups: [first, second], productionListenerArn, testListenerArn }
}

const requestedBlueGreen = (config: Checked<BlueGreenDeploymentConfiguration>): BlueGreen => {
  const refuse = InvalidBlueGreenDeploymentConfigurationException
  const { terminateBlueInstancesOnDeploymentSuccess: ending, deploymentReadyOption: ready } = config
  if (isGiven(config.greenFleetProvisioningOption?.action)) {
    throw refuse('For ECS deployment group, greenFleetProvisioningOption can not be specified')
  }
  if (ending?.action === 'KEEP_ALIVE') {
    throw refuse('For ECS deployment group, the action on original task set termination must be TERMINATE')
  }
  const whenReady = ready?.actionOnTimeout ?? 'CONTINUE_DEPLOYMENT'
  const readyWaitMinutes = ready?.waitTimeInMinutes ?? 0
  if (whenReady === 'CONTINUE_DEPLOYMENT' && readyWaitMinutes > 0) {
    throw refuse("Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified")
  }
  if (readyWaitMinutes < 0 || readyWaitMinutes > READY_WAIT_MINUTES) {
    throw refuse(`Deployment ready wait time must be between 0 and ${READY_WAIT_MINUTES} minutes`)
  }
  const terminationWaitMinutes = ending?.terminationWaitTimeInMinutes ?? 0
  if (terminationWaitMinutes < 0 || terminationWaitMinutes > TERMINATION_WAIT_MINUTES) {
    throw refuse(`Termination wait time must be between 0 and ${TERMINATION_WAIT_MINUTES} minutes`)
  }
  return { whenReady, readyWaitMinutes, terminationWaitMinutes }
}

/** Of a group, and of CreateDeployment. */
export const requestedRollback = (config: AutoRollbackConfiguration): Rollback => {
  const { enabled = false, events = [] } = config
  if (enabled && events.length === 0) {
    throw InvalidAutoRollbackConfigException(
      'Auto rollback configuration is enabled, but no auto rollback event is specified',
    )
  }
  return { enabled, events }
}

/** Of a group, and of CreateDeployment. */
export const requestedAlarms = (config: AlarmConfiguration): AlarmWatch => {
  const { enabled = false, ignorePollAlarmFailure = false, alarms = [] } = config
  const names = alarms.map(({ name = '' }) => name)
  if (enabled && names.length === 0) {
    throw InvalidAlarmConfigException('The alarm configuration is enabled, but the alarm list is empty.')
  }
  if (names.some((name) => name === '' || name.length > ALARM_NAME_CHARACTERS)) {
    throw InvalidAlarmConfigException(
      `The alarm name is empty or null or exceeds the limit of ${ALARM_NAME_CHARACTERS} characters.`,
    )
  }
  if (new Set(names).size < names.length) {
    throw InvalidAlarmConfigException('Two alarms with the same name have been specified.')
  }
  if (names.length > ALARMS_PER_GROUP) {
    throw AlarmsLimitExceededException(
      `The maximum number of alarms for a deployment group (${ALARMS_PER_GROUP}) was exceeded.`,
    )
  }
  return { enabled, ignorePollAlarmFailure, names }
}

/** There is no SNS that could have the topic: a trigger that would never go off is refused as AWS refuses a bad one. */
const refuseTriggers = (triggers: Create['triggerConfigurations'] = []): void => {
  const [first] = triggers
  if (first === undefined) return
  if (!first.triggerName || !first.triggerTargetArn) {
    throw InvalidTriggerConfigException('A trigger must have a name and a target ARN.')
  }
  throw InvalidTriggerConfigException(
    `The topic ${first.triggerTargetArn} of the trigger ${first.triggerName} does not exist.`,
  )
}

const newParts = (input: Create): Pick<DeploymentGroupSpec, 'ecsService' | 'route' | 'blueGreen'> => {
  if (input.deploymentStyle === undefined) {
    throw InvalidDeploymentStyleException(
      'For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option must be WITH_TRAFFIC_CONTROL.',
    )
  }
  const ecsService = requestedService(input.ecsServices ?? [])
  if (input.loadBalancerInfo === undefined) {
    throw InvalidLoadBalancerInfoException('For ECS deployment group, loadBalancerInfo must be specified')
  }
  if (input.blueGreenDeploymentConfiguration === undefined) {
    throw InvalidBlueGreenDeploymentConfigurationException(
      'For ECS deployment group, blueGreenDeploymentConfiguration must be specified',
    )
  }
  return {
    ecsService,
    route: requestedRoute(input.loadBalancerInfo),
    blueGreen: requestedBlueGreen(input.blueGreenDeploymentConfiguration),
  }
}

export const requestedGroup = (input: Create): DeploymentGroupSpec => {
  refuseInstances(input)
  refuseTriggers(input.triggerConfigurations)
  checkedStyle(input.deploymentStyle)
  const { autoRollbackConfiguration, alarmConfiguration } = input
  return {
    name: input.deploymentGroupName,
    serviceRoleArn: checkedRole(input.serviceRoleArn),
    deploymentConfigName: input.deploymentConfigName ?? DEFAULT_CONFIG,
    ...newParts(input),
    ...(autoRollbackConfiguration === undefined ? {} : { rollback: requestedRollback(autoRollbackConfiguration) }),
    ...(alarmConfiguration === undefined ? {} : { alarms: requestedAlarms(alarmConfiguration) }),
    outdatedInstancesStrategy: input.outdatedInstancesStrategy ?? 'UPDATE',
  }
}

/** What a call does not name stays. */
export const updatedGroup = (before: DeploymentGroupSpec, input: Update): DeploymentGroupSpec => {
  refuseInstances(input)
  refuseTriggers(input.triggerConfigurations)
  checkedStyle(input.deploymentStyle)
  const { loadBalancerInfo, blueGreenDeploymentConfiguration, autoRollbackConfiguration, alarmConfiguration } = input
  return {
    ...before,
    name: input.newDeploymentGroupName ?? before.name,
    serviceRoleArn: input.serviceRoleArn === undefined ? before.serviceRoleArn : checkedRole(input.serviceRoleArn),
    deploymentConfigName: input.deploymentConfigName ?? before.deploymentConfigName,
    ...(input.ecsServices === undefined ? {} : { ecsService: requestedService(input.ecsServices) }),
    ...(loadBalancerInfo === undefined ? {} : { route: requestedRoute(loadBalancerInfo) }),
    ...(blueGreenDeploymentConfiguration === undefined
      ? {}
      : { blueGreen: requestedBlueGreen(blueGreenDeploymentConfiguration) }),
    ...(autoRollbackConfiguration === undefined ? {} : { rollback: requestedRollback(autoRollbackConfiguration) }),
    ...(alarmConfiguration === undefined ? {} : { alarms: requestedAlarms(alarmConfiguration) }),
    outdatedInstancesStrategy: input.outdatedInstancesStrategy ?? before.outdatedInstancesStrategy,
  }
}
