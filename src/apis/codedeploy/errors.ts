// The refusals of CodeDeploy. Several refusals of one kind name what is wrong in their text alone.

import type * as sdk from '@aws-sdk/client-codedeploy'
import { refusal } from '#aws/refusal.ts'

export const AlarmsLimitExceededException = refusal<sdk.AlarmsLimitExceededException>(
  'AlarmsLimitExceededException',
  'client',
)
export const ApplicationAlreadyExistsException = refusal<sdk.ApplicationAlreadyExistsException>(
  'ApplicationAlreadyExistsException',
  'client',
)
export const ApplicationDoesNotExistException = refusal<sdk.ApplicationDoesNotExistException>(
  'ApplicationDoesNotExistException',
  'client',
)
export const ApplicationLimitExceededException = refusal<sdk.ApplicationLimitExceededException>(
  'ApplicationLimitExceededException',
  'client',
)
export const BatchLimitExceededException = refusal<sdk.BatchLimitExceededException>(
  'BatchLimitExceededException',
  'client',
)
export const DeploymentAlreadyCompletedException = refusal<sdk.DeploymentAlreadyCompletedException>(
  'DeploymentAlreadyCompletedException',
  'client',
)
export const DeploymentConfigAlreadyExistsException = refusal<sdk.DeploymentConfigAlreadyExistsException>(
  'DeploymentConfigAlreadyExistsException',
  'client',
)
export const DeploymentConfigDoesNotExistException = refusal<sdk.DeploymentConfigDoesNotExistException>(
  'DeploymentConfigDoesNotExistException',
  'client',
)
export const DeploymentConfigInUseException = refusal<sdk.DeploymentConfigInUseException>(
  'DeploymentConfigInUseException',
  'client',
)
export const DeploymentConfigLimitExceededException = refusal<sdk.DeploymentConfigLimitExceededException>(
  'DeploymentConfigLimitExceededException',
  'client',
)
export const DeploymentDoesNotExistException = refusal<sdk.DeploymentDoesNotExistException>(
  'DeploymentDoesNotExistException',
  'client',
)
export const DeploymentGroupAlreadyExistsException = refusal<sdk.DeploymentGroupAlreadyExistsException>(
  'DeploymentGroupAlreadyExistsException',
  'client',
)
export const DeploymentGroupDoesNotExistException = refusal<sdk.DeploymentGroupDoesNotExistException>(
  'DeploymentGroupDoesNotExistException',
  'client',
)
export const DeploymentGroupLimitExceededException = refusal<sdk.DeploymentGroupLimitExceededException>(
  'DeploymentGroupLimitExceededException',
  'client',
)
export const DeploymentGroupNameRequiredException = refusal<sdk.DeploymentGroupNameRequiredException>(
  'DeploymentGroupNameRequiredException',
  'client',
)
export const DeploymentIdRequiredException = refusal<sdk.DeploymentIdRequiredException>(
  'DeploymentIdRequiredException',
  'client',
)
export const DeploymentIsNotInReadyStateException = refusal<sdk.DeploymentIsNotInReadyStateException>(
  'DeploymentIsNotInReadyStateException',
  'client',
)
export const DeploymentLimitExceededException = refusal<sdk.DeploymentLimitExceededException>(
  'DeploymentLimitExceededException',
  'client',
)
export const DeploymentTargetDoesNotExistException = refusal<sdk.DeploymentTargetDoesNotExistException>(
  'DeploymentTargetDoesNotExistException',
  'client',
)
export const DeploymentTargetIdRequiredException = refusal<sdk.DeploymentTargetIdRequiredException>(
  'DeploymentTargetIdRequiredException',
  'client',
)
export const ECSServiceMappingLimitExceededException = refusal<sdk.ECSServiceMappingLimitExceededException>(
  'ECSServiceMappingLimitExceededException',
  'client',
)
export const InvalidAlarmConfigException = refusal<sdk.InvalidAlarmConfigException>(
  'InvalidAlarmConfigException',
  'client',
)
export const InvalidArnException = refusal<sdk.InvalidArnException>('InvalidArnException', 'client')
export const ArnNotSupportedException = refusal<sdk.ArnNotSupportedException>('ArnNotSupportedException', 'client')
export const InvalidApplicationNameException = refusal<sdk.InvalidApplicationNameException>(
  'InvalidApplicationNameException',
  'client',
)
export const InvalidAutoRollbackConfigException = refusal<sdk.InvalidAutoRollbackConfigException>(
  'InvalidAutoRollbackConfigException',
  'client',
)
export const InvalidAutoScalingGroupException = refusal<sdk.InvalidAutoScalingGroupException>(
  'InvalidAutoScalingGroupException',
  'client',
)
export const InvalidBlueGreenDeploymentConfigurationException =
  refusal<sdk.InvalidBlueGreenDeploymentConfigurationException>(
    'InvalidBlueGreenDeploymentConfigurationException',
    'client',
  )
