// Makes a managed policy.

import type { CreatePolicyRequest, CreatePolicyResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { EntityAlreadyExists, LimitExceeded } from '../errors.ts'
import { POLICIES_PER_ACCOUNT } from '../model/limits.ts'
import { describePolicyInFull, newPolicy } from '../model/policy.ts'
import { ownerOf, policies } from '../tables.ts'

export const createPolicy: Operation<CreatePolicyRequest, CreatePolicyResponse> = async (input, call) => {
  const policy = newPolicy({
    owner: ownerOf(call.scope),
    name: input.PolicyName,
    path: input.Path,
    description: input.Description,
    document: input.PolicyDocument,
    tags: input.Tags ?? [],
    now: call.clock.now(),
    random: call.random,
  })
  await call.store.write(async (tx) => {
    if ((await tx.get(policies, policies.key(policy))) !== undefined) {
      throw EntityAlreadyExists(`A policy called ${policy.name} already exists. Duplicate names are not allowed.`)
    }
    if ((await tx.count(policies, { index: 'account', value: policy.owner.account })) >= POLICIES_PER_ACCOUNT) {
      throw LimitExceeded(`Cannot exceed quota for PoliciesPerAccount: ${POLICIES_PER_ACCOUNT}`)
    }
    await tx.put(policies, policy)
  })
  return { Policy: describePolicyInFull(policy, 0) }
}
