// Gives an application another name.

import type { UpdateApplicationInput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { ApplicationAlreadyExistsException, ApplicationDoesNotExistException } from '../errors.ts'
import { applicationNamed, applications, existingApplication } from '../tables.ts'

export const updateApplication: Operation<UpdateApplicationInput, {}> = async (input, call) => {
  const { applicationName, newApplicationName: name } = input
  if (applicationName === undefined) throw ApplicationDoesNotExistException('Application name must be specified')
  return call.store.write(async (tx) => {
    const application = await existingApplication(tx, call.scope, applicationName)
    if (name === undefined || name === application.name) return {}
    if ((await applicationNamed(tx, call.scope, name)) !== undefined) {
      throw ApplicationAlreadyExistsException(`Application already exists with name: ${name}`)
    }
    await tx.put(applications, { ...application, name })
    return {}
  })
}
