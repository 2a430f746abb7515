// The SQLite log store when the world fails: the process is killed in the middle of appends, the disk is full.

import { execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemRandom } from '#base/random.ts'
import { openSqliteLogStore } from './sqlite-log-store.ts'

const LANES = [0, 1, 2, 3]
const streamOf = (lane: number) => ({
  account: '123456789012',
  region: 'eu-west-1',
  group: 'g',
  stream: `lane-${lane}`,
})

/** Ships the numbers 1, 2, 3, … of each lane from where the store says it left off, and says what was acknowledged. */
const shipper = `
  import { openSqliteLogStore } from '#telemetry/logs/sqlite/sqlite-log-store.ts'
  const logs = await openSqliteLogStore({ folder: process.argv.at(-1) })
  const ship = async (lane) => {
    const stream = { account: '123456789012', region: 'eu-west-1', group: 'g', stream: 'lane-' + lane }
    let done = (await logs.position(stream, 'file')) ?? 0
    for (;;) {
      const size = 1 + (done * 7919) % 400
      const events = Array.from({ length: size }, (_, n) => ({ timestamp: done + n + 1, message: 'line ' + (done + n + 1) }))
      done += size
      await logs.append(stream, events, { ingestionTime: 1, source: { name: 'file', position: done } })
      process.stdout.write(lane + ' ' + done + '\\n')
    }
  }
  for (const lane of [0, 1, 2, 3]) ship(lane)
`

const killedAfter = async (folder: string, count: number): Promise<Map<number, number>> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', shipper, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged = new Map<number, number>()
  let text = ''
  let seen = 0
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = (text + chunk).split('\n')
    text = lines.pop()!
    for (const line of lines) {
      const [lane, done] = line.split(' ').map(Number)
      acknowledged.set(lane!, done!)
    }
    seen += lines.length
    if (seen >= count) child.kill('SIGKILL')
  }
  return acknowledged
}

it('loses nothing acknowledged and doubles nothing, however often it is killed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ng-logs-kill-'))
  const folder = join(root, 'logs')
  try {
    let acknowledged = new Map<number, number>()
    for (let round = 0; round < 30; round++) {
      const fresh = await killedAfter(folder, 1 + ((round * 23) % 60))
      acknowledged = new Map([...acknowledged, ...fresh])
    }
    const logs = await openSqliteLogStore({ folder })
    for (const lane of LANES) {
      const stored = await logs.read(streamOf(lane), { direction: 'forward', limit: 10_000_000 })
      expect(stored.length).toBe(await logs.position(streamOf(lane), 'file'))
      expect(stored.length).toBeGreaterThanOrEqual(acknowledged.get(lane) ?? 0)
      expect(stored.findIndex((event, at) => event.message !== `line ${at + 1}` || event.sequence !== at + 1)).toBe(-1)
    }
    await logs.close()
  } finally {
    await rm(root, { recursive: true })
  }
})

it('refuses a batch while the disk is full, keeps reading, and takes it again when there is room', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ng-logs-full-'))
  const disk = join(root, 'disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk])
  try {
    const logs = await openSqliteLogStore({ folder: join(disk, 'logs') })
    const stream = streamOf(0)
    const append = (timestamp: number, size: number): Promise<void> =>
      logs.append(stream, [{ timestamp, message: systemRandom.hex(size) }], {
        ingestionTime: 1,
        source: { name: 'file', position: timestamp },
      })
    await append(1, 1000)
    await writeFile(join(disk, 'ballast'), Buffer.alloc(2_400_000))
    await expect(append(2, 1_900_000)).rejects.toMatchObject({ name: 'Fault', kind: 'no-space' })
    expect(await logs.position(stream, 'file')).toBe(1)
    expect(await logs.read(stream, { direction: 'forward', limit: 9 })).toHaveLength(1)
    await rm(join(disk, 'ballast'))
    await append(2, 800_000)
    expect(await logs.read(stream, { direction: 'forward', limit: 9 })).toHaveLength(2)
    await logs.close()
  } finally {
    execFileSync('umount', ['--lazy', disk])
    await rm(root, { recursive: true })
  }
})
