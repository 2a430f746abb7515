// The refusals of Elastic Load Balancing v2, with the texts the service writes.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { AwsError, refusal } from '#aws/refusal.ts'

export const AllocationIdNotFound = refusal<sdk.AllocationIdNotFoundException>(
  'AllocationIdNotFoundException',
  'client',
)
export const CertificateNotFound = refusal<sdk.CertificateNotFoundException>('CertificateNotFoundException', 'client')
export const DuplicateListener = refusal<sdk.DuplicateListenerException>('DuplicateListenerException', 'client')
export const DuplicateLoadBalancerName = refusal<sdk.DuplicateLoadBalancerNameException>(
  'DuplicateLoadBalancerNameException',
  'client',
)
export const DuplicateTagKeys = refusal<sdk.DuplicateTagKeysException>('DuplicateTagKeysException', 'client')
export const DuplicateTargetGroupName = refusal<sdk.DuplicateTargetGroupNameException>(
  'DuplicateTargetGroupNameException',
  'client',
)
export const IncompatibleProtocols = refusal<sdk.IncompatibleProtocolsException>(
  'IncompatibleProtocolsException',
  'client',
)
export const InvalidConfigurationRequest = refusal<sdk.InvalidConfigurationRequestException>(
  'InvalidConfigurationRequestException',
  'client',
)
export const InvalidLoadBalancerAction = refusal<sdk.InvalidLoadBalancerActionException>(
  'InvalidLoadBalancerActionException',
  'client',
)
export const InvalidScheme = refusal<sdk.InvalidSchemeException>('InvalidSchemeException', 'client')
export const InvalidSecurityGroup = refusal<sdk.InvalidSecurityGroupException>(
  'InvalidSecurityGroupException',
  'client',
)
export const InvalidSubnet = refusal<sdk.InvalidSubnetException>('InvalidSubnetException', 'client')
export const InvalidTarget = refusal<sdk.InvalidTargetException>('InvalidTargetException', 'client')
export const ListenerNotFound = refusal<sdk.ListenerNotFoundException>('ListenerNotFoundException', 'client')
export const LoadBalancerNotFound = refusal<sdk.LoadBalancerNotFoundException>(
  'LoadBalancerNotFoundException',
  'client',
)
export const OperationNotPermitted = refusal<sdk.OperationNotPermittedException>(
  'OperationNotPermittedException',
  'client',
)
export const PriorityInUse = refusal<sdk.PriorityInUseException>('PriorityInUseException', 'client')
export const ResourceInUse = refusal<sdk.ResourceInUseException>('ResourceInUseException', 'client')
export const RuleNotFound = refusal<sdk.RuleNotFoundException>('RuleNotFoundException', 'client')
export const SSLPolicyNotFound = refusal<sdk.SSLPolicyNotFoundException>('SSLPolicyNotFoundException', 'client')
export const SubnetNotFound = refusal<sdk.SubnetNotFoundException>('SubnetNotFoundException', 'client')
export const TargetGroupAssociationLimit = refusal<sdk.TargetGroupAssociationLimitException>(
  'TargetGroupAssociationLimitException',
  'client',
)
export const TargetGroupNotFound = refusal<sdk.TargetGroupNotFoundException>('TargetGroupNotFoundException', 'client')
export const TooManyActions = refusal<sdk.TooManyActionsException>('TooManyActionsException', 'client')
export const TooManyCertificates = refusal<sdk.TooManyCertificatesException>('TooManyCertificatesException', 'client')
export const TooManyListeners = refusal<sdk.TooManyListenersException>('TooManyListenersException', 'client')
export const TooManyLoadBalancers = refusal<sdk.TooManyLoadBalancersException>(
  'TooManyLoadBalancersException',
  'client',
)
export const TooManyRegistrationsForTargetId = refusal<sdk.TooManyRegistrationsForTargetIdException>(
  'TooManyRegistrationsForTargetIdException',
  'client',
)
export const TooManyRules = refusal<sdk.TooManyRulesException>('TooManyRulesException', 'client')
export const TooManyTags = refusal<sdk.TooManyTagsException>('TooManyTagsException', 'client')
export const TooManyTargetGroups = refusal<sdk.TooManyTargetGroupsException>('TooManyTargetGroupsException', 'client')
export const TooManyTargets = refusal<sdk.TooManyTargetsException>('TooManyTargetsException', 'client')
export const TooManyUniqueTargetGroupsPerLoadBalancer = refusal<sdk.TooManyUniqueTargetGroupsPerLoadBalancerException>(
  'TooManyUniqueTargetGroupsPerLoadBalancerException',
  'client',
)
export const UnsupportedProtocol = refusal<sdk.UnsupportedProtocolException>('UnsupportedProtocolException', 'client')
export const ALPNPolicyNotSupported = refusal<sdk.ALPNPolicyNotSupportedException>(
  'ALPNPolicyNotSupportedException',
  'client',
)
export const CapacityUnitsLimitExceeded = refusal<sdk.CapacityUnitsLimitExceededException>(
  'CapacityUnitsLimitExceededException',
  'client',
)

/** Not modelled: what is refused before an operation looks at anything. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message)
