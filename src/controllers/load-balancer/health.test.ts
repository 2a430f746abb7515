// What the load balancer sees of a target in AWS's states, reasons and words: a table that can be read aloud.

import { expect, it } from 'vitest'
import type { TargetObservation } from '#dataplane/balancer/balancer.ts'
import { activeBalancerRow, CREATED_AT, groupRow, targetRow } from '#test/balancer/rows.ts'
import type { Facts } from './facts.ts'
import { targetNews } from './health.ts'

const NOW = new Date(CREATED_AT)
const TARGET = targetRow('10.0.0.9')
const FACTS: Facts = {
  balancer: activeBalancerRow(),
  interfaces: new Map(),
  listeners: [],
  groups: [{ group: groupRow, targets: [TARGET] }],
  addressesBehind: new Map(),
}

const seen = (more: Partial<TargetObservation>): TargetObservation => ({
  groupId: groupRow.id,
  address: TARGET.id,
  port: 80,
  health: 'unhealthy',
  sessions: 0,
  ...more,
})

it.each<[what: string, observation: TargetObservation | undefined, words: readonly (string | undefined)[]]>([
  ['nothing yet', undefined, ['initial', 'Elb.RegistrationInProgress', 'Target registration is in progress']],
  [
    'no answer yet',
    seen({ health: 'unknown' }),
    ['initial', 'Elb.InitialHealthChecking', 'Initial health checks in progress'],
  ],
  ['the right answer', seen({ health: 'healthy' }), ['healthy', undefined, undefined]],
  ['silence', seen({ failure: { why: 'timeout' } }), ['unhealthy', 'Target.Timeout', 'Request timed out']],
  [
    'another code',
    seen({ failure: { why: 'mismatch', code: 404 } }),
    ['unhealthy', 'Target.ResponseCodeMismatch', 'Health checks failed with these codes: [404]'],
  ],
  [
    'a refusal',
    seen({ failure: { why: 'refused' } }),
    ['unhealthy', 'Target.FailedHealthChecks', 'Health checks failed'],
  ],
  [
    'rubbish',
    seen({ failure: { why: 'malformed' } }),
    ['unhealthy', 'Target.FailedHealthChecks', 'Health checks failed'],
  ],
])('%s', (_what, observation, words) => {
  const { changed } = targetNews(FACTS, FACTS, observation === undefined ? [] : [observation], NOW)
  const [{ status } = TARGET] = changed
  expect([status.state, status.reason, status.description]).toEqual(words)
})

it('what is known stays while nobody looks', () => {
  const well = { ...TARGET, status: { state: 'healthy', since: CREATED_AT } } as const
  const facts = { ...FACTS, groups: [{ group: groupRow, targets: [well] }] }
  expect(targetNews(facts, facts, undefined, NOW).changed).toEqual([])
})
