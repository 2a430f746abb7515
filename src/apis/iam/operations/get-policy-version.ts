// Shows one version of a managed policy with its document.

import type { GetPolicyVersionRequest, GetPolicyVersionResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { describeVersionInFull, versionOf } from '../model/policy.ts'
import { existingPolicy, ownerOf } from '../tables.ts'

export const getPolicyVersion: Operation<GetPolicyVersionRequest, GetPolicyVersionResponse> = async (input, call) => {
  const policy = await call.store.read((reader) => existingPolicy(reader, ownerOf(call.scope), input.PolicyArn))
  return { PolicyVersion: describeVersionInFull(policy, versionOf(policy, input.VersionId)) }
}
