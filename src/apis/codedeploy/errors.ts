// The refusals of CodeDeploy. Several refusals of one kind name what is wrong in their text alone.

import type * as sdk from '@aws-sdk/client-codedeploy'
import { refusal } from '#aws/refusal.ts'

export const AlarmsLimitExceededException = refusal<sdk.AlarmsLimitExceededException>('AlarmsLimitExceededException')
export const ApplicationAlreadyExistsException = refusal<sdk.ApplicationAlreadyExistsException>(
  'ApplicationAlreadyExistsException',
)
export const ApplicationDoesNotExistException = refusal<sdk.ApplicationDoesNotExistException>(
  'ApplicationDoesNotExistException',
)
export const ApplicationLimitExceededException = refusal<sdk.ApplicationLimitExceededException>(
  'ApplicationLimitExceededException',
)
export const BatchLimitExceededException = refusal<sdk.BatchLimitExceededException>('BatchLimitExceededException')
export const DeploymentAlreadyCompletedException = refusal<sdk.DeploymentAlreadyCompletedException>(
  'DeploymentAlreadyCompletedException',
)
export const DeploymentConfigAlreadyExistsException = refusal<sdk.DeploymentConfigAlreadyExistsException>(
  'DeploymentConfigAlreadyExistsException',
)
export const DeploymentConfigDoesNotExistException = refusal<sdk.DeploymentConfigDoesNotExistException>(
  'DeploymentConfigDoesNotExistException',
)
export const DeploymentConfigInUseException = refusal<sdk.DeploymentConfigInUseException>(
  'DeploymentConfigInUseException',
)
export const DeploymentConfigLimitExceededException = refusal<sdk.DeploymentConfigLimitExceededException>(
  'DeploymentConfigLimitExceededException',
)
export const DeploymentDoesNotExistException = refusal<sdk.DeploymentDoesNotExistException>(
  'DeploymentDoesNotExistException',
)
export const DeploymentGroupAlreadyExistsException = refusal<sdk.DeploymentGroupAlreadyExistsException>(
  'DeploymentGroupAlreadyExistsException',
)
export const DeploymentGroupDoesNotExistException = refusal<sdk.DeploymentGroupDoesNotExistException>(
  'DeploymentGroupDoesNotExistException',
)
export const DeploymentGroupLimitExceededException = refusal<sdk.DeploymentGroupLimitExceededException>(
  'DeploymentGroupLimitExceededException',
)
export const DeploymentGroupNameRequiredException = refusal<sdk.DeploymentGroupNameRequiredException>(
  'DeploymentGroupNameRequiredException',
)
export const DeploymentIdRequiredException = refusal<sdk.DeploymentIdRequiredException>('DeploymentIdRequiredException')
export const DeploymentIsNotInReadyStateException = refusal<sdk.DeploymentIsNotInReadyStateException>(
  'DeploymentIsNotInReadyStateException',
)
export const DeploymentLimitExceededException = refusal<sdk.DeploymentLimitExceededException>(
  'DeploymentLimitExceededException',
)
export const DeploymentTargetDoesNotExistException = refusal<sdk.DeploymentTargetDoesNotExistException>(
  'DeploymentTargetDoesNotExistException',
)
export const DeploymentTargetIdRequiredException = refusal<sdk.DeploymentTargetIdRequiredException>(
  'DeploymentTargetIdRequiredException',
)
export const ECSServiceMappingLimitExceededException = refusal<sdk.ECSServiceMappingLimitExceededException>(
  'ECSServiceMappingLimitExceededException',
)
export const InvalidAlarmConfigException = refusal<sdk.InvalidAlarmConfigException>('InvalidAlarmConfigException')
export const InvalidArnException = refusal<sdk.InvalidArnException>('InvalidArnException')
export const ArnNotSupportedException = refusal<sdk.ArnNotSupportedException>('ArnNotSupportedException')
export const InvalidApplicationNameException = refusal<sdk.InvalidApplicationNameException>(
  'InvalidApplicationNameException',
)
export const InvalidAutoRollbackConfigException = refusal<sdk.InvalidAutoRollbackConfigException>(
  'InvalidAutoRollbackConfigException',
)
export const InvalidAutoScalingGroupException = refusal<sdk.InvalidAutoScalingGroupException>(
  'InvalidAutoScalingGroupException',
)
export const InvalidBlueGreenDeploymentConfigurationException =
  refusal<sdk.InvalidBlueGreenDeploymentConfigurationException>('InvalidBlueGreenDeploymentConfigurationException')
