// Makes an application. Only ECS has a place to deploy to here.

import type { CreateApplicationInput, CreateApplicationOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import {
  ApplicationAlreadyExistsException,
  ApplicationLimitExceededException,
  InvalidComputePlatformException,
} from '../errors.ts'
import type { ApplicationRecord } from '../model/application.ts'
import { APPLICATIONS_PER_REGION } from '../model/limits.ts'
import { tagged } from '../model/tags.ts'
import { applicationNamed, applications, applicationsOfScope } from '../tables.ts'

export const createApplication: Operation<CreateApplicationInput, CreateApplicationOutput> = async (input, call) => {
  const { scope } = call
  const { applicationName: name, computePlatform = 'Server' } = input
  if (computePlatform !== 'ECS') {
    throw InvalidComputePlatformException(`The compute platform ${computePlatform} is not supported; use ECS`)
  }
  const tags = tagged([], input.tags ?? [])
  return call.store.write(async (tx) => {
    if ((await applicationNamed(tx, scope, name)) !== undefined) {
      throw ApplicationAlreadyExistsException(`Application already exists with name: ${name}`)
    }
    if ((await applicationsOfScope(tx, scope)).length >= APPLICATIONS_PER_REGION) {
      throw ApplicationLimitExceededException(`The limit of ${APPLICATIONS_PER_REGION} applications was exceeded`)
    }
    const made: ApplicationRecord = {
      id: call.random.uuid(),
      scope,
      name,
      createdAt: call.clock.now().toISOString(),
      tags,
    }
    await tx.put(applications, made)
    return { applicationId: made.id }
  })
}
