// Shows one managed policy, without its document.

import type { GetPolicyRequest, GetPolicyResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { describePolicyInFull } from '../model/policy.ts'
import { attachmentCount, existingPolicy, ownerOf } from '../tables.ts'

export const getPolicy: Operation<GetPolicyRequest, GetPolicyResponse> = async (input, call) => {
  const owner = ownerOf(call.scope)
  return call.store.read(async (reader) => {
    const policy = await existingPolicy(reader, owner, input.PolicyArn)
    return { Policy: describePolicyInFull(policy, await attachmentCount(reader, owner, policy.arn)) }
  })
}
