// What a service needs next: every decision about it, from its rows and its tasks. Pure.

import { Draft } from './draft.ts'
import { drain } from './drain.ts'
import { countEnds } from './ends.ts'
import type { Facts } from './facts.ts'
import { rolling } from './rolling.ts'

export const plan = (facts: Facts): Draft => {
  const draft = new Draft(facts)
  countEnds(draft)
  const { deploymentController, deleteRequestedAt } = facts.service.spec
  if (deleteRequestedAt !== undefined) drain(draft)
  else if (deploymentController === 'ECS') rolling(draft)
  draft.forgetCauses()
  return draft
}
