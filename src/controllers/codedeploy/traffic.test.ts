// Goal: a shift changes the weights of the deployment's own groups, wherever the listener sends requests to them, and
// nothing else; what AWS refuses to shift is refused in its words.

import { describe, expect, it } from 'vitest'
import type { ActionRecord } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import type { TargetGroupArn } from '#aws/arn.ts'
import { type Route, routeProblem, shifted } from './traffic.ts'

const [BLUE, GREEN, OTHER] = ['blue', 'green', 'other'] as TargetGroupArn[] as [
  TargetGroupArn,
  TargetGroupArn,
  TargetGroupArn,
]
const GROUPS = { original: BLUE, replacement: GREEN }
const FIXED: ActionRecord = { type: 'fixed-response', statusCode: '404' }

/** "blue 90, green 10" */
const forward = (text: string): ActionRecord => ({
  type: 'forward',
  targetGroups: text.split(', ').map((part) => {
    const [arn = '', weight = '1'] = part.split(' ')
    return { arn: arn as TargetGroupArn, weight: Number(weight) }
  }),
})

const shown = (actions: readonly ActionRecord[]): string =>
  actions
    .map((action) =>
      action.type === 'forward'
        ? action.targetGroups.map(({ arn, weight }) => `${arn} ${weight}`).join(', ')
        : action.type,
    )
    .join('; ')

/** A listener's default action and the actions of its rules. */
const route = (defaultAction: ActionRecord, rules: readonly ActionRecord[] = [], kind = 'app'): Route => ({
  listener: {
    arn: `arn:listener:listener/${kind}/front`,
    spec: { defaultActions: [defaultAction] },
  } as unknown as ListenerRecord,
  rules: rules.map((action, at) => ({ arn: `rule-${at}`, spec: { actions: [action] } }) as unknown as RuleRecord),
})

describe('shifted', () => {
  it.each([
    ['blue', 0, 'blue 100, green 0'],
    ['blue', 10, 'blue 90, green 10'],
    ['blue 100, green 0', 100, 'blue 0, green 100'],
    ['green 100, blue 0', 0, 'blue 100, green 0'],
    ['other', 100, 'other 1'],
  ])('%s at %i percent is %s', (before, percent, after) => {
    const { listener } = shifted(route(forward(before)), GROUPS, percent)
    expect(shown(listener.spec.defaultActions)).toBe(after)
  })

  it('leaves alone what is as it should be, and what is no concern of it', () => {
    const before = route(forward('blue 90, green 10'), [forward('blue'), forward('other'), FIXED])
    const { listener, rules } = shifted(before, GROUPS, 10)
    expect(listener).toBe(before.listener)
    expect(rules.map((rule, at) => rule === before.rules[at])).toEqual([false, true, true])
    expect(shown(rules[0]?.spec.actions ?? [])).toBe('blue 90, green 10')
  })

  it('leaves both groups to a network load balancer, too: one that is in no listener does not drain', () => {
    const of = (percent: number): string =>
      shown(shifted(route(forward('blue'), [], 'net'), GROUPS, percent).listener.spec.defaultActions)
    expect([of(0), of(100)]).toEqual(['blue 100, green 0', 'blue 0, green 100'])
  })
})

describe('routeProblem', () => {
  const behind = (what: string): string => `Primary taskset target group must be behind listener ${what}`
  const LISTENER = 'arn:listener:listener/app/front'
  it.each([
    ['all at the primary', route(forward('blue')), undefined],
    ['weights with none for the other', route(forward('blue 100, green 0')), undefined],
    ['rules that are no concern', route(forward('blue'), [FIXED, forward('other')]), undefined],
    ['a listener without the groups', route(FIXED), behind(LISTENER)],
    ['a listener at the other group', route(forward('green')), behind(LISTENER)],
    ['a rule at the other group', route(forward('blue'), [forward('green')]), behind('rule-0')],
    [
      'some traffic at the other group',
      route(forward('blue 90, green 10')),
      'Green taskset target group cannot have non-zero weight prior to traffic shifting',
    ],
    [
      'a third group',
      route(forward('blue 50, other 50')),
      `Only target group in ECS deployment group (blue, green) can be set on listener ${LISTENER}`,
    ],
  ])('of production with %s', (_, where, problem) => {
    expect(routeProblem(where, GROUPS, 'production')).toBe(problem)
  })

  it('lets a test listener stand at either group', () => {
    expect(routeProblem(route(forward('green')), GROUPS, 'test')).toBeUndefined()
    expect(routeProblem(route(forward(OTHER)), GROUPS, 'test')).toBe(behind(LISTENER))
  })
})
