// Says who the caller is, as the signature proved it.

import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import type { Operation } from '#aws/operation.ts'
import { describeCaller } from '../model/caller.ts'

export const getCallerIdentity: Operation<GetCallerIdentityRequest, GetCallerIdentityResponse> = async (
  _input,
  { caller },
) => describeCaller(caller)
