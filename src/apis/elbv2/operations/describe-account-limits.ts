// Shows how many of everything an account may have.

import type { DescribeAccountLimitsInput, DescribeAccountLimitsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { ACCOUNT_LIMITS } from '../model/limits.ts'
import { paged } from '../paging.ts'

export const describeAccountLimits: Operation<DescribeAccountLimitsInput, DescribeAccountLimitsOutput> = async (
  input,
  call,
) => {
  const { items, marker } = paged(ACCOUNT_LIMITS, input, ['DescribeAccountLimits', call.scope], ({ Name }) => Name)
  return { Limits: items, ...marker }
}
