// How long a service waits when its tasks do not live.

import { describe, expect, it } from 'vitest'
import type { StartThrottle } from '#apis/ecs/model/service.ts'
import { allowedStarts, paused, throttled } from './pace.ts'

const START = Date.parse('2026-01-01T00:00:00Z')
const text = (at: number): string => new Date(at).toISOString()

/** Seconds from each failure to the next try, when every try fails at once. */
const waits = (fail: typeof throttled, rounds: number): number[] => {
  let now = START
  let record: StartThrottle | undefined
  return Array.from({ length: rounds }, () => {
    record = fail(record, text(now), now)
    const seconds = (Date.parse(record.notBefore) - now) / 1000
    now += seconds * 1000
    return seconds
  })
}

describe('tasks that stop before they run', () => {
  it('are tried again after ever longer, up to 27 minutes', () => {
    expect(waits(throttled, 11)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1620, 1620])
  })

  it('count as one round when they were started together', () => {
    const first = throttled(undefined, text(START), START)
    const second = throttled(first, text(START), START + 1000)
    expect(second).toEqual({ ...first, since: text(START + 1000) })
  })

  it('hold every start back until then', () => {
    const throttle = throttled(undefined, text(START), START)
    expect(allowedStarts(4, { throttle }, START + 4999)).toEqual({ count: 0, again: START + 5000 })
    expect(allowedStarts(4, { throttle }, START + 5000)).toEqual({ count: 4 })
  })
})

describe('tasks that end soon after they ran', () => {
  it('are replaced after ever longer, up to half a minute', () => {
    expect(waits(paused, 7)).toEqual([1, 2, 4, 8, 16, 30, 30])
  })

  it('hold back only as many starts as there were ends', () => {
    const first = paused(undefined, text(START), START)
    const pause = paused(first, text(START), START + 100)
    expect(allowedStarts(5, { pause }, START + 200)).toEqual({ count: 3, again: START + 1000 })
    expect(allowedStarts(2, { pause }, START + 200)).toEqual({ count: 0, again: START + 1000 })
    expect(allowedStarts(5, { pause }, START + 1000)).toEqual({ count: 5 })
  })

  it('begin anew when there was peace for a while', () => {
    const first = paused(undefined, text(START), START)
    expect(paused(first, text(START + 200_000), START + 200_000).failures).toBe(1)
  })
})
