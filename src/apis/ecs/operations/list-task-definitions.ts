// ListTaskDefinitions: the ARNs of all revisions with a status, by family and revision.

import type { ListTaskDefinitionsRequest, ListTaskDefinitionsResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import type { TaskDefinitionRecord } from '../model/task-definition.ts'
import { paged } from '../paging.ts'
import { definitionsOfFamily, definitionsOfScope } from '../tables.ts'

/** Digits of the highest revision: revisions are compared as numbers, families as text. */
const REVISION_DIGITS = 10

const orderOf = ({ family, revision }: TaskDefinitionRecord): string =>
  `${family} ${String(revision).padStart(REVISION_DIGITS, '0')}`

export const listTaskDefinitions: Operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse> = async (
  input,
  call,
) => {
  // Despite its name the prefix is a whole family name, as AWS documents it.
  const { familyPrefix: family, status = 'ACTIVE', sort = 'ASC' } = input
  const options = paged(call, 'ListTaskDefinitions', input, [family, status, sort])
  const definitions = await call.store.read((reader) =>
    family === undefined ? definitionsOfScope(reader, call.scope) : definitionsOfFamily(reader, call.scope, family),
  )
  const wanted = definitions.filter((definition) => definition.status === status)
  const { items, ...more } = pageOf(wanted, { ...options, keyOf: orderOf, descending: sort === 'DESC' })
  return { taskDefinitionArns: items.map(({ arn }) => arn), ...more }
}
