// Writes what a turn has decided, within the turn's transaction: the deployment, task sets, listeners and rules, the
// replacement's birth, and the rollback's.

import { type DeploymentRecord, newDeploymentId, rollbackOf } from '#apis/codedeploy/model/deployment.ts'
import { deployments, keepDeployment, lastGoodBefore } from '#apis/codedeploy/tables.ts'
import { newTaskSet } from '#apis/ecs/model/new-task-set.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import { taskSets } from '#apis/ecs/tables.ts'
import { listeners, rules } from '#apis/elbv2/tables.ts'
import type { Random } from '#base/random.ts'
import type { Transaction } from '#store/store.ts'
import type { Draft } from './draft.ts'
import type { Route } from './traffic.ts'

/** Whether anything was written. */
export const commit = async (tx: Transaction, draft: Draft, random: Random): Promise<boolean> => {
  const { facts } = draft
  for (const before of facts.taskSets) {
    const after = draft.taskSets.get(before.arn)
    if (after !== undefined && after !== before) await tx.put(taskSets, after)
  }
  await putRoute(tx, facts.production, draft.production)
  await putRoute(tx, facts.test, draft.test)
  if (draft.installs) {
    const made = replacementOf(draft, random)
    await tx.put(taskSets, made)
    draft.setProgress({ replacementArn: made.arn })
  }
  if (draft.rollsBack) await beginRollback(tx, draft, random)
  if (draft.deployment === facts.deployment) return false
  await tx.put(deployments, draft.deployment)
  return true
}

const putRoute = async (tx: Transaction, before: Route | undefined, after: Route | undefined): Promise<void> => {
  if (after === undefined || after === before) return
  if (after.listener !== before?.listener) await tx.put(listeners, after.listener)
  for (const [at, rule] of after.rules.entries()) if (rule !== before?.rules[at]) await tx.put(rules, rule)
}

const replacementOf = (draft: Draft, random: Random): TaskSetRecord => {
  const { service } = draft.facts
  if (service === undefined) throw new Error(`${draft.deployment.id} installs without a service`)
  const { template } = draft.shift.replacement
  const wish = { template, percent: 100, externalId: draft.deployment.id, startedBy: 'CODE_DEPLOY' }
  return newTaskSet(service, wish, { random, at: draft.at })
}

const beginRollback = async (tx: Transaction, draft: Draft, random: Random): Promise<void> => {
  const previous: DeploymentRecord = (await lastGoodBefore(tx, draft.deployment)) ?? draft.deployment
  const { revision } = previous.spec
  const undoing = rollbackOf(draft.deployment, { id: newDeploymentId(random), at: draft.at, revision })
  if (undoing === undefined) return
  draft.setProgress({ rolledBackBy: undoing.id })
  await keepDeployment(tx, undoing)
}
