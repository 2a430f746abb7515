// Two days of retention in simulated time.

import { expect, it } from 'vitest'
import { newLogGroup, retained } from '#apis/logs/model/log-group.ts'
import { newLogStream, streamId } from '#apis/logs/model/log-stream.ts'
import { logGroups, logStreams } from '#apis/logs/tables.ts'
import { Fault } from '#base/fault.ts'
import { silentLog, type Log } from '#base/log.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { memoryLogStore } from '#telemetry/logs/memory/memory-log-store.ts'
import { createLogRetention } from './controller.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '123456789012' }

it('expires each group’s events after its days, a fault in between included, and others never', async () => {
  const clock = new SimulatedClock()
  const store = memoryStore()
  const logs = memoryLogStore()
  const warned: string[] = []
  const log: Log = { ...silentLog, warn: (event) => warned.push(event) }
  const start = clock.now().getTime()
  for (const [name, days] of [
    ['short', 1],
    ['kept', undefined],
  ] as const) {
    await store.write(async (tx) => {
      await tx.put(logGroups, retained(newLogGroup(scope, { name, creationTime: start }), days))
      await tx.put(logStreams, newLogStream(scope, name, 's', start))
    })
    const events = Array.from({ length: 48 }, (_, hour) => ({ timestamp: start + hour * 3600_000, message: `${hour}` }))
    await logs.append(streamId({ scope, group: name, name: 's' }), events, { ingestionTime: start })
  }
  const count = async (group: string): Promise<number> =>
    (await logs.facts(streamId({ scope, group, name: 's' }))).eventCount

  let faults = 1
  const shaky = {
    ...logs,
    expire: async (...args: Parameters<typeof logs.expire>) => {
      if (faults-- > 0) throw new Fault('no-space', 'disk full')
      return logs.expire(...args)
    },
  }
  const life = new AbortController()
  const done = createLogRetention({ store, logs: shaky, clock, log }).run(life.signal)
  await clock.advance(24 * 3600)
  expect(await count('short')).toBe(48)
  await clock.advance(10 * 3600)
  expect(await count('short')).toBe(38)
  await clock.advance(40 * 3600)
  expect([await count('short'), await count('kept')]).toEqual([0, 48])
  expect(warned).toEqual(['log-retention.failed'])
  life.abort()
  await done
})
