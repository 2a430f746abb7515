// Shows the tags of load balancers, target groups, listeners and rules.

import type { DescribeTagsInput, DescribeTagsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { checkResourceCount, tagsOf } from '../tagged-resources.ts'

export const describeTags: Operation<DescribeTagsInput, DescribeTagsOutput> = async (input, call) => {
  checkResourceCount(input.ResourceArns)
  const TagDescriptions = await call.store.read((reader) =>
    Promise.all(
      input.ResourceArns.map(async (arn) => ({
        ResourceArn: arn,
        Tags: [...(await tagsOf(reader, call.scope, arn))],
      })),
    ),
  )
  return { TagDescriptions }
}
