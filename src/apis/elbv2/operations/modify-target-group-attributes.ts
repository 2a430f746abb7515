// Changes attributes of a target group.

import type {
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeAttributes } from '../model/attribute.ts'
import { targetGroupAttributes, withTargetGroupAttributes } from '../model/target-group-attributes.ts'
import { existingTargetGroup, targetGroups } from '../tables.ts'

export const modifyTargetGroupAttributes: Operation<
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput
> = async (input, call) => {
  const row = await call.store.write(async (tx) => {
    const group = await existingTargetGroup(tx, call.scope, input.TargetGroupArn)
    const changed = withTargetGroupAttributes(group, input.Attributes)
    await tx.put(targetGroups, changed)
    return changed
  })
  return { Attributes: describeAttributes(targetGroupAttributes(row)) }
}
