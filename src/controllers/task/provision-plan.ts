// What a task needs before anything of it can exist, and why it may not get it. Pure.

import { type InterfaceRefusal, isRefused, plannedInterface } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from '#apis/ec2/model/records.ts'
import { advanced, subnetOf, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { Random } from '#base/random.ts'
import { attaching, attachmentArn } from './attachment.ts'
import { initializationFailed, interfaceRefused } from './reasons.ts'
import type { Member } from './roster.ts'

/** Things that ECS would do before a container starts and that Neargate does not: said, not left out in silence. */
export const unsupportedResources = (members: readonly Member[]): string | undefined => {
  for (const { name, definition } of members) {
    const { secrets, environmentFiles, repositoryCredentials, logConfiguration } = definition
    const lacks = (what: string): string =>
      initializationFailed(`Neargate does not support ${what} yet (container ${name}).`)
    if (secrets !== undefined && secrets.length > 0) return lacks('secrets')
    if (environmentFiles !== undefined && environmentFiles.length > 0) return lacks('environmentFiles')
    if (repositoryCredentials !== undefined) return lacks('repositoryCredentials')
    if (logConfiguration !== undefined && logConfiguration.logDriver !== 'awslogs') {
      return lacks(`the ${logConfiguration.logDriver} log driver`)
    }
  }
  return undefined
}

/** The subnet that was chosen when the task was recorded, then the others in order. */
export const subnetsToTry = (task: TaskRecord): string[] => {
  const first = subnetOf(task)
  return [...new Set([...(first === undefined ? [] : [first]), ...task.spec.subnets])]
}

export interface Offer {
  readonly subnet: SubnetRecord
  /** A free address of it; undefined when there is none. */
  readonly privateIp: string | undefined
  /** A free public address; undefined when there is none, or none is wanted. */
  readonly publicIp: string | undefined
}

export const subnetGone = (subnetId: string, task: TaskRecord): string =>
  interfaceRefused(subnetId, task.spec.assignPublicIp, 'InvalidSubnetID.NotFound')

/** The task's interface in that subnet, or why there is none. */
export const taskInterface = (
  task: TaskRecord,
  offer: Offer,
  now: Date,
  random: Random,
): NetworkInterfaceRecord | { readonly failed: string } => {
  const refused = (code: InterfaceRefusal['refused']): { readonly failed: string } => ({
    failed: interfaceRefused(offer.subnet.id, task.spec.assignPublicIp, code),
  })
  if (offer.privateIp === undefined) return refused('InsufficientFreeAddressesInSubnet')
  const planned = plannedInterface({
    scope: task.scope,
    subnet: offer.subnet,
    taken: new Set(),
    privateIp: offer.privateIp,
    publicIp: offer.publicIp,
    securityGroupIds: task.spec.securityGroups,
    assignPublicIp: task.spec.assignPublicIp,
    // ECS: a task in a dual-stack subnet has an IPv6 address, whatever the subnet gives others.
    ipv6Count: (offer.subnet.ipv6Cidrs ?? []).length > 0 ? 1 : 0,
    ownerArn: task.arn,
    description: attachmentArn(task),
    now,
    random,
  })
  return isRefused(planned) ? refused(planned.refused) : planned
}

/** The task once its interface is recorded. */
export const provisioned = (task: TaskRecord, made: NetworkInterfaceRecord): TaskRecord =>
  advanced(task, {
    lastStatus: 'PENDING',
    networkInterfaceId: made.id,
    availabilityZone: made.spec.availabilityZone,
    attachment: attaching(task.status.attachment, made),
  })
