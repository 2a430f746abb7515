// Whoever waits for one of several signals goes on at the first, and leaves nothing behind at the others.

import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { aborted } from './aborted.ts'

it('resolves when the first of the signals aborts, and lets go of the others', async () => {
  const [life, woken] = [new AbortController(), new AbortController()]
  let isOver = false
  const waiting = aborted(life.signal, woken.signal).then(() => (isOver = true))
  await Promise.resolve()
  expect(isOver).toBe(false)
  woken.abort()
  await waiting
  expect(getEventListeners(life.signal, 'abort')).toEqual([])
})

it('resolves at once where one has aborted already', async () => {
  await expect(aborted(new AbortController().signal, AbortSignal.abort())).resolves.toBeUndefined()
})
