// The refusals of Elastic Load Balancing v2, with the texts the service writes.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { AwsError, refusal } from '#aws/refusal.ts'

export const AllocationIdNotFound = refusal<sdk.AllocationIdNotFoundException>('AllocationIdNotFoundException')
export const CertificateNotFound = refusal<sdk.CertificateNotFoundException>('CertificateNotFoundException')
export const DuplicateListener = refusal<sdk.DuplicateListenerException>('DuplicateListenerException')
export const DuplicateLoadBalancerName = refusal<sdk.DuplicateLoadBalancerNameException>(
  'DuplicateLoadBalancerNameException',
)
export const DuplicateTagKeys = refusal<sdk.DuplicateTagKeysException>('DuplicateTagKeysException')
export const DuplicateTargetGroupName = refusal<sdk.DuplicateTargetGroupNameException>(
  'DuplicateTargetGroupNameException',
)
export const IncompatibleProtocols = refusal<sdk.IncompatibleProtocolsException>('IncompatibleProtocolsException')
export const InvalidConfigurationRequest = refusal<sdk.InvalidConfigurationRequestException>(
  'InvalidConfigurationRequestException',
)
export const InvalidLoadBalancerAction = refusal<sdk.InvalidLoadBalancerActionException>(
  'InvalidLoadBalancerActionException',
)
export const InvalidSecurityGroup = refusal<sdk.InvalidSecurityGroupException>('InvalidSecurityGroupException')
export const InvalidSubnet = refusal<sdk.InvalidSubnetException>('InvalidSubnetException')
export const InvalidTarget = refusal<sdk.InvalidTargetException>('InvalidTargetException')
export const ListenerNotFound = refusal<sdk.ListenerNotFoundException>('ListenerNotFoundException')
export const LoadBalancerNotFound = refusal<sdk.LoadBalancerNotFoundException>('LoadBalancerNotFoundException')
export const OperationNotPermitted = refusal<sdk.OperationNotPermittedException>('OperationNotPermittedException')
export const PriorityInUse = refusal<sdk.PriorityInUseException>('PriorityInUseException')
export const ResourceInUse = refusal<sdk.ResourceInUseException>('ResourceInUseException')
export const RuleNotFound = refusal<sdk.RuleNotFoundException>('RuleNotFoundException')
export const SSLPolicyNotFound = refusal<sdk.SSLPolicyNotFoundException>('SSLPolicyNotFoundException')
export const SubnetNotFound = refusal<sdk.SubnetNotFoundException>('SubnetNotFoundException')
export const TargetGroupAssociationLimit = refusal<sdk.TargetGroupAssociationLimitException>(
  'TargetGroupAssociationLimitException',
)
export const TargetGroupNotFound = refusal<sdk.TargetGroupNotFoundException>('TargetGroupNotFoundException')
export const TooManyActions = refusal<sdk.TooManyActionsException>('TooManyActionsException')
export const TooManyCertificates = refusal<sdk.TooManyCertificatesException>('TooManyCertificatesException')
export const TooManyListeners = refusal<sdk.TooManyListenersException>('TooManyListenersException')
export const TooManyLoadBalancers = refusal<sdk.TooManyLoadBalancersException>('TooManyLoadBalancersException')
export const TooManyRules = refusal<sdk.TooManyRulesException>('TooManyRulesException')
export const TooManyTags = refusal<sdk.TooManyTagsException>('TooManyTagsException')
export const TooManyTargetGroups = refusal<sdk.TooManyTargetGroupsException>('TooManyTargetGroupsException')
export const TooManyTargets = refusal<sdk.TooManyTargetsException>('TooManyTargetsException')
export const TooManyUniqueTargetGroupsPerLoadBalancer = refusal<sdk.TooManyUniqueTargetGroupsPerLoadBalancerException>(
  'TooManyUniqueTargetGroupsPerLoadBalancerException',
)
export const UnsupportedProtocol = refusal<sdk.UnsupportedProtocolException>('UnsupportedProtocolException')
export const ALPNPolicyNotSupported = refusal<sdk.ALPNPolicyNotSupportedException>('ALPNPolicyNotSupportedException')

/** Not modelled: what is refused before an operation looks at anything. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message)

/** Not modelled either. */
export const unsupportedCertificate = (message: string): AwsError => new AwsError('UnsupportedCertificate', message)
