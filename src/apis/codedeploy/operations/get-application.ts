// Shows an application.

import type { GetApplicationInput, GetApplicationOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { describeApplication } from '../model/application.ts'
import { existingApplication } from '../tables.ts'

export const getApplication: Operation<GetApplicationInput, GetApplicationOutput> = async (input, call) => {
  const found = await call.store.read((reader) => existingApplication(reader, call.scope, input.applicationName))
  return { application: describeApplication(found) }
}
