// Deletes a rule; the default one goes with its listener only.

import type { DeleteRuleInput, DeleteRuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { OperationNotPermitted } from '../errors.ts'
import { existingRuleOrDefault, rules } from '../tables.ts'

export const deleteRule: Operation<DeleteRuleInput, DeleteRuleOutput> = async (input, call) => {
  await call.store.write(async (tx) => {
    const { rule } = await existingRuleOrDefault(tx, call.scope, input.RuleArn)
    if (rule === undefined) throw OperationNotPermitted(`Default rule '${input.RuleArn}' cannot be deleted`)
    await tx.delete(rules, rule.arn)
  })
  return {}
}
