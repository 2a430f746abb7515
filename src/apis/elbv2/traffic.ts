// What must hold between a listener, its certificates and the target groups that it sends requests to.

import type { CertificateArn, TargetGroupArn } from '#aws/arn.ts'
import type { Reader } from '#store/store.ts'
import { isServable } from '../acm/material.ts'
import { certificateByArn } from '../acm/tables.ts'
import {
  DuplicateListener,
  IncompatibleProtocols,
  InvalidConfigurationRequest,
  TargetGroupAssociationLimit,
  TooManyCertificates,
  TooManyUniqueTargetGroupsPerLoadBalancer,
  unsupportedCertificate,
} from './errors.ts'
import { type ActionRecord, targetGroupsOf } from './model/action.ts'
import { certificateNotFound, targetGroupNotFound } from './model/arns.ts'
import { CERTIFICATES_PER_LOAD_BALANCER, TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER } from './model/limits.ts'
import type { ListenerProtocol, ListenerRecord } from './model/listener.ts'
import type { LoadBalancerRecord } from './model/load-balancer.ts'
import type { TargetGroupRecord, TargetProtocol } from './model/target-group.ts'
import { listenersOf, loadBalancersOfGroup, targetGroupByArn, targetGroupsOfBalancer } from './tables.ts'

/** Which groups a listener can send to. */
const COMPATIBLE: Readonly<Record<ListenerProtocol, readonly TargetProtocol[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  UDP: ['UDP', 'TCP_UDP'],
  TCP_UDP: ['TCP_UDP'],
}

const checkProtocol = (group: TargetGroupRecord, protocol: ListenerProtocol): void => {
  const isOfHttp = protocol === 'HTTP' || protocol === 'HTTPS'
  const isCompatible = group.protocol === undefined ? isOfHttp : COMPATIBLE[protocol].includes(group.protocol)
  if (!isCompatible || (group.targetType === 'alb' && protocol !== 'TCP')) {
    throw IncompatibleProtocols(
      `The protocol '${group.protocol ?? 'lambda'}' of the target group '${group.arn}' is incompatible with the listener protocol '${protocol}'`,
    )
  }
  const version = group.protocolVersion ?? 'HTTP1'
  if (protocol === 'HTTP' && version !== 'HTTP1') {
    throw InvalidConfigurationRequest(
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${version}'`,
    )
  }
}

/** Refuses actions that send requests to groups that are not there, do not fit, or belong to another load balancer. */
export const checkTraffic = async (
  reader: Reader,
  balancer: LoadBalancerRecord,
  protocol: ListenerProtocol,
  actions: readonly ActionRecord[],
): Promise<void> => {
  const taken: TargetGroupArn[] = []
  for (const arn of targetGroupsOf(actions)) {
    const group = await targetGroupByArn(reader, arn)
    if (group === undefined) throw targetGroupNotFound(arn)
    checkProtocol(group, protocol)
    if (group.vpcId !== undefined && group.vpcId !== balancer.vpcId) {
      throw InvalidConfigurationRequest(
        `The target group '${arn}' must be in the same VPC as the load balancer: '${balancer.vpcId}'`,
      )
    }
    if ((await loadBalancersOfGroup(reader, arn)).some((other) => other !== balancer.arn)) taken.push(arn)
  }
  if (taken.length > 0) {
    throw TargetGroupAssociationLimit(
      `The following target groups cannot be associated with more than one load balancer: ${taken.join(', ')}`,
    )
  }
  const known = (await targetGroupsOfBalancer(reader, balancer)).map(({ arn }) => arn)
  if (new Set([...known, ...targetGroupsOf(actions)]).size > TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER) {
    throw TooManyUniqueTargetGroupsPerLoadBalancer(
      `You have reached the maximum number of unique target groups that can be associated with a load balancer: '${TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER}'`,
    )
  }
}

/** Refuses datagrams, of a listener that is there or asked for, in dual-stack mode. (API_CreateListener.html, Protocol) */
export const checkDatagrams = async (
  reader: Reader,
  { arn, type, spec }: LoadBalancerRecord,
  asked?: ListenerProtocol,
): Promise<void> => {
  if (type !== 'network' || spec.ipAddressType === 'ipv4') return
  const protocols = asked === undefined ? (await listenersOf(reader, arn)).map((one) => one.spec.protocol) : [asked]
  const protocol = protocols.find((one) => one === 'UDP' || one === 'TCP_UDP')
  if (protocol === undefined) return
  throw InvalidConfigurationRequest(
    `Listeners with the ${protocol} protocol are not supported for load balancers with the IP address type '${spec.ipAddressType}' that have no IPv6 prefix for source NAT`,
  )
}

/** Refuses a port at which another listener of the load balancer answers. */
export const checkPortIsFree = async (
  reader: Reader,
  balancer: LoadBalancerRecord,
  port: number,
  except?: ListenerRecord,
): Promise<void> => {
  const all = await listenersOf(reader, balancer.arn)
  if (all.some(({ arn, spec }) => spec.port === port && arn !== except?.arn)) {
    throw DuplicateListener(`A listener already exists on this port for this load balancer '${balancer.arn}'`)
  }
}

export const checkCertificates = async (reader: Reader, arns: readonly CertificateArn[]): Promise<void> => {
  for (const arn of arns) {
    const found = await certificateByArn(reader, arn)
    if (found === undefined) throw certificateNotFound(arn)
    if (!isServable(found)) {
      throw unsupportedCertificate(
        `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
      )
    }
  }
}

/** The default certificates do not count. */
export const checkCertificateCount = async (reader: Reader, balancer: LoadBalancerRecord): Promise<void> => {
  const all = await listenersOf(reader, balancer.arn)
  const count = all.reduce((sum, { spec }) => sum + spec.certificateArns.length, 0)
  if (count > CERTIFICATES_PER_LOAD_BALANCER) {
    throw TooManyCertificates(
      `The maximum number of certificates for a load balancer is '${CERTIFICATES_PER_LOAD_BALANCER}'`,
    )
  }
}
