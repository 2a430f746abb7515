// Gives a listener a rule: what is done with requests for which its conditions hold.

import type { CreateRuleInput, CreateRuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerRuleArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import type { Reader } from '#store/store.ts'
import { InvalidConfigurationRequest, PriorityInUse, TooManyRules } from '../errors.ts'
import { describeRule } from '../model/describe-listener.ts'
import { RULES_PER_LOAD_BALANCER } from '../model/limits.ts'
import { loadBalancerPath, type LoadBalancerRecord } from '../model/load-balancer.ts'
import { requestedActions } from '../model/requested-action.ts'
import { checkNoTransforms, requestedConditions } from '../model/requested-condition.ts'
import type { RuleRecord } from '../model/rule.ts'
import { tagged } from '../model/tags.ts'
import { existingListener, existingLoadBalancer, listenersOf, rules, rulesOf } from '../tables.ts'
import { checkTraffic } from '../traffic.ts'

const checkCount = async (reader: Reader, balancer: LoadBalancerRecord): Promise<void> => {
  let count = 0
  for (const listener of await listenersOf(reader, balancer.arn)) count += (await rulesOf(reader, listener.arn)).length
  if (count >= RULES_PER_LOAD_BALANCER) {
    throw TooManyRules(`The maximum number of rules for a load balancer is '${RULES_PER_LOAD_BALANCER}'`)
  }
}

export const createRule: Operation<CreateRuleInput, CreateRuleOutput> = async (input, call) => {
  const { scope } = call
  const conditions = requestedConditions(input.Conditions)
  checkNoTransforms(input)
  const tags = tagged([], input.Tags ?? [])
  const rule = await call.store.write(async (tx) => {
    const listener = await existingListener(tx, scope, input.ListenerArn)
    const balancer = await existingLoadBalancer(tx, scope, listener.loadBalancerArn)
    if (balancer.type !== 'application') {
      throw InvalidConfigurationRequest(`Rules are not supported for ${listener.spec.protocol} listeners`)
    }
    const actions = requestedActions(input.Actions, listener.spec, scope)
    if ((await rulesOf(tx, listener.arn)).some(({ spec }) => spec.priority === input.Priority)) {
      throw PriorityInUse(`Priority '${input.Priority}' is currently in use`)
    }
    await checkCount(tx, balancer)
    await checkTraffic(tx, balancer, listener.spec.protocol, actions)
    const made: RuleRecord = {
      arn: listenerRuleArn(scope, loadBalancerPath(balancer), listener.id, call.random.hex(16)),
      scope,
      listenerArn: listener.arn,
      tags,
      spec: { priority: input.Priority, conditions, actions },
    }
    await tx.put(rules, made)
    return made
  })
  return { Rules: [describeRule(rule)] }
}
