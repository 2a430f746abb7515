// How long a task that is to stop goes on serving, as a table that can be read aloud.

import { expect, it } from 'vitest'
import type { StopRequest } from '#apis/ecs/model/task.ts'
import { heldUntil, type Registration } from './draining.ts'
import type { Member } from './roster.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const seconds = (count: number): number => NOW + count * 1000

const member = (name: string, lastStatus: string, stopTimeout?: number): Member =>
  ({ name, definition: { stopTimeout }, container: { lastStatus } }) as unknown as Member

const WEB = member('web', 'RUNNING')
const ENDED = member('web', 'STOPPED')
const PATIENT = member('web', 'RUNNING', 120)
const SIDE = member('side', 'RUNNING')

const at = (containerName: string, until?: number): Registration =>
  until === undefined ? { containerName } : { containerName, until: seconds(until) }

const asked = (graceSeconds?: number, ago = 0): StopRequest =>
  ({
    at: new Date(seconds(-ago)).toISOString(),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
  }) as StopRequest

it.each<[string, readonly Registration[], readonly Member[], StopRequest | undefined, number | undefined]>([
  ['nothing is registered', [], [WEB], asked(), undefined],
  ['a group still drains', [at('web', 30)], [WEB], asked(), 30],
  ['of several groups the last one counts', [at('web', 10), at('web', 60)], [WEB], asked(), 60],
  ['its time is over', [at('web', -1)], [WEB], asked(), undefined],
  ['it is not asked to let go yet', [at('web')], [WEB], asked(), Number.POSITIVE_INFINITY],
  ['what served it has ended', [at('web', 30)], [ENDED, SIDE], asked(), undefined],
  ['nobody asked: a container beside it has ended', [at('web', 30)], [WEB], undefined, 30],
  ['Spot gives two minutes, thirty seconds of which are stopTimeout', [at('web', 300)], [WEB], asked(120), 90],
  ['Spot’s notice was a minute ago', [at('web', 300)], [WEB], asked(120, 60), 30],
  ['the stopTimeout is as long as Spot’s notice', [at('web', 300)], [PATIENT], asked(120), undefined],
])('%s', (_, registrations, members, stop, until) => {
  const held = heldUntil(registrations, members, { stop, now: NOW })
  expect(held).toBe(until === undefined ? undefined : seconds(until))
})
