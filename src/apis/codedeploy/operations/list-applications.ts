// Lists the names of all applications.

import type { ListApplicationsInput, ListApplicationsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { page } from '../paging.ts'
import { applicationsOfScope } from '../tables.ts'

export const listApplications: Operation<ListApplicationsInput, ListApplicationsOutput> = async (input, call) => {
  const all = await call.store.read((reader) => applicationsOfScope(reader, call.scope))
  const names = all.map(({ name }) => name)
  const { items, nextToken } = page(call, input.nextToken, names, {
    filters: ['ListApplications'],
    keyOf: (name) => name,
  })
  return { applications: items, nextToken }
}
