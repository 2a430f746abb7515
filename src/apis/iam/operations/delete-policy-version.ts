// Deletes a version of a managed policy that is not the default one.

import type { DeletePolicyVersionRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { withoutVersion } from '../model/policy.ts'
import { ownerOf, ownPolicy, policies } from '../tables.ts'

export const deletePolicyVersion: Operation<DeletePolicyVersionRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const policy = await ownPolicy(tx, ownerOf(call.scope), input.PolicyArn)
    await tx.put(policies, withoutVersion(policy, input.VersionId))
  })
  return {}
}
