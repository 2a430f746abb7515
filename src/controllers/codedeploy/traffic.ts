// What a deployment changes of a listener: the weights of its two target groups in the default action and in every rule
// that sends requests to either. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html

import type { ActionRecord, ForwardAction, WeightedTargetGroup } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import type { TargetGroupArn } from '#aws/arn.ts'

export interface Route {
  readonly listener: ListenerRecord
  readonly rules: readonly RuleRecord[]
}

/** The groups of the original and of the replacement task set. */
export interface Groups {
  readonly original: TargetGroupArn
  readonly replacement: TargetGroupArn
}

const isForward = (action: ActionRecord): action is ForwardAction => action.type === 'forward'

const isConcerned = (action: ActionRecord, { original, replacement }: Groups): action is ForwardAction =>
  isForward(action) && action.targetGroups.some(({ arn }) => arn === original || arn === replacement)

/** With the actions that send requests to one of the groups. */
const concerned = ({ listener, rules }: Route, groups: Groups) =>
  [
    { arn: listener.arn as string, actions: listener.spec.defaultActions },
    ...rules.map(({ arn, spec }) => ({ arn: arn as string, actions: spec.actions })),
  ].flatMap(({ arn, actions }) =>
    actions.filter((action) => isConcerned(action, groups)).map((action) => ({ arn, action })),
  )

const weightOf = ({ targetGroups }: ForwardAction, group: TargetGroupArn): number => {
  const found = targetGroups.find(({ arn }) => arn === group)
  // The only group of an action gets everything, whatever its weight.
  return found === undefined ? 0 : targetGroups.length === 1 ? 100 : found.weight
}

/** Why the traffic of this listener cannot be shifted, in AWS's words. A test listener may stand at either group. */
export const routeProblem = (route: Route, groups: Groups, kind: 'production' | 'test'): string | undefined => {
  const all = concerned(route, groups)
  if (all.length === 0) return `Primary taskset target group must be behind listener ${route.listener.arn}`
  for (const { arn, action } of all) {
    if (action.targetGroups.some((group) => group.arn !== groups.original && group.arn !== groups.replacement)) {
      return `Only target group in ECS deployment group (${groups.original}, ${groups.replacement}) can be set on listener ${arn}`
    }
    if (kind === 'test') continue
    if (weightOf(action, groups.original) === 0) return `Primary taskset target group must be behind listener ${arn}`
    if (weightOf(action, groups.replacement) > 0) {
      return 'Green taskset target group cannot have non-zero weight prior to traffic shifting'
    }
  }
  return undefined
}

/** Both groups stay, also behind a network load balancer: the targets of one that is in no listener would not drain. */
const weights = ({ original, replacement }: Groups, percent: number): readonly WeightedTargetGroup[] => [
  { arn: original, weight: 100 - percent },
  { arn: replacement, weight: percent },
]

const reweighted = <Actions extends readonly ActionRecord[]>(
  actions: Actions,
  groups: Groups,
  targetGroups: readonly WeightedTargetGroup[],
): readonly ActionRecord[] | Actions => {
  const isSame = actions.every(
    (action) => !isConcerned(action, groups) || JSON.stringify(action.targetGroups) === JSON.stringify(targetGroups),
  )
  return isSame
    ? actions
    : actions.map((action) => (isConcerned(action, groups) ? { ...action, targetGroups } : action))
}

/** The same listener and rules with so many percent of the traffic at the replacement; rows that do not change are the same objects. */
export const shifted = (route: Route, groups: Groups, percent: number): Route => {
  const { listener, rules } = route
  const targetGroups = weights(groups, percent)
  const defaultActions = reweighted(listener.spec.defaultActions, groups, targetGroups)
  return {
    listener:
      defaultActions === listener.spec.defaultActions
        ? listener
        : { ...listener, spec: { ...listener.spec, defaultActions } },
    rules: rules.map((rule) => {
      const actions = reweighted(rule.spec.actions, groups, targetGroups)
      return actions === rule.spec.actions ? rule : { ...rule, spec: { ...rule.spec, actions } }
    }),
  }
}
