// How STS shows a caller.

import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import type { Caller } from '#aws/operation.ts'

export const describeCaller = (caller: Caller): Omit<GetCallerIdentityResponse, '$metadata'> => ({
  UserId: caller.userId,
  Account: caller.account,
  Arn: caller.arn,
})
