// Lists an application's revisions, by the time of their registration, first use or last use.

import type { ListApplicationRevisionsInput, ListApplicationRevisionsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { describeLocation, type RevisionRecord } from '../model/revision.ts'
import { page } from '../paging.ts'
import { existingApplication, revisionsOfApplication } from '../tables.ts'

const TIME_OF = {
  registerTime: ({ registeredAt }: RevisionRecord) => registeredAt,
  firstUsedTime: ({ firstUsedAt = '' }: RevisionRecord) => firstUsedAt,
  lastUsedTime: ({ lastUsedAt = '' }: RevisionRecord) => lastUsedAt,
}

export const listApplicationRevisions: Operation<
  ListApplicationRevisionsInput,
  ListApplicationRevisionsOutput
> = async (input, call) => {
  const { nextToken: token, s3Bucket, s3KeyPrefix = '', ...filters } = input
  const all = await call.store.read(async (reader) =>
    revisionsOfApplication(reader, await existingApplication(reader, call.scope, input.applicationName)),
  )
  const wanted = all.filter(
    ({ location }) =>
      s3Bucket === undefined ||
      (location.type === 'S3' && location.s3.bucket === s3Bucket && (location.s3.key ?? '').startsWith(s3KeyPrefix)),
  )
  const timeOf = TIME_OF[input.sortBy ?? 'registerTime']
  const { items, nextToken } = page(call, token, wanted, {
    filters: ['ListApplicationRevisions', filters, s3Bucket, s3KeyPrefix],
    keyOf: (row) => `${timeOf(row)} ${row.key}`,
    descending: input.sortOrder === 'descending',
  })
  return { revisions: items.map(({ location }) => describeLocation(location)), nextToken }
}
