// Deletes a managed policy that nobody has and that is down to one version.

import type { DeletePolicyRequest } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { DeleteConflict } from '../errors.ts'
import { attachmentCount, ownerOf, ownPolicy, policies } from '../tables.ts'

export const deletePolicy: Operation<DeletePolicyRequest, {}> = async (input, call) => {
  const owner = ownerOf(call.scope)
  await call.store.write(async (tx) => {
    const policy = await ownPolicy(tx, owner, input.PolicyArn)
    if ((await attachmentCount(tx, owner, policy.arn)) > 0) {
      throw DeleteConflict('Cannot delete a policy attached to entities.')
    }
    if (policy.versions.length > 1) {
      throw DeleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
          'The default version is deleted with the policy.',
      )
    }
    await tx.delete(policies, policies.key(policy))
  })
  return {}
}
