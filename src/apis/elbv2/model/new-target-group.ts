// The target group that a call asks for, or why AWS would not make it.

import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { InvalidConfigurationRequest, validationError } from '../errors.ts'
import { requestedHealthCheck } from './health-check.ts'
import { checkTargetGroupName } from './names.ts'
import type { ProtocolVersion, TargetGroupRecord, TargetProtocol, TargetType } from './target-group.ts'

export type NewTargetGroup = Omit<TargetGroupRecord, 'arn' | 'id' | 'scope' | 'createdAt' | 'tags'>

const PROTOCOLS: readonly TargetProtocol[] = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP']
const VERSIONS: readonly ProtocolVersion[] = ['HTTP1', 'HTTP2', 'GRPC']

const requestedProtocol = (text: string | undefined, targetType: TargetType): TargetProtocol => {
  if (text === undefined) throw validationError('A protocol must be specified')
  const found = PROTOCOLS.find((one) => one === text)
  if (found === undefined) {
    throw validationError(`Target group protocol '${text}' must be one of '${PROTOCOLS.join(', ')}'`)
  }
  if (targetType === 'alb' && found !== 'TCP') {
    throw InvalidConfigurationRequest(`Protocol '${found}' is not supported for target groups with target type 'alb'`)
  }
  return found
}

const requestedVersion = (
  text: string | undefined,
  protocol: TargetProtocol,
): { readonly protocolVersion?: ProtocolVersion } => {
  const isOfHttp = protocol === 'HTTP' || protocol === 'HTTPS'
  // Terraform sends an empty text where nothing was said.
  if (text === undefined || text === '') return isOfHttp ? { protocolVersion: 'HTTP1' } : {}
  const found = VERSIONS.find((one) => one === text)
  if (found === undefined) throw validationError(`Protocol version '${text}' must be one of '${VERSIONS.join(', ')}'`)
  if (!isOfHttp) {
    throw InvalidConfigurationRequest(
      `Protocol version is not supported for target groups with the ${protocol} protocol`,
    )
  }
  return { protocolVersion: found }
}

type Input = { readonly [K in keyof CreateTargetGroupInput]: CreateTargetGroupInput[K] } & { readonly Name: string }

const ofFunctions = (input: Input): NewTargetGroup => {
  if (input.Protocol !== undefined || input.Port !== undefined || input.VpcId !== undefined) {
    throw validationError("Protocol, port and VPC ID cannot be specified for target groups with target type 'lambda'")
  }
  const healthCheck = requestedHealthCheck({ targetType: 'lambda' }, input)
  return { name: input.Name, targetType: 'lambda', ipAddressType: 'ipv4', spec: { healthCheck, attributes: {} } }
}

/** Whether the VPC is there is not looked at. */
export const newTargetGroup = (input: Input): NewTargetGroup => {
  checkTargetGroupName(input.Name)
  const targetType = input.TargetType ?? 'instance'
  if (input.TargetControlPort !== undefined) {
    throw InvalidConfigurationRequest('Target control ports are not supported')
  }
  if (targetType === 'lambda') return ofFunctions(input)
  const protocol = requestedProtocol(input.Protocol, targetType)
  const version = requestedVersion(input.ProtocolVersion, protocol)
  if (input.Port === undefined) throw validationError('A port must be specified')
  if (input.VpcId === undefined) throw validationError('A VPC ID must be specified')
  const ipAddressType = input.IpAddressType ?? 'ipv4'
  if (ipAddressType === 'ipv6' && targetType === 'alb') {
    throw InvalidConfigurationRequest("IPv6 is not supported for target groups with target type 'alb'")
  }
  const group = { targetType, protocol, ...version }
  return {
    name: input.Name,
    ...group,
    port: input.Port,
    vpcId: input.VpcId,
    ipAddressType,
    spec: { healthCheck: requestedHealthCheck(group, input), attributes: {} },
  }
}
