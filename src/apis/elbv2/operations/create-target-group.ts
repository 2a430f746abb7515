// Makes a target group; the same call again gives the same group.

import type { CreateTargetGroupInput, CreateTargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetGroupArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { ec2Key, vpcs } from '../../ec2/tables.ts'
import { DuplicateTargetGroupName, TooManyTargetGroups, validationError } from '../errors.ts'
import { describeTargetGroup } from '../model/describe-target-group.ts'
import { TARGET_GROUPS } from '../model/limits.ts'
import { newTargetGroup, type NewTargetGroup } from '../model/new-target-group.ts'
import { tagged } from '../model/tags.ts'
import type { TargetGroupRecord } from '../model/target-group.ts'
import { loadBalancersOfGroup, targetGroupNamed, targetGroups, targetGroupsOfScope } from '../tables.ts'

const isSame = (one: TargetGroupRecord, wish: NewTargetGroup): boolean =>
  one.targetType === wish.targetType &&
  one.protocol === wish.protocol &&
  one.protocolVersion === wish.protocolVersion &&
  one.port === wish.port &&
  one.vpcId === wish.vpcId &&
  one.ipAddressType === wish.ipAddressType &&
  Object.entries(wish.spec.healthCheck).every(
    ([key, value]) => one.spec.healthCheck[key as keyof typeof one.spec.healthCheck] === value,
  )

export const createTargetGroup: Operation<CreateTargetGroupInput, CreateTargetGroupOutput> = async (input, call) => {
  const { scope } = call
  const wish = newTargetGroup(input)
  const { group, balancers } = await call.store.write(async (tx) => {
    if (wish.vpcId !== undefined && (await tx.get(vpcs, ec2Key(scope, wish.vpcId))) === undefined) {
      throw validationError(`The VPC ID '${wish.vpcId}' is not found`)
    }
    const earlier = await targetGroupNamed(tx, scope, wish.name)
    if (earlier !== undefined) {
      if (isSame(earlier, wish)) return { group: earlier, balancers: await loadBalancersOfGroup(tx, earlier.arn) }
      throw DuplicateTargetGroupName(
        `A target group with the same name '${wish.name}' exists, but with different settings`,
      )
    }
    if ((await targetGroupsOfScope(tx, scope)).length >= TARGET_GROUPS) {
      throw TooManyTargetGroups(`You have reached the maximum number of target groups: ${TARGET_GROUPS}`)
    }
    const id = call.random.hex(16)
    const made: TargetGroupRecord = {
      ...wish,
      arn: targetGroupArn(scope, wish.name, id),
      scope,
      id,
      createdAt: call.clock.now().toISOString(),
      tags: tagged([], input.Tags ?? []),
    }
    await tx.put(targetGroups, made)
    return { group: made, balancers: [] }
  })
  return { TargetGroups: [describeTargetGroup(group, balancers)] }
}
