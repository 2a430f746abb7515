// The refusals of ECS (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and each operation).

import type * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '#aws/refusal.ts'

export const ClientException = refusal<sdk.ClientException>('ClientException', 'client')
export const InvalidParameterException = refusal<sdk.InvalidParameterException>('InvalidParameterException', 'client')
export const ClusterNotFoundException = refusal<sdk.ClusterNotFoundException>('ClusterNotFoundException', 'client')
export const ClusterContainsTasksException = refusal<sdk.ClusterContainsTasksException>(
  'ClusterContainsTasksException',
  'client',
)
export const ResourceInUseException = refusal<sdk.ResourceInUseException>('ResourceInUseException', 'client')
export const PlatformUnknownException = refusal<sdk.PlatformUnknownException>('PlatformUnknownException', 'client')
export const PlatformTaskDefinitionIncompatibilityException =
  refusal<sdk.PlatformTaskDefinitionIncompatibilityException>(
    'PlatformTaskDefinitionIncompatibilityException',
    'client',
  )
export const UnsupportedFeatureException = refusal<sdk.UnsupportedFeatureException>(
  'UnsupportedFeatureException',
  'client',
)
export const ConflictException = refusal<sdk.ConflictException>('ConflictException', 'client')
export const ServiceNotFoundException = refusal<sdk.ServiceNotFoundException>('ServiceNotFoundException', 'client')
export const ServiceNotActiveException = refusal<sdk.ServiceNotActiveException>('ServiceNotActiveException', 'client')
export const NamespaceNotFoundException = refusal<sdk.NamespaceNotFoundException>(
  'NamespaceNotFoundException',
  'client',
)
export const ClusterContainsServicesException = refusal<sdk.ClusterContainsServicesException>(
  'ClusterContainsServicesException',
  'client',
)
export const ServiceDeploymentNotFoundException = refusal<sdk.ServiceDeploymentNotFoundException>(
  'ServiceDeploymentNotFoundException',
  'client',
)
export const TaskSetNotFoundException = refusal<sdk.TaskSetNotFoundException>('TaskSetNotFoundException', 'client')
export const LimitExceededException = refusal<sdk.LimitExceededException>('LimitExceededException', 'client')
