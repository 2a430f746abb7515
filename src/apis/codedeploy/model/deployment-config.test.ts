// Goal: traffic stands where the configuration says, at every minute after the first shift.

import { expect, it } from 'vitest'
import { percentAfter, PREDEFINED, type Routing } from './deployment-config.ts'

const walk = (routing: Routing): string => {
  const steps: string[] = []
  for (let minutes: number | undefined = 0; minutes !== undefined;) {
    const { percent, nextAtMinutes } = percentAfter(routing, minutes)
    steps.push(`${minutes}:${percent}`)
    minutes = nextAtMinutes
  }
  return steps.join(' ')
}

it.each([
  ['CodeDeployDefault.ECSAllAtOnce', '0:100'],
  ['CodeDeployDefault.ECSCanary10Percent5Minutes', '0:10 5:100'],
  ['CodeDeployDefault.ECSCanary10Percent15Minutes', '0:10 15:100'],
  ['CodeDeployDefault.ECSLinear10PercentEvery1Minutes', '0:10 1:20 2:30 3:40 4:50 5:60 6:70 7:80 8:90 9:100'],
  ['CodeDeployDefault.ECSLinear10PercentEvery3Minutes', '0:10 3:20 6:30 9:40 12:50 15:60 18:70 21:80 24:90 27:100'],
])('%s goes %s', (name, steps) => {
  expect(walk(PREDEFINED[name] ?? { type: 'AllAtOnce' })).toBe(steps)
})

it('makes the last step smaller, and stays at a step until the next is due', () => {
  const routing: Routing = { type: 'TimeBasedLinear', percentage: 30, intervalMinutes: 2 }
  expect(walk(routing)).toBe('0:30 2:60 4:90 6:100')
  expect(percentAfter(routing, 3.9)).toEqual({ percent: 60, nextAtMinutes: 4 })
  expect(percentAfter(routing, 500)).toEqual({ percent: 100 })
})
