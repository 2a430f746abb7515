// Shows what an application remembers of a revision.

import type { GetApplicationRevisionInput, GetApplicationRevisionOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { RevisionDoesNotExistException } from '../errors.ts'
import { describeLocation, describeRevision, revisionKey } from '../model/revision.ts'
import { requestedLocation } from '../revisions.ts'
import { existingApplication, revisions } from '../tables.ts'

export const getApplicationRevision: Operation<GetApplicationRevisionInput, GetApplicationRevisionOutput> = async (
  input,
  call,
) => {
  const { applicationName } = input
  const location = requestedLocation(input.revision)
  return call.store.read(async (reader) => {
    const application = await existingApplication(reader, call.scope, applicationName)
    const found = await reader.get(revisions, `${application.id} ${revisionKey(location)}`)
    if (found === undefined) {
      throw RevisionDoesNotExistException(`The revision does not exist in the application ${applicationName}`)
    }
    return { applicationName, revision: describeLocation(found.location), revisionInfo: describeRevision(found) }
  })
}
