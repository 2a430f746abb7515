// Goal: a service sleeps when nobody has asked for it, wakes when somebody does, and is left alone otherwise.

import { describe, expect, it } from 'vitest'
import { idleSecondsOf, SCALE_TO_ZERO_TAG } from '#apis/ecs/model/scale-to-zero.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { ServiceArn } from '#aws/arn.ts'
import { nextStep, type Seen } from './plan.ts'

/** "2 steady 60": desired count, whether it is steady, the tag's value. */
const service = (text: string): ServiceRecord => {
  const [desired = '', how = '', tag] = text.split(' ')
  return {
    spec: { desiredCount: Number(desired), tags: tag === undefined ? [] : [{ key: SCALE_TO_ZERO_TAG, value: tag }] },
    status: { state: how === 'draining' ? 'DRAINING' : 'ACTIVE', isSteady: how === 'steady' },
  } as unknown as ServiceRecord
}
const sleeping = (desiredCount: number) => ({ serviceArn: 'arn' as ServiceArn, desiredCount, since: '' })
const step = (text: string, seen: Partial<Seen>): string => {
  const next = nextStep({
    service: service(text),
    sleeping: undefined,
    canBeWoken: true,
    isAsked: false,
    idleSeconds: 0,
    ...seen,
  })
  return next.do === 'wake' ? `wake to ${next.desiredCount}` : next.do
}

describe('a service', () => {
  it.each<[service: string, seen: Partial<Seen>, step: string]>([
    ['2 steady 60', { idleSeconds: 59 }, 'rest'],
    ['2 steady 60', { idleSeconds: 60 }, 'sleep'],
    ['2 steady 60', { idleSeconds: 60, isAsked: true }, 'rest'],
    ['2 deploying 60', { idleSeconds: 600 }, 'rest'],
    ['2 steady', { idleSeconds: 600 }, 'rest'],
    ['2 steady soon', { idleSeconds: 600 }, 'rest'],
    ['2 steady 60', { idleSeconds: 600, canBeWoken: false }, 'rest'],
    ['2 draining 60', { idleSeconds: 600 }, 'rest'],
    ['0 steady 60', {}, 'rest'],
    ['0 steady 60', { sleeping: sleeping(3) }, 'rest'],
    ['0 steady 60', { sleeping: sleeping(3), isAsked: true }, 'wake to 3'],
    ['0 deploying 60', { sleeping: sleeping(3), isAsked: true }, 'wake to 3'],
    ['0 steady 60', { isAsked: true }, 'wake to 1'],
    ['0 steady', { isAsked: true }, 'rest'],
    ['0 steady', { sleeping: sleeping(3) }, 'wake to 3'],
    ['0 steady 60', { sleeping: sleeping(3), canBeWoken: false }, 'wake to 3'],
    ['5 steady 60', { sleeping: sleeping(3), idleSeconds: 600 }, 'forget'],
    ['0 draining 60', { sleeping: sleeping(3), isAsked: true }, 'rest'],
  ])('%s, %j: %s', (text, seen, expected) => {
    expect(step(text, seen)).toBe(expected)
  })

  it.each([
    ['60', 60],
    ['1', 1],
    ['0', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['5m', undefined],
    ['', undefined],
  ])('%j is %s seconds', (tag, seconds) => {
    expect(idleSecondsOf(service(`1 steady ${tag}`))).toBe(seconds)
  })
})
