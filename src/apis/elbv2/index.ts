// The door of Elastic Load Balancing v2: application and network load balancers.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { api } from '#aws/operation.ts'
import { describeAccountLimits } from './operations/describe-account-limits.ts'

export const elbv2 = api<typeof sdk>('elbv2', {
  DescribeAccountLimits: describeAccountLimits,
})
