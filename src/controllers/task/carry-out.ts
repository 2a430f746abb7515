// Does what one step says, and tells what came to light. Throws Fault when the world failed.

import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Engine, PulledImage } from '#engine/engine.ts'
import type { LogShipper } from '../log-shipper/shipment.ts'
import type { Step } from './facts.ts'
import { FLUSH_LONGEST_SECONDS } from './limits.ts'
import type { Notice } from './notes.ts'
import type { Slots } from './slots.ts'

export interface World {
  readonly engine: Engine
  readonly shipper: LogShipper
  readonly clock: Clock
  readonly log: Log
  /** Shared by all tasks. */
  readonly engineSlots: Slots
  readonly healthSlots: Slots
}

export const carryOut = async (step: Step, world: World, signal: AbortSignal): Promise<Notice[]> => {
  const { engine, engineSlots, healthSlots } = world
  const now = (): string => world.clock.now().toISOString()
  switch (step.do) {
    case 'pull': {
      const startedAt = now()
      const image = await pulled(step, engine, signal)
      return [
        { what: 'pull-started', at: startedAt },
        { what: 'pulled', container: step.container, image, at: now() },
      ]
    }
    case 'prepare':
      await engineSlots.run(() => engine.prepare(step.task))
      return []
    case 'create':
    case 'recreate': {
      const createdAt = await engineSlots.run(async () => {
        await (step.do === 'create' ? engine.create(step.container) : engine.recreate(step.container))
        const at = now()
        // The task may have been stopped meanwhile: then what was made is never started.
        if (step.thenStart && !signal.aborted) await engine.start(step.container.id)
        return at
      })
      return [{ what: 'created', container: step.container.name, at: createdAt }]
    }
    case 'start':
      await engineSlots.run(() => engine.start(step.id))
      return []
    case 'signal':
      await engine.signal(step.id, step.signal)
      return [{ what: 'signaled', container: step.container, signal: step.signal, at: now() }]
    case 'check-health':
      return healthSlots.run(() => checkHealth(step, world))
    case 'ship':
      world.shipper.ship(step.shipment)
      return [{ what: 'shipped', key: step.key }]
    case 'flush-logs':
      return flushLogs(step.ids, world, signal)
    case 'remove':
      // The files go: nobody may hold them open.
      for (const id of step.ids) world.shipper.forget(id)
      await engineSlots.run(() => engine.remove(step.taskId))
      return []
  }
}

/** An image that is pinned and here need not be asked for; it may have come without a registry. */
const pulled = async (
  { image, digest }: Step & { do: 'pull' },
  { images }: Engine,
  signal: AbortSignal,
): Promise<PulledImage> => {
  if (digest === undefined) return images.pull(image, undefined, signal)
  try {
    return await images.pull(digest, undefined, signal)
  } catch (error) {
    if (!isFault(error, 'not-found')) throw error
    return images.pull(`${image.split('@', 1)[0]}@${digest}`, undefined, signal)
  }
}

const checkHealth = async (step: Step & { do: 'check-health' }, { engine, clock }: World): Promise<Notice[]> => {
  const { container, life, counts, retries, before, timeoutSeconds } = step
  const begunAt = clock.now().toISOString()
  const verdict = (exitCode: number, output: string): Notice[] => {
    const at = clock.now().toISOString()
    return [{ what: 'health-checked', container, life, counts, retries, before, exitCode, output, begunAt, at }]
  }
  try {
    const { exitCode, output } = await engine.exec(step.id, step.command, timeoutSeconds)
    return verdict(exitCode, output)
  } catch (error) {
    // It ended while it was being asked: its exit will tell.
    if (isFault(error, 'not-found')) return []
    if (isFault(error, 'timeout')) return verdict(-1, `Health check exceeded timeout (${timeoutSeconds}s)`)
    if (isFault(error)) return verdict(-1, error.message)
    throw error
  }
}

/** A log store that refuses for long must not keep the task, its address and its disk for ever. */
const flushLogs = async (ids: readonly string[], world: World, signal: AbortSignal): Promise<Notice[]> => {
  const patience = new AbortController()
  const isLate = world.clock.sleep(FLUSH_LONGEST_SECONDS, AbortSignal.any([patience.signal, signal])).then(() => true)
  const isDone = Promise.all(ids.map((id) => flushed(id, world))).then(() => false)
  try {
    if (await Promise.race([isDone, isLate])) {
      if (signal.aborted) return []
      world.log.warn('task-logs-late', { container: ids[0], seconds: FLUSH_LONGEST_SECONDS })
    }
    return [{ what: 'logs-flushed' }]
  } finally {
    patience.abort()
    // The race is over; a flush that fails after it is nobody's.
    isDone.catch(() => undefined)
  }
}

const flushed = async (id: string, world: World): Promise<void> => {
  try {
    await world.shipper.flush(id)
  } catch (error) {
    // Nothing was shipped of it, so nothing is missing.
    if (!isFault(error, 'not-found')) throw error
  }
}
