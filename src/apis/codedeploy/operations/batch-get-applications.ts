// Shows several applications; those that are not there are refused by name.

import type { BatchGetApplicationsInput, BatchGetApplicationsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { BatchLimitExceededException } from '../errors.ts'
import { describeApplication } from '../model/application.ts'
import { BATCH_NAMES } from '../model/limits.ts'
import { existingApplication } from '../tables.ts'

export const batchGetApplications: Operation<BatchGetApplicationsInput, BatchGetApplicationsOutput> = async (
  input,
  call,
) => {
  if (input.applicationNames.length > BATCH_NAMES) {
    throw BatchLimitExceededException(`The maximum number of names (${BATCH_NAMES}) was exceeded`)
  }
  const found = await call.store.read((reader) =>
    Promise.all(input.applicationNames.map((name) => existingApplication(reader, call.scope, name))),
  )
  return { applicationsInfo: found.map(describeApplication) }
}
