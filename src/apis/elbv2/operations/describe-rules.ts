// Shows rules: those of a listener by priority, the default one last, or those that are named.

import type { DescribeRulesInput, DescribeRulesOutput, Rule } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import type { Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { ListenerNotFound, validationError } from '../errors.ts'
import { checkedListenerArn } from '../model/arns.ts'
import { describeDefaultRule, describeRule } from '../model/describe-listener.ts'
import { paged } from '../paging.ts'
import { existingRuleOrDefault, listeners, rulesOf } from '../tables.ts'

const named = async (reader: Reader, scope: Scope, arn: string): Promise<Rule> => {
  const { rule, listener } = await existingRuleOrDefault(reader, scope, arn)
  return rule === undefined ? describeDefaultRule(listener) : describeRule(rule)
}

const ofListener = async (reader: Reader, scope: Scope, arn: string): Promise<Rule[]> => {
  const row = await reader.get(listeners, checkedListenerArn(arn, scope))
  if (row === undefined) throw ListenerNotFound('One or more listeners not found')
  return [...(await rulesOf(reader, row.arn)).map(describeRule), describeDefaultRule(row)]
}

/** So that pages are in the order in which rules are tried. */
const keyOf = ({ Priority = '', RuleArn = '' }: Rule): string =>
  `${Priority === 'default' ? 'default' : Priority.padStart(5, '0')} ${RuleArn}`

export const describeRules: Operation<DescribeRulesInput, DescribeRulesOutput> = async (input, call) => {
  const { ListenerArn, RuleArns = [] } = input
  if ((ListenerArn === undefined) === (RuleArns.length === 0)) {
    throw validationError('You must specify either listener rule ARNs or a listener ARN')
  }
  const all = await call.store.read((reader) =>
    ListenerArn === undefined
      ? Promise.all(RuleArns.map((arn) => named(reader, call.scope, arn)))
      : ofListener(reader, call.scope, ListenerArn),
  )
  const { items, marker } = paged(all, input, ['DescribeRules', call.scope, ListenerArn, RuleArns], keyOf)
  return { Rules: items, ...marker }
}
