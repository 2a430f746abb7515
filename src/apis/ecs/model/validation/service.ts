// Services: what CreateService and UpdateService say of themselves, before anything is looked up.

import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { tagProblem } from '#aws/tags.ts'
import { NAME_CHARACTERS } from '../limits.ts'
import type { ServiceRecord } from '../service.ts'
import { NAME } from './containers.ts'
import type { Problems } from './problem.ts'

export function* createServiceProblems(request: Checked<CreateServiceRequest>): Problems {
  const { serviceName, tags = [] } = request
  if (serviceName === '') yield 'Service name can not be blank.'
  if (!NAME.test(serviceName) || serviceName.length > NAME_CHARACTERS) yield 'Service name contains invalid characters.'
  const problem = tagProblem(tags)
  if (problem !== undefined) yield problem
}

export function* updateServiceProblems(request: Checked<UpdateServiceRequest>, _service: ServiceRecord): Problems {
  if (request.desiredCount !== undefined && request.desiredCount < 0) yield 'Desired count can not be negative.'
}
