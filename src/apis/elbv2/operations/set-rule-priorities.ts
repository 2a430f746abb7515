// Gives rules other priorities, all at once: two rules can change places.

import type { SetRulePrioritiesInput, SetRulePrioritiesOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ListenerArn } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { OperationNotPermitted, PriorityInUse, validationError } from '../errors.ts'
import { describeRule } from '../model/describe-listener.ts'
import type { RuleRecord } from '../model/rule.ts'
import { existingRuleOrDefault, rules, rulesOf } from '../tables.ts'

type Input = Parameters<typeof setRulePriorities>[0]

const moved = async (tx: Transaction, call: Call, input: Input): Promise<RuleRecord[]> => {
  const rows: RuleRecord[] = []
  for (const { RuleArn = '', Priority } of input.RulePriorities) {
    const { rule } = await existingRuleOrDefault(tx, call.scope, RuleArn)
    if (rule === undefined) throw OperationNotPermitted(`The priority of the default rule '${RuleArn}' cannot be set`)
    if (Priority === undefined) throw validationError('A priority must be specified')
    if (rows.some(({ arn }) => arn === rule.arn)) {
      throw validationError(`Rule '${rule.arn}' cannot be specified more than once`)
    }
    rows.push({ ...rule, spec: { ...rule.spec, priority: Priority } })
  }
  return rows
}

const checkDistinct = async (tx: Transaction, listener: ListenerArn): Promise<void> => {
  const priorities = (await rulesOf(tx, listener)).map(({ spec }) => spec.priority)
  const twice = priorities.find((priority, index) => priorities.indexOf(priority) !== index)
  if (twice !== undefined) throw PriorityInUse(`Priority '${twice}' is currently in use`)
}

export const setRulePriorities: Operation<SetRulePrioritiesInput, SetRulePrioritiesOutput> = async (input, call) => {
  const changed = await call.store.write(async (tx) => {
    const rows = await moved(tx, call, input)
    for (const row of rows) await tx.put(rules, row)
    for (const listener of new Set(rows.map(({ listenerArn }) => listenerArn))) await checkDistinct(tx, listener)
    return rows
  })
  return { Rules: changed.map(describeRule) }
}
