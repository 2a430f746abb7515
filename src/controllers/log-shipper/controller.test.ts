// The log shipper with real files in real time, against an in-process log store.

import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { silentLog, type Log } from '#base/log.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import { memoryLogStore } from '#telemetry/logs/memory/memory-log-store.ts'
import { createLogShipper } from './controller.ts'
import type { LogShipper, Shipment, ShipmentOptions } from './shipment.ts'

const line = (text: string, tag = 'F', output = 'stdout'): string =>
  `${new Date().toISOString().replace('Z', '000000+00:00')} ${output} ${tag} ${text}\n`

let folder: string
let logs: LogStore
let shipper: LogShipper
let running: { readonly stop: () => Promise<void> }
const bugs: unknown[] = []
const log: Log = { ...silentLog, bug: (_, error) => bugs.push(error) }

const start = (store: LogStore = logs): void => {
  const life = new AbortController()
  shipper = createLogShipper({ logs: store, clock: systemClock, log })
  const done = shipper.run(life.signal)
  running = {
    stop: async () => {
      life.abort()
      await done
    },
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ng-shipper-'))
  logs = memoryLogStore()
  start()
})
afterEach(async () => {
  await running.stop()
  await rm(folder, { recursive: true })
  if (bugs.length > 0) throw new Error('the shipper told of a bug', { cause: bugs.splice(0) })
})

const streamOf = (id: string) => ({ account: '123456789012', region: 'eu-west-1', group: 'g', stream: `app/${id}` })
const fileOf = (id: string): string => join(folder, `${id}.log`)
const shipment = (id: string, options: ShipmentOptions = {}, finished = false): Shipment => ({
  containerId: id,
  file: fileOf(id),
  stream: streamOf(id),
  options,
  finished,
})
const stored = async (id: string): Promise<string[]> =>
  (await logs.read(streamOf(id), { direction: 'forward', limit: 1_000_000 })).map((event) => event.message)
/** What is stored once there are that many events. */
const arrived = (id: string, count: number): Promise<string[]> =>
  vi.waitUntil(
    async () => {
      const messages = await stored(id)
      return messages.length >= count && messages
    },
    { timeout: 10_000, interval: 5 },
  )

describe('a running container', () => {
  it('has its lines stored as they come, also after it was quiet', async () => {
    await writeFile(fileOf('c'), line('before'))
    shipper.ship(shipment('c'))
    expect(await arrived('c', 1)).toEqual(['before'])
    await appendFile(fileOf('c'), line('one') + line('two', 'F', 'stderr'))
    expect(await arrived('c', 3)).toEqual(['before', 'one', 'two'])
    await new Promise((resolve) => setTimeout(resolve, 300))
    await appendFile(fileOf('c'), line('later'))
    expect(await arrived('c', 4)).toEqual(['before', 'one', 'two', 'later'])
  })

  it('may have no file and no folder yet', async () => {
    const early = { ...shipment('c'), file: join(folder, 'deep', 'c.log') }
    shipper.ship(early)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await mkdir(join(folder, 'deep'))
    await writeFile(early.file, line('hello'))
    expect(await arrived('c', 1)).toEqual(['hello'])
  })

  it('has half a line stored after a while, and the other half by itself', async () => {
    await writeFile(fileOf('c'), line('prompt> ', 'P'))
    shipper.ship(shipment('c'))
    expect(await arrived('c', 1)).toEqual(['prompt> '])
    await appendFile(fileOf('c'), line('answer'))
    expect(await arrived('c', 2)).toEqual(['prompt> ', 'answer'])
  })

  it('with an impossible pattern has its lines stored one by one', async () => {
    await writeFile(fileOf('c'), line('a') + line('b'))
    shipper.ship(shipment('c', { multilinePattern: '(' }))
    expect(await arrived('c', 2)).toEqual(['a', 'b'])
  })
})

