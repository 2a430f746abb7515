// Which target a call means: its port, its zone, and whether it may be registered with its group.

import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Reader } from '#store/store.ts'
import { cidrContains, knownCidr, parseAddress, parseCidr } from '../ec2/model/cidr.ts'
import type { SubnetRecord } from '../ec2/model/records.ts'
import { zoneNames } from '../ec2/model/zone.ts'
import { ofVpc, subnets } from '../ec2/tables.ts'
import { InvalidTarget, validationError } from './errors.ts'
import { checkedLoadBalancerArn } from './model/arns.ts'
import type { TargetGroupRecord } from './model/target-group.ts'
import type { TargetRecord } from './model/target.ts'
import { existingLoadBalancer, listenersOf } from './tables.ts'

export type Registrable = Pick<TargetRecord, 'id' | 'port' | 'availabilityZone'>

/** Where addresses outside the VPC may be.
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-type) */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'].map(knownCidr)

const blockOf = (address: { readonly family: 4 | 6 }, text: string) =>
  parseCidr(`${text}/${address.family === 4 ? 32 : 128}`)

const subnetWith = (rows: readonly SubnetRecord[], ip: string): SubnetRecord | undefined => {
  const address = parseAddress(ip)
  const block = address === undefined ? undefined : blockOf(address, ip)
  if (block === undefined) return undefined
  return rows.find((row) => {
    const blocks = [row.cidr, ...(row.ipv6Cidrs ?? []).map(({ cidr }) => cidr)].map(knownCidr)
    return blocks.some((each) => each.family === block.family && cidrContains(each, block))
  })
}

const checkAddress = (group: TargetGroupRecord, ip: string): void => {
  const address = parseAddress(ip)
  const version = group.ipAddressType === 'ipv6' ? 6 : 4
  if (address?.family !== version) throw validationError(`The IP address '${ip}' is not a valid IPv${version} address`)
}

/** Refuses what could be no target of this group, registered or not. */
export const checkTargetId = (group: TargetGroupRecord, id: string): void => {
  if (group.targetType === 'ip') checkAddress(group, id)
  if (group.targetType === 'alb') checkedLoadBalancerArn(id, group.scope)
  if (group.targetType === 'instance' && !/^i-[0-9a-f]{8,17}$/.test(id)) {
    throw validationError(`Instance ID '${id}' is not valid`)
  }
}

const addressTarget = async (
  reader: Reader,
  group: TargetGroupRecord,
  { Id: ip = '', AvailabilityZone: zone }: TargetDescription,
): Promise<{ readonly availabilityZone: string }> => {
  const subnet = subnetWith(await ofVpc(reader, subnets, group.scope, group.vpcId ?? ''), ip)
  if (subnet !== undefined) {
    if (zone !== undefined && zone !== subnet.availabilityZone) {
      throw validationError(
        `The IP address '${ip}' is within the VPC, and cannot have its Availability Zone overridden to '${zone}' from '${subnet.availabilityZone}'`,
      )
    }
    return { availabilityZone: subnet.availabilityZone }
  }
  const block = parseCidr(`${ip}/32`)
  if (block !== undefined && !PRIVATE_BLOCKS.some((each) => cidrContains(each, block))) {
    throw InvalidTarget(`The IP address '${ip}' is not within the ranges that can be registered`)
  }
  if (zone === undefined || !['all', ...zoneNames(group.scope.region)].includes(zone)) {
    throw validationError(
      `You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the IP address '${ip}' is outside the VPC`,
    )
  }
  return { availabilityZone: zone }
}

const checkBalancerTarget = async (reader: Reader, group: TargetGroupRecord, arn: string): Promise<void> => {
  const balancer = await existingLoadBalancer(reader, group.scope, arn)
  if (balancer.type !== 'application' || balancer.vpcId !== group.vpcId) {
    throw InvalidTarget(`'${arn}' must be an application load balancer in the VPC '${group.vpcId}'`)
  }
  const all = await listenersOf(reader, balancer.arn)
  if (!all.some(({ spec }) => spec.port === group.port)) {
    throw validationError(
      'If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides',
    )
  }
}

/** The port that a call means for a target of this group. */
export const portOf = (group: TargetGroupRecord, { Port }: Pick<TargetDescription, 'Port'>): number | undefined =>
  group.targetType === 'lambda' ? undefined : (Port ?? group.port)

/** Refuses a target that AWS would not register. */
export const requestedTarget = async (
  reader: Reader,
  group: TargetGroupRecord,
  description: TargetDescription,
): Promise<Registrable> => {
  const { Id: id = '' } = description
  checkTargetId(group, id)
  const port = portOf(group, description)
  switch (group.targetType) {
    case 'ip':
      return { id, ...(port === undefined ? {} : { port }), ...(await addressTarget(reader, group, description)) }
    case 'alb': {
      await checkBalancerTarget(reader, group, id)
      if (port !== group.port) throw InvalidTarget("The target's port must be the port of its target group")
      return { id, ...(port === undefined ? {} : { port }) }
    }
    // There are neither machines nor functions here that could be meant.
    case 'instance':
      throw InvalidTarget(`The following targets are not in a running state and cannot be registered: '${id}'`)
    case 'lambda':
      throw InvalidTarget(`The following functions do not exist: '${id}'`)
  }
}
