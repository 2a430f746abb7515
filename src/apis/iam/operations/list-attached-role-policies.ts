// Lists the managed policies that a role has.

import type { ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { lastPart } from '#aws/arn.ts'
import { paged } from '../model/paging.ts'
import { existingPolicy, existingRole, ownerOf } from '../tables.ts'

export const listAttachedRolePolicies: Operation<
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse
> = async (input, call) => {
  const owner = ownerOf(call.scope)
  const attached = await call.store.read(async (reader) => {
    const role = await existingRole(reader, owner, input.RoleName)
    return Promise.all(role.attachedPolicyArns.map((arn) => existingPolicy(reader, owner, arn)))
  })
  const wanted = attached.filter((policy) => policy.path.startsWith(input.PathPrefix ?? '/'))
  const { items, rest } = paged(wanted, (policy) => policy.arn, input)
  return {
    AttachedPolicies: items.map(({ arn }) => ({ PolicyName: lastPart(arn), PolicyArn: arn })),
    ...rest,
  }
}
