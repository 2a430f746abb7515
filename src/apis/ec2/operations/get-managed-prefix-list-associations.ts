// Shows which security groups and route tables name a prefix list.

import type {
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { existingPrefixList, usersOfPrefixList } from '../managed-prefix-lists.ts'
import { paged } from '../model/selection.ts'

export const getManagedPrefixListAssociations: Operation<
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult
> = async (input, call) => {
  const { scope } = call
  const ids = await call.store.read(async (reader) => {
    const list = await existingPrefixList(reader, scope, input.PrefixListId)
    return usersOfPrefixList(reader, scope, list.id)
  })
  const { items, ...rest } = paged(ids, (id) => id, input)
  return { PrefixListAssociations: items.map((id) => ({ ResourceId: id, ResourceOwner: scope.account })), ...rest }
}
