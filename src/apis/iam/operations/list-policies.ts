// Lists managed policies: the account's, AWS's, or both.

import type { ListPoliciesRequest, ListPoliciesResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../model/paging.ts'
import { describePolicy } from '../model/policy.ts'
import { attachmentCount, ownerOf, policiesOf } from '../tables.ts'

export const listPolicies: Operation<ListPoliciesRequest, ListPoliciesResponse> = async (input, call) => {
  const owner = ownerOf(call.scope)
  const all = await call.store.read(async (reader) => {
    const rows = await policiesOf(reader, owner)
    return Promise.all(
      rows.map(async (policy) => ({ policy, attachments: await attachmentCount(reader, owner, policy.arn) })),
    )
  })
  const wanted = all.filter(
    ({ policy, attachments }) =>
      (input.Scope !== 'AWS' || policy.owner.account === 'aws') &&
      (input.Scope !== 'Local' || policy.owner.account !== 'aws') &&
      (input.OnlyAttached !== true || attachments > 0) &&
      // Boundaries are kept as text only, so no policy counts as used for one.
      input.PolicyUsageFilter !== 'PermissionsBoundary' &&
      policy.path.startsWith(input.PathPrefix ?? '/'),
  )
  const { items, rest } = paged(wanted, ({ policy }) => policy.arn, input)
  return { Policies: items.map(({ policy, attachments }) => describePolicy(policy, attachments)), ...rest }
}
