// What a listener did with a request, from the number of the rule that took it. Pure.

import type { ActionRecord } from './action.ts'
import type { ListenerRecord } from './listener.ts'
import type { RuleRecord } from './rule.ts'

/** A listener, and its rules by priority without the default one. */
export interface ListenerRules {
  readonly listener: ListenerRecord
  readonly rules: readonly RuleRecord[]
}

export interface Decision {
  /** Of the rule; 0 for the default one. */
  readonly priority: number
  /** The one that ends a request, whatever comes before it. */
  readonly action: ActionRecord['type'] | undefined
  /** How many rules were asked before one took it, that one included; the default rule is not asked. */
  readonly evaluations: number
}

/** `number`: which rule it was, from 1, the default one behind all others; 0 when none was reached. Records may have changed since. */
export const decisionOf = (at: ListenerRules | undefined, number: number): Decision | undefined => {
  if (number === 0 || at === undefined) return undefined
  const rule = at.rules[number - 1]
  const actions = rule?.spec.actions ?? at.listener.spec.defaultActions
  return {
    priority: rule?.spec.priority ?? 0,
    action: actions.at(-1)?.type,
    evaluations: Math.min(number, at.rules.length),
  }
}
