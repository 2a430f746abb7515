// The log shipper killed with SIGKILL again and again while containers write: every line arrives once and in order.

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { openSqliteLogStore } from '#telemetry/logs/sqlite/sqlite-log-store.ts'
import { createLogShipper } from './controller.ts'

const CONTAINERS = Array.from({ length: 6 }, (_, n) => `c${n}`)
const KILLS = 20

const streamOf = (id: string) => ({ account: '123456789012', region: 'eu-west-1', group: 'g', stream: id })

/** Writes numbered lines of both outputs, some of them cut as conmon cuts them, until it is told to stop. */
const writer = `
  import { appendFileSync } from 'node:fs'
  const [folder, ...ids] = process.argv.slice(1)
  let n = 0
  const line = (output, tag, text) => new Date().toISOString().replace('Z', '000000+00:00') + ' ' + output + ' ' + tag + ' ' + text + '\\n'
  const timer = setInterval(() => {
    for (const id of ids) {
      let text = ''
      for (let k = n; k < n + 50; k++) {
        const output = k % 7 === 0 ? 'stderr' : 'stdout'
        if (k % 10 === 0) text += line(output, 'P', 'line ') + line(output, 'F', String(k))
        else text += line(output, 'F', 'line ' + k)
      }
      appendFileSync(folder + '/' + id + '.log', text)
    }
    n += 50
  }, 5)
  process.on('SIGTERM', () => { clearInterval(timer); process.stdout.write(String(n)) })
  // Never longer than the test: it must not fill the disk when it is left alone.
  setTimeout(() => process.exit(1), 100_000).unref()
`

const shipper = `
  import { systemClock } from '#base/clock.ts'
  import { jsonLog } from '#base/log.ts'
  import { createLogShipper } from '#controllers/log-shipper/controller.ts'
  import { openThreadLogStore } from '#telemetry/logs/thread/thread-log-store.ts'
  const [folder, ...ids] = process.argv.slice(1)
  const logs = await openThreadLogStore({ folder: folder + '/store' })
  const shipper = createLogShipper({ logs, clock: systemClock, log: jsonLog(() => new Date()) })
  for (const id of ids) {
    const stream = { account: '123456789012', region: 'eu-west-1', group: 'g', stream: id }
    shipper.ship({ containerId: id, file: folder + '/' + id + '.log', stream, options: {}, finished: false })
  }
  void shipper.run(new AbortController().signal)
  setInterval(() => {}, 1000)
  process.stdout.write('up')
`

const started = (program: string, folder: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '-e', program, folder, ...CONTAINERS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve))

it('loses, doubles and reorders nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ng-shipper-kill-'))
  const writing = started(writer, folder)
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = started(shipper, folder)
      const end = ended(child)
      const up = new Promise((resolve) => child.stdout!.once('data', resolve))
      await Promise.race([up, end.then(() => Promise.reject(new Error('the shipper did not start')))])
      await sleep((kill * 37) % 200)
      child.kill('SIGKILL')
      await end
    }
    let written = ''
    writing.stdout!.on('data', (chunk) => (written += String(chunk)))
    const end = ended(writing)
    writing.kill('SIGTERM')
    await end

    const logs = await openSqliteLogStore({ folder: join(folder, 'store') })
    const life = new AbortController()
    const last = createLogShipper({ logs, clock: systemClock, log: silentLog })
    const running = last.run(life.signal)
    for (const id of CONTAINERS) {
      const file = join(folder, `${id}.log`)
      last.ship({ containerId: id, file, stream: streamOf(id), options: {}, finished: true })
      await last.flush(id)
      const stored = await logs.read(streamOf(id), { direction: 'forward', limit: 10_000_000 })
      const wrong = stored.findIndex((event, at) => event.message !== `line ${at}`)
      expect({ wrong, around: stored.slice(Math.max(0, wrong - 2), wrong + 3).map((event) => event.message) }).toEqual({
        wrong: -1,
        around: stored.slice(0, 2).map((event) => event.message),
      })
      expect(stored.length).toBe(Number(written))
    }
    life.abort()
    await running
    await logs.close()
  } finally {
    writing.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
})
