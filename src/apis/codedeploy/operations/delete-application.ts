// Deletes an application with its groups, revisions and finished deployments. One that is not there is no mistake.

import type { DeleteApplicationInput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { applicationNamed, forgetApplication } from '../tables.ts'

export const deleteApplication: Operation<DeleteApplicationInput, {}> = async (input, call) =>
  call.store.write(async (tx) => {
    const application = await applicationNamed(tx, call.scope, input.applicationName)
    if (application !== undefined) await forgetApplication(tx, application)
    return {}
  })
