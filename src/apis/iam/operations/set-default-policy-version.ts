// Makes another version of a managed policy the one that counts.

import type { SetDefaultPolicyVersionRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { versionOf } from '../model/policy.ts'
import { ownerOf, ownPolicy, policies } from '../tables.ts'

export const setDefaultPolicyVersion: Operation<SetDefaultPolicyVersionRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const policy = await ownPolicy(tx, ownerOf(call.scope), input.PolicyArn)
    await tx.put(policies, { ...policy, defaultVersionId: versionOf(policy, input.VersionId).id })
  })
  return {}
}
