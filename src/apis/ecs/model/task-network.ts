// Where a task is attached: the subnets and security groups of its network configuration.

import type { NetworkConfiguration } from '@aws-sdk/client-ecs'
import { SECURITY_GROUPS_PER_TASK, SUBNETS_PER_TASK } from './limits.ts'
import type { Problems } from './validation/problem.ts'

export interface Attached {
  readonly id: string
  readonly vpcId: string
}

export interface TaskSubnet extends Attached {
  readonly availabilityZone: string
}

/** What a task's interface will be made of. */
export interface TaskNetwork {
  /** At least one, all of one VPC. */
  readonly subnets: readonly TaskSubnet[]
  readonly securityGroups: readonly string[]
  readonly assignPublicIp: boolean
}

export function* networkConfigurationProblems(configuration: NetworkConfiguration | undefined): Problems {
  const awsvpc = configuration?.awsvpcConfiguration
  if (awsvpc === undefined) {
    return yield `Network Configuration must be provided when networkMode 'awsvpc' is specified.`
  }
  const { subnets = [], securityGroups = [] } = awsvpc
  if (subnets.length === 0) yield 'subnets can not be empty.'
  if (subnets.length > SUBNETS_PER_TASK) yield `subnets can have at most ${SUBNETS_PER_TASK} items.`
  if (securityGroups.length > SECURITY_GROUPS_PER_TASK) {
    yield `securityGroups can have at most ${SECURITY_GROUPS_PER_TASK} items.`
  }
}

/** `undefined` stands for what EC2 does not know. */
export function* foundNetworkProblems(
  subnets: ReadonlyMap<string, Attached | undefined>,
  groups: ReadonlyMap<string, Attached | undefined>,
): Problems {
  const list = (found: ReadonlyMap<string, unknown>): string => `[${[...found.keys()].join(', ')}]`
  for (const [id, subnet] of subnets) {
    if (subnet !== undefined) continue
    yield (
      `Error retrieving subnet information for ${list(subnets)}: ` +
        `The subnet ID '${id}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`
    )
  }
  for (const [id, group] of groups) {
    if (group !== undefined) continue
    yield (
      `Error retrieving security group information for ${list(groups)}: ` +
        `The security group '${id}' does not exist (ErrorCode: InvalidGroup.NotFound)`
    )
  }
  const vpcs = new Set([...subnets.values()].map((subnet) => subnet?.vpcId))
  if (vpcs.size > 1) yield 'All subnets must be in the same VPC.'
  for (const [id, group] of groups) {
    if (!vpcs.has(group?.vpcId)) {
      yield `Security group ${id} and subnet ${[...subnets.keys()][0]} belong to different networks.`
    }
  }
}
