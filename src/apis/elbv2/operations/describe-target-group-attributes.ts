// Shows all attributes of a target group.

import type {
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeAttributes } from '../model/attribute.ts'
import { targetGroupAttributes } from '../model/target-group-attributes.ts'
import { existingTargetGroup } from '../tables.ts'

export const describeTargetGroupAttributes: Operation<
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput
> = async (input, call) => {
  const row = await call.store.read((reader) => existingTargetGroup(reader, call.scope, input.TargetGroupArn))
  return { Attributes: describeAttributes(targetGroupAttributes(row)) }
}
