// Task sets: what CreateTaskSet and UpdateTaskSet say of themselves, before anything is looked up.

import type { CreateTaskSetRequest, Scale } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { tagProblem } from '#aws/tags.ts'
import { EXTERNAL_ID_CHARACTERS } from '../limits.ts'
import type { Problems } from './problem.ts'
import { capacityChoiceProblems, clientTokenProblems } from './service.ts'

export function* createTaskSetProblems(request: Checked<CreateTaskSetRequest>): Problems {
  const { clientToken, externalId = '', tags = [], scale, loadBalancers = [] } = request
  if (clientToken !== undefined) yield* clientTokenProblems(clientToken)
  if (externalId.length > EXTERNAL_ID_CHARACTERS) {
    yield `externalId can not be longer than ${EXTERNAL_ID_CHARACTERS} characters.`
  }
  if (loadBalancers.length > 1) yield 'CreateTaskSet cannot have more than 1 load balancer.'
  if (scale !== undefined) yield* scaleProblems(scale)
  yield* capacityChoiceProblems(request)
  const problem = tagProblem(tags)
  if (problem !== undefined) yield problem
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Scale.html */
export function* scaleProblems({ value = 0 }: Scale): Problems {
  if (!(value >= 0 && value <= 100)) yield 'The value of scale must be between 0 and 100.'
}
