// Gives the listener rules of a service the weights that its revisions are to have, in the turn's own transaction.

import { forwardingTo, type WeightedTargetGroup } from '#apis/elbv2/model/action.ts'
import { listeners, ruleOrListener, rules } from '#apis/elbv2/tables.ts'
import type { Transaction } from '#store/store.ts'
import type { Draft } from './draft.ts'
import { type Shift, trafficShifts } from './traffic-plan.ts'

export const shiftTraffic = async (tx: Transaction, draft: Draft): Promise<void> => {
  for (const shift of trafficShifts(draft)) await setWeights(tx, shift)
}

const setWeights = async (tx: Transaction, { ruleArn, weights }: Shift): Promise<void> => {
  const found = await ruleOrListener(tx, ruleArn)
  // The deployment has been told that it cannot go on.
  if (found === undefined) return
  const { rule, listener } = found
  const before = rule?.spec.actions ?? listener.spec.defaultActions
  const actions = forwardingTo(before, weights as readonly WeightedTargetGroup[])
  if (JSON.stringify(actions) === JSON.stringify(before)) return
  if (rule === undefined) await tx.put(listeners, { ...listener, spec: { ...listener.spec, defaultActions: actions } })
  else await tx.put(rules, { ...rule, spec: { ...rule.spec, actions } })
}
