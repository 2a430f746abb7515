// What no load balancer can be told, whatever carries its traffic: found before anything is changed.

import { Fault } from '#base/fault.ts'
import { type BalancerPlan, type GroupPlan, type ListenerPlan, type RulePlan, takesDatagrams } from './balancer.ts'

const NAME = /^[A-Za-z0-9-]{1,128}$/

const named = (id: string): void => {
  if (!NAME.test(id)) throw new Fault('invalid', `${JSON.stringify(id)} is no name`)
}

const once = (what: string, all: readonly (string | number)[]): void => {
  const twice = all.find((one, index) => all.indexOf(one) !== index)
  if (twice !== undefined) throw new Fault('invalid', `${what} ${twice} is there twice`)
}

const soundRule = ({ conditions, action }: RulePlan, isLast: boolean, groups: ReadonlySet<string>): void => {
  if (isLast && conditions.length > 0) throw new Fault('invalid', 'the last rule must apply to everything')
  if (action.do !== 'forward') return
  const unknown = action.groups.find(({ id }) => !groups.has(id))
  if (unknown !== undefined) throw new Fault('invalid', `there is no group ${unknown.id} to forward to`)
}

const soundListener = (listener: ListenerPlan, groups: ReadonlySet<string>): void => {
  const { id, rules, certificates } = listener
  named(id)
  for (const certificate of certificates) named(certificate.id)
  if (rules.length === 0) throw new Fault('invalid', `listener ${id} has no rule`)
  if (takesDatagrams(listener) && rules.at(-1)?.action.do !== 'forward')
    throw new Fault('invalid', `listener ${id} can only forward datagrams`)
  for (const [index, rule] of rules.entries()) soundRule(rule, index === rules.length - 1, groups)
}

const soundGroup = ({ id, targets }: GroupPlan): void => {
  named(id)
  once(
    'target',
    targets.map(({ address, port }) => `${address}:${port}`),
  )
}

/** Fault "invalid" tells what cannot be had. */
export const assertSound = (plan: BalancerPlan): void => {
  named(plan.id)
  for (const group of plan.groups) soundGroup(group)
  once(
    'group',
    plan.groups.map(({ id }) => id),
  )
  once(
    'port',
    plan.listeners.map(({ port }) => port),
  )
  const groups = new Set(plan.groups.map(({ id }) => id))
  for (const listener of plan.listeners) soundListener(listener, groups)
}
