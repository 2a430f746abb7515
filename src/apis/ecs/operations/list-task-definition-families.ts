// ListTaskDefinitionFamilies: family names, by whether any revision of them is active.

import type { ListTaskDefinitionFamiliesRequest, ListTaskDefinitionFamiliesResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import { paged } from '../paging.ts'
import { familiesOfScope, hasRevision } from '../tables.ts'

export const listTaskDefinitionFamilies: Operation<
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse
> = async (input, call) => {
  const { familyPrefix = '', status = 'ALL' } = input
  const options = paged(call, 'ListTaskDefinitionFamilies', input, [familyPrefix, status])
  const names = await call.store.read(async (reader) => {
    const found: string[] = []
    for (const { family } of await familiesOfScope(reader, call.scope)) {
      if (!family.startsWith(familyPrefix)) continue
      const isActive = await hasRevision(reader, call.scope, family, 'ACTIVE')
      // A family whose revisions have all been deleted is not listed at all.
      const isListed = isActive ? status !== 'INACTIVE' : status !== 'ACTIVE'
      if (isListed && (isActive || (await hasRevision(reader, call.scope, family, 'INACTIVE')))) found.push(family)
    }
    return found
  })
  const { items, ...more } = pageOf(names, { ...options, keyOf: (name) => name })
  return { families: items, ...more }
}
