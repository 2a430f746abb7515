// What is wrong with a service's target groups and listener rules as Elastic Load Balancing knows them.

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { TargetGroupArn } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { targetGroupsOf } from '../elbv2/model/action.ts'
import { loadBalancersOfGroup, ruleOrListener, targetGroups } from '../elbv2/tables.ts'

/** Undefined when all is well. */
export const refusedTargetGroup = async (
  reader: Reader,
  scope: Scope,
  loadBalancers: readonly LoadBalancer[],
): Promise<string | undefined> => {
  for (const loadBalancer of loadBalancers) {
    const { targetGroupArn = '' } = loadBalancer
    const problem = await groupProblem(reader, scope, targetGroupArn)
    if (problem !== undefined) return problem
    if ((await loadBalancersOfGroup(reader, targetGroupArn as TargetGroupArn)).length === 0) {
      return `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`
    }
    const other = await pairProblem(reader, scope, loadBalancer)
    if (other !== undefined) return other
  }
  return undefined
}

const groupProblem = async (reader: Reader, scope: Scope, arn: string): Promise<string | undefined> => {
  const group = await reader.get(targetGroups, arn)
  if (group === undefined || scopeKey(group.scope) !== scopeKey(scope)) {
    return (
      'Unable to assume role and validate the specified targetGroupArn. ' +
      'Please verify that the ECS service role being passed has the proper permissions.'
    )
  }
  return group.targetType === 'ip'
    ? undefined
    : `The provided target group ${arn} has target type ${group.targetType}, which is incompatible with ` +
        'the awsvpc network mode specified in the task definition.'
}

/** The second group and the rules that share the traffic between the two. */
const pairProblem = async (
  reader: Reader,
  scope: Scope,
  { targetGroupArn = '', advancedConfiguration }: LoadBalancer,
): Promise<string | undefined> => {
  if (advancedConfiguration === undefined) return undefined
  const { alternateTargetGroupArn: other = '', productionListenerRule = '', testListenerRule } = advancedConfiguration
  const problem = await groupProblem(reader, scope, other)
  if (problem !== undefined) return problem
  for (const arn of [productionListenerRule, ...(testListenerRule === undefined ? [] : [testListenerRule])]) {
    const found = await ruleOrListener(reader, arn)
    if (found === undefined || scopeKey(found.listener.scope) !== scopeKey(scope)) {
      return `The listener rule ${arn} of advancedConfiguration does not exist.`
    }
    const { listener, rule } = found
    const groups: readonly string[] = targetGroupsOf(rule?.spec.actions ?? listener.spec.defaultActions)
    if (arn === productionListenerRule && !groups.includes(targetGroupArn) && !groups.includes(other)) {
      return `The listener rule ${arn} does not forward to the target groups of the service.`
    }
    const users = await loadBalancersOfGroup(reader, other as TargetGroupArn)
    if (users.some((user) => user !== listener.loadBalancerArn)) {
      return `The target group ${other} is associated with another load balancer than the listener rule ${arn}.`
    }
  }
  return undefined
}
