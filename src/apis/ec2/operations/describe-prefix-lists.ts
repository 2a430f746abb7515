// Shows the addresses of the services that gateway endpoints lead to.

import type { DescribePrefixListsRequest, DescribePrefixListsResult, PrefixList } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { awsPrefixLists } from '../model/prefix-list.ts'
import { PREFIX_LIST } from '../model/resource-kind.ts'
import { type Selectable, selection } from '../model/selection.ts'

const selectable: Selectable<PrefixList> = {
  kind: PREFIX_LIST,
  idOf: (list) => list.PrefixListId ?? '',
  tagsOf: () => [],
  filters: {
    'prefix-list-id': (list) => [list.PrefixListId],
    'prefix-list-name': (list) => [list.PrefixListName],
  },
}

export const describePrefixLists: Operation<DescribePrefixListsRequest, DescribePrefixListsResult> = async (
  input,
  call,
) => {
  const lists = awsPrefixLists(call.scope).map(({ id, name, entries }) => ({
    PrefixListId: id,
    PrefixListName: name,
    Cidrs: entries.map(({ cidr }) => cidr),
  }))
  const { items, ...rest } = selection(lists, { ...input, ids: input.PrefixListIds }, selectable)
  return { PrefixLists: items, ...rest }
}
