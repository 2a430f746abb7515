// Shared work: done once, given up only when nobody waits any more.

import { describe, expect, it } from 'vitest'
import { Flights, Slots } from './flights.ts'

const deferred = () => Promise.withResolvers<string>()

describe('work that several want', () => {
  it('is done once, and anew for those who come later', async () => {
    const flights = new Flights<number>()
    let count = 0
    const work = async (): Promise<number> => ++count
    expect(await Promise.all([flights.join('a', work), flights.join('a', work), flights.join('b', work)])).toEqual([
      1, 1, 2,
    ])
    expect(await flights.join('a', work)).toBe(3)
  })

  it('goes on for those who stay, and is aborted with the last who leaves', async () => {
    const flights = new Flights<string>()
    const { promise, reject } = deferred()
    let seen: AbortSignal | undefined
    const work = (signal: AbortSignal): Promise<string> => {
      seen = signal
      signal.addEventListener('abort', () => reject(signal.reason))
      return promise
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const joined = [flights.join('a', work, first.signal), flights.join('a', work, second.signal)]
    first.abort(new Error('first'))
    await expect(joined[0]).rejects.toThrow('first')
    expect(seen?.aborted).toBe(false)
    second.abort(new Error('second'))
    await expect(joined[1]).rejects.toThrow('second')
    expect(seen?.aborted).toBe(true)
    expect(await flights.join('a', async () => 'new')).toBe('new')
    await flights.settled()
  })

  it('fails for all who wait, and not for those who come after', async () => {
    const flights = new Flights<string>()
    const { promise, reject } = deferred()
    const joined = [flights.join('a', () => promise), flights.join('a', () => promise)]
    reject(new Error('broken'))
    expect((await Promise.allSettled(joined)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await flights.join('a', async () => 'fine')).toBe('fine')
  })

  it('is not begun for one who has given up already', async () => {
    const work = flightsWork()
    await expect(new Flights<string>().join('a', work.run, AbortSignal.abort(new Error('late')))).rejects.toThrow(
      'late',
    )
    expect(work.begun()).toBe(false)
  })
})

const flightsWork = () => {
  let begun = false
  const run = async (): Promise<string> => {
    begun = true
    return ''
  }
  return { run, begun: () => begun }
}

it('slots let only so many run, and free a place after a failure', async () => {
  const slots = new Slots(2)
  let running = 0
  let most = 0
  const work = async (fails: boolean): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running -= 1
    if (fails) throw new Error('broken')
  }
  const all = await Promise.allSettled(Array.from({ length: 9 }, (_, at) => slots.run(() => work(at % 3 === 0))))
  expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(3)
  expect(most).toBe(2)
})
