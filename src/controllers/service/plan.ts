// What a service needs next: every decision about it, from its rows and its tasks. Pure.

import { isFinished } from '#apis/ecs/model/service-deployment.ts'
import { Draft } from './draft.ts'
import { drain } from './drain.ts'
import { countEnds } from './ends.ts'
import type { Facts } from './facts.ts'
import { trimHistory } from './history.ts'
import { noteImages } from './images.ts'
import { tellRegistrations } from './registrations.ts'
import { rolling } from './rolling.ts'
import { followTasks, shifting } from './shifting.ts'
import { taskSets } from './task-sets.ts'

export const plan = (facts: Facts): Draft => {
  const draft = new Draft(facts)
  countEnds(draft)
  tellRegistrations(draft)
  noteImages(draft)
  strategyOf(facts)(draft)
  trimHistory(draft)
  draft.forgetCauses()
  return draft
}

/** How a service is kept and deployed: a deployment under way goes on as it was asked for. */
const strategyOf = ({ service: { spec, status }, deployments }: Facts): ((draft: Draft) => void) => {
  if (spec.deleteRequestedAt !== undefined) return drain
  if (spec.deploymentController !== 'ECS') return taskSets
  const current = deployments.find(({ arn }) => arn === status.deploymentArn)
  const isUnderWay = current !== undefined && !isFinished(current)
  const { strategy = 'ROLLING' } = isUnderWay ? current.spec.configuration : spec.deploymentConfiguration
  if (strategy !== 'ROLLING') return shifting
  return (draft) => {
    rolling(draft)
    followTasks(draft)
  }
}