describe('flush', () => {
  it('resolves when everything is stored, the unfinished line and event included', async () => {
    await writeFile(fileOf('c'), line('# one') + line('two') + line('cut', 'P') + line('never ended').trimEnd())
    shipper.ship(shipment('c', { multilinePattern: '^#' }))
    await shipper.flush('c')
    expect((await stored('c')).join('')).toBe('# one\ntwo\ncutnever ended\n')
    await shipper.flush('c')
  })

  it('takes in what was written just before', async () => {
    await writeFile(fileOf('c'), '')
    shipper.ship(shipment('c'))
    for (let n = 0; n < 200; n++) await appendFile(fileOf('c'), line(`line ${n}`))
    await shipper.flush('c')
    expect(await stored('c')).toEqual(Array.from({ length: 200 }, (_, n) => `line ${n}`))
  })

  it('of a container without output, or one nobody ships', async () => {
    shipper.ship(shipment('none', {}, true))
    await shipper.flush('none')
    await expect(shipper.flush('stranger')).rejects.toMatchObject({ kind: 'not-found' })
    shipper.forget('none')
    await expect(shipper.flush('none')).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('waits while the log store refuses, and loses and doubles nothing by it', async () => {
    const real = logs
    let refusals = 0
    const full: LogStore = {
      ...real,
      append: async (...args) => {
        if (refusals++ < 1) throw new Fault('no-space', 'disk full')
        await real.append(...args)
        // Taken, but the answer was lost: it will be sent again.
        if (refusals === 2) throw new Fault('failed', 'answer lost')
      },
    }
    await running.stop()
    start(full)
    await writeFile(fileOf('c'), line('a') + line('b', 'P'))
    shipper.ship(shipment('c'))
    await shipper.flush('c')
    expect((await stored('c')).join(' ')).toBe('a b')
  })
})

it('goes on after a restart where it stopped, at whatever moment that was', async () => {
  await writeFile(fileOf('c'), '')
  shipper.ship(shipment('c'))
  const written: string[] = []
  for (let round = 0; round < 25; round++) {
    for (let n = 0; n < 40; n++) {
      const text = `${round}-${n} ${'é'.repeat(n)}`
      const half = Math.floor(text.length / 2)
      const output = n % 3 === 0 ? 'stderr' : 'stdout'
      const whole =
        n % 4 === 0
          ? line(text.slice(0, half), 'P', output) + line(text.slice(half), 'F', output)
          : line(text, 'F', output)
      await appendFile(fileOf('c'), whole)
      written.push(text)
    }
    await new Promise((resolve) => setTimeout(resolve, round * 3))
    await running.stop()
    start()
    shipper.ship(shipment('c'))
  }
  await shipper.flush('c')
  expect((await stored('c')).toSorted()).toEqual(written.toSorted())
})

it('carries a hundred containers at once, each in order', async () => {
  const ids = Array.from({ length: 100 }, (_, n) => `c${n}`)
  for (const id of ids) shipper.ship(shipment(id))
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      ids.map((id) =>
        appendFile(fileOf(id), Array.from({ length: 20 }, (_, n) => line(`${id} ${round * 20 + n}`)).join('')),
      ),
    )
  }
  await Promise.all(ids.map((id) => shipper.flush(id)))
  for (const id of ids) expect(await stored(id)).toEqual(Array.from({ length: 200 }, (_, n) => `${id} ${n}`))
})

it('stores a line of a megabyte as events that fit, and binary as text', async () => {
  const parts = Array.from({ length: 128 }, () => line('x'.repeat(8192), 'P')).join('')
  await writeFile(fileOf('c'), parts + line('end'))
  await appendFile(fileOf('c'), Buffer.concat([Buffer.from(line('').trimEnd() + ' '), Buffer.from([0, 255, 128, 10])]))
  shipper.ship(shipment('c'))
  await shipper.flush('c')
  const messages = await stored('c')
  expect(messages.slice(0, -1).join('')).toBe(`${'x'.repeat(128 * 8192)}end`)
  expect(Math.max(...messages.map((message) => message.length))).toBeLessThan(262_144)
  expect(messages.at(-1)).toBe('\u0000\ufffd\ufffd')
})

it('is not stopped by a file that is no output file at all', async () => {
  await writeFile(fileOf('c'), Buffer.alloc(1_000_000, 0x41))
  shipper.ship(shipment('c'))
  await shipper.flush('c')
  expect((await stored('c')).join('').length).toBe(1_000_000)
})
