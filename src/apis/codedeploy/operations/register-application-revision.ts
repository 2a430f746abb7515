// Remembers a revision with an application.

import type { RegisterApplicationRevisionInput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { noteRevision, requestedLocation } from '../revisions.ts'
import { existingApplication } from '../tables.ts'

export const registerApplicationRevision: Operation<RegisterApplicationRevisionInput, {}> = async (input, call) => {
  const location = requestedLocation(input.revision)
  return call.store.write(async (tx) => {
    const application = await existingApplication(tx, call.scope, input.applicationName)
    const at = call.clock.now().toISOString()
    await noteRevision(tx, application, location, { at, description: input.description })
    return {}
  })
}
