// Gives a managed policy another version.

import type { CreatePolicyVersionRequest, CreatePolicyVersionResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { describeVersion, withVersion } from '../model/policy.ts'
import { ownerOf, ownPolicy, policies } from '../tables.ts'

export const createPolicyVersion: Operation<CreatePolicyVersionRequest, CreatePolicyVersionResponse> = async (
  input,
  call,
) =>
  call.store.write(async (tx) => {
    const before = await ownPolicy(tx, ownerOf(call.scope), input.PolicyArn)
    const isDefault = input.SetAsDefault === true
    const { policy, version } = withVersion(before, input.PolicyDocument, isDefault, call.clock.now())
    await tx.put(policies, policy)
    return { PolicyVersion: describeVersion(policy, version) }
  })