export const InvalidComputePlatformException = refusal<sdk.InvalidComputePlatformException>(
  'InvalidComputePlatformException',
  'client',
)
export const InvalidDeploymentConfigNameException = refusal<sdk.InvalidDeploymentConfigNameException>(
  'InvalidDeploymentConfigNameException',
  'client',
)
export const InvalidDeploymentGroupNameException = refusal<sdk.InvalidDeploymentGroupNameException>(
  'InvalidDeploymentGroupNameException',
  'client',
)
export const InvalidDeploymentIdException = refusal<sdk.InvalidDeploymentIdException>(
  'InvalidDeploymentIdException',
  'client',
)
export const InvalidDeploymentStyleException = refusal<sdk.InvalidDeploymentStyleException>(
  'InvalidDeploymentStyleException',
  'client',
)
export const InvalidDeploymentWaitTypeException = refusal<sdk.InvalidDeploymentWaitTypeException>(
  'InvalidDeploymentWaitTypeException',
  'client',
)
export const InvalidEC2TagException = refusal<sdk.InvalidEC2TagException>('InvalidEC2TagException', 'client')
export const InvalidECSServiceException = refusal<sdk.InvalidECSServiceException>(
  'InvalidECSServiceException',
  'client',
)
export const InvalidInputException = refusal<sdk.InvalidInputException>('InvalidInputException', 'client')
export const InvalidLifecycleEventHookExecutionIdException = refusal<sdk.InvalidLifecycleEventHookExecutionIdException>(
  'InvalidLifecycleEventHookExecutionIdException',
  'client',
)
export const InvalidLifecycleEventHookExecutionStatusException =
  refusal<sdk.InvalidLifecycleEventHookExecutionStatusException>(
    'InvalidLifecycleEventHookExecutionStatusException',
    'client',
  )
export const InvalidLoadBalancerInfoException = refusal<sdk.InvalidLoadBalancerInfoException>(
  'InvalidLoadBalancerInfoException',
  'client',
)
export const InvalidNextTokenException = refusal<sdk.InvalidNextTokenException>('InvalidNextTokenException', 'client')
export const InvalidOperationException = refusal<sdk.InvalidOperationException>('InvalidOperationException', 'client')
export const InvalidRevisionException = refusal<sdk.InvalidRevisionException>('InvalidRevisionException', 'client')
export const InvalidRoleException = refusal<sdk.InvalidRoleException>('InvalidRoleException', 'client')
export const InvalidTagsToAddException = refusal<sdk.InvalidTagsToAddException>('InvalidTagsToAddException', 'client')
export const InvalidTargetGroupPairException = refusal<sdk.InvalidTargetGroupPairException>(
  'InvalidTargetGroupPairException',
  'client',
)
export const InvalidTrafficRoutingConfigurationException = refusal<sdk.InvalidTrafficRoutingConfigurationException>(
  'InvalidTrafficRoutingConfigurationException',
  'client',
)
export const InvalidTriggerConfigException = refusal<sdk.InvalidTriggerConfigException>(
  'InvalidTriggerConfigException',
  'client',
)
export const LifecycleEventAlreadyCompletedException = refusal<sdk.LifecycleEventAlreadyCompletedException>(
  'LifecycleEventAlreadyCompletedException',
  'client',
)
export const RevisionDoesNotExistException = refusal<sdk.RevisionDoesNotExistException>(
  'RevisionDoesNotExistException',
  'client',
)
export const RevisionRequiredException = refusal<sdk.RevisionRequiredException>('RevisionRequiredException', 'client')
export const TagLimitExceededException = refusal<sdk.TagLimitExceededException>('TagLimitExceededException', 'client')
