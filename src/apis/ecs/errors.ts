// The refusals of ECS (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and each operation).

import type * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '#aws/refusal.ts'

export const ClientException = refusal<sdk.ClientException>('ClientException')
export const InvalidParameterException = refusal<sdk.InvalidParameterException>('InvalidParameterException')
export const ClusterNotFoundException = refusal<sdk.ClusterNotFoundException>('ClusterNotFoundException')
export const ClusterContainsTasksException = refusal<sdk.ClusterContainsTasksException>('ClusterContainsTasksException')
export const ResourceInUseException = refusal<sdk.ResourceInUseException>('ResourceInUseException')
export const PlatformUnknownException = refusal<sdk.PlatformUnknownException>('PlatformUnknownException')
export const PlatformTaskDefinitionIncompatibilityException =
  refusal<sdk.PlatformTaskDefinitionIncompatibilityException>('PlatformTaskDefinitionIncompatibilityException')
export const UnsupportedFeatureException = refusal<sdk.UnsupportedFeatureException>('UnsupportedFeatureException')
export const ConflictException = refusal<sdk.ConflictException>('ConflictException')
export const ServiceNotFoundException = refusal<sdk.ServiceNotFoundException>('ServiceNotFoundException')
export const ServiceNotActiveException = refusal<sdk.ServiceNotActiveException>('ServiceNotActiveException')
export const NamespaceNotFoundException = refusal<sdk.NamespaceNotFoundException>('NamespaceNotFoundException')
export const ClusterContainsServicesException = refusal<sdk.ClusterContainsServicesException>(
  'ClusterContainsServicesException',
)
export const ServiceDeploymentNotFoundException = refusal<sdk.ServiceDeploymentNotFoundException>(
  'ServiceDeploymentNotFoundException',
)
export const TaskSetNotFoundException = refusal<sdk.TaskSetNotFoundException>('TaskSetNotFoundException')
export const LimitExceededException = refusal<sdk.LimitExceededException>('LimitExceededException')
