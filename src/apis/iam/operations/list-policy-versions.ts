// Lists the versions of a managed policy.

import type { ListPolicyVersionsRequest, ListPolicyVersionsResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../model/paging.ts'
import { describeVersion } from '../model/policy.ts'
import { existingPolicy, ownerOf } from '../tables.ts'

export const listPolicyVersions: Operation<ListPolicyVersionsRequest, ListPolicyVersionsResponse> = async (
  input,
  call,
) => {
  const policy = await call.store.read((reader) => existingPolicy(reader, ownerOf(call.scope), input.PolicyArn))
  const { items, rest } = paged(policy.versions, (version) => version.id, input)
  return { Versions: items.map((version) => describeVersion(policy, version)), ...rest }
}