export const InvalidComputePlatformException = refusal<sdk.InvalidComputePlatformException>(
  'InvalidComputePlatformException',
)
export const InvalidDeploymentConfigNameException = refusal<sdk.InvalidDeploymentConfigNameException>(
  'InvalidDeploymentConfigNameException',
)
export const InvalidDeploymentGroupNameException = refusal<sdk.InvalidDeploymentGroupNameException>(
  'InvalidDeploymentGroupNameException',
)
export const InvalidDeploymentIdException = refusal<sdk.InvalidDeploymentIdException>('InvalidDeploymentIdException')
export const InvalidDeploymentStyleException = refusal<sdk.InvalidDeploymentStyleException>(
  'InvalidDeploymentStyleException',
)
export const InvalidDeploymentWaitTypeException = refusal<sdk.InvalidDeploymentWaitTypeException>(
  'InvalidDeploymentWaitTypeException',
)
export const InvalidEC2TagException = refusal<sdk.InvalidEC2TagException>('InvalidEC2TagException')
export const InvalidECSServiceException = refusal<sdk.InvalidECSServiceException>('InvalidECSServiceException')
export const InvalidInputException = refusal<sdk.InvalidInputException>('InvalidInputException')
export const InvalidLifecycleEventHookExecutionIdException = refusal<sdk.InvalidLifecycleEventHookExecutionIdException>(
  'InvalidLifecycleEventHookExecutionIdException',
)
export const InvalidLifecycleEventHookExecutionStatusException =
  refusal<sdk.InvalidLifecycleEventHookExecutionStatusException>('InvalidLifecycleEventHookExecutionStatusException')
export const InvalidLoadBalancerInfoException = refusal<sdk.InvalidLoadBalancerInfoException>(
  'InvalidLoadBalancerInfoException',
)
export const InvalidNextTokenException = refusal<sdk.InvalidNextTokenException>('InvalidNextTokenException')
export const InvalidOperationException = refusal<sdk.InvalidOperationException>('InvalidOperationException')
export const InvalidRevisionException = refusal<sdk.InvalidRevisionException>('InvalidRevisionException')
export const InvalidRoleException = refusal<sdk.InvalidRoleException>('InvalidRoleException')
export const InvalidTagsToAddException = refusal<sdk.InvalidTagsToAddException>('InvalidTagsToAddException')
export const InvalidTargetGroupPairException = refusal<sdk.InvalidTargetGroupPairException>(
  'InvalidTargetGroupPairException',
)
export const InvalidTrafficRoutingConfigurationException = refusal<sdk.InvalidTrafficRoutingConfigurationException>(
  'InvalidTrafficRoutingConfigurationException',
)
export const InvalidTriggerConfigException = refusal<sdk.InvalidTriggerConfigException>('InvalidTriggerConfigException')
export const LifecycleEventAlreadyCompletedException = refusal<sdk.LifecycleEventAlreadyCompletedException>(
  'LifecycleEventAlreadyCompletedException',
)
export const RevisionDoesNotExistException = refusal<sdk.RevisionDoesNotExistException>('RevisionDoesNotExistException')
export const RevisionRequiredException = refusal<sdk.RevisionRequiredException>('RevisionRequiredException')
export const TagLimitExceededException = refusal<sdk.TagLimitExceededException>('TagLimitExceededException')
export const ApplicationNameRequiredException = refusal<sdk.ApplicationNameRequiredException>(
  'ApplicationNameRequiredException',
)
export const InvalidTimeRangeException = refusal<sdk.InvalidTimeRangeException>('InvalidTimeRangeException')
