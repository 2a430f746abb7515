// Changes the conditions or the actions of a rule; what a call does not name stays.

import type { ModifyRuleInput, ModifyRuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { OperationNotPermitted } from '../errors.ts'
import { describeRule } from '../model/describe-listener.ts'
import { requestedActions } from '../model/requested-action.ts'
import { checkNoTransforms, requestedConditions } from '../model/requested-condition.ts'
import { existingLoadBalancer, existingRuleOrDefault, rules } from '../tables.ts'
import { checkTraffic } from '../traffic.ts'

export const modifyRule: Operation<ModifyRuleInput, ModifyRuleOutput> = async (input, call) => {
  const { scope } = call
  checkNoTransforms(input)
  const changed = await call.store.write(async (tx) => {
    const { rule, listener } = await existingRuleOrDefault(tx, scope, input.RuleArn)
    if (rule === undefined) throw OperationNotPermitted(`Default rule '${input.RuleArn}' cannot be modified`)
    const { Conditions, Actions } = input
    const { protocol } = listener.spec
    const conditions = Conditions === undefined ? rule.spec.conditions : requestedConditions(Conditions)
    const actions = Actions === undefined ? rule.spec.actions : requestedActions(Actions, listener.spec, scope)
    await checkTraffic(tx, await existingLoadBalancer(tx, scope, listener.loadBalancerArn), protocol, actions)
    const next = { ...rule, spec: { ...rule.spec, conditions, actions } }
    await tx.put(rules, next)
    return next
  })
  return { Rules: [describeRule(changed)] }
}
