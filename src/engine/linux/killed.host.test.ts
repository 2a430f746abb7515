// The engine's process is killed at random moments of launches and stops; the next one repairs by looking.

import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { containerOf, openTrial, rememberGvisor, taskOf, TASK } from './host-for-tests.ts'
import type { ContainerObservation, EngineContainer, EngineTask } from '../engine.ts'
import { openLinuxEngine, type LinuxEngine } from './linux-engine.ts'

it.each([
  { isolation: 'default', kills: 50 },
  // A sandbox takes ten times as long to make.
  { isolation: 'gvisor', kills: 15 },
] as const)(
  'leaves nothing and doubles nothing when killed (%o)',
  { timeout: 300_000 },
  async ({ isolation, kills }) => {
    const trial = await openTrial()
    if (isolation === 'gvisor') await rememberGvisor(trial)
    const folder = dirname(trial.options.dataDir)
    // Each start of a container leaves a line, so that a second start would show.
    const script = 'echo started; trap "exit 0" TERM; while :; do sleep 0.05; done'
    const containers = [1, 2].map((n) => containerOf({ name: `c${n}`, entryPoint: ['/bin/sh', '-c', script] }))
    const task = taskOf(trial, { volumes: ['v'], isolation })
    const plan = { ...trial.options, imageFolder: folder, task, containers }
    writeFileSync(join(folder, 'data', 'plan.json'), JSON.stringify({ ...plan, images: undefined, clock: undefined }))
    const drive = join(import.meta.dirname, 'drive-for-kill-test.ts')
    let { engine } = trial
    try {
      for (let round = 0; round < kills; round++) {
        await engine.close()
        const child = spawn(process.execPath, [drive, join(folder, 'data', 'plan.json')], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        await new Promise((resolve) => child.stdout.once('data', resolve))
        await systemClock.sleep(Math.random() * (isolation === 'gvisor' ? 1.5 : 0.4))
        child.kill('SIGKILL')
        await new Promise((resolve) => child.once('exit', resolve))

        engine = await openLinuxEngine(trial.options)
        const before = (await engine.observe()).flatMap((one) => one.containers)
        // Odd rounds go on from where it died, even rounds clear away.
        if (round % 2 === 1) await goOn(engine, task, containers, before)
        expect(processesOf(trial.options.instance)).toBeLessThanOrEqual(2)
        await engine.remove(TASK)
        expect(await engine.observe()).toEqual([])
        expect((await trial.leftovers()).filter((line) => line.includes(TASK))).toEqual([])
      }
    } finally {
      await engine.destroy()
      const left = await trial.leftovers()
      await trial.close()
      expect(left).toEqual([])
    }
  },
)

it('takes a container for started that a killed server had just let go', async () => {
  const trial = await openTrial({ runtime: 'crun' })
  const container = containerOf({ command: ['/bin/sleep', '60'] })
  await trial.engine.prepare(taskOf(trial))
  await trial.engine.create(container)
  await trial.engine.close()
  // As a server does, up to the moment before it takes the file away.
  const folder = join(trial.options.runDir, 'engine', 'runtime', 'crun', container.id)
  const fifo = openSync(join(folder, 'exec.fifo'), 'w')
  writeSync(fifo, Buffer.alloc(1))
  closeSync(fifo)
  const made = (await trial.engine.observeTask(TASK))?.containers[0]
  expect(made?.state).toBe('created')

  const engine = await openLinuxEngine(trial.options)
  await engine.start(container.id)
  expect((await engine.observeTask(TASK))?.containers[0]?.state).toBe('running')
  await engine.destroy()
  await trial.close()
})

/** What the task controller does after a restart: asks for everything again. */
const goOn = async (
  engine: LinuxEngine,
  task: EngineTask,
  containers: readonly EngineContainer[],
  before: readonly ContainerObservation[],
): Promise<void> => {
  await engine.prepare(task)
  for (const container of containers) {
    await engine.create(container)
    await engine.start(container.id)
  }
  const after = (await engine.observeTask(TASK))?.containers ?? []
  expect(after.map((one) => one.id).toSorted()).toEqual(containers.map((one) => one.id))
  // What ran and still runs is the same process.
  const running = before.filter((found) => found.state === 'running')
  const now = running.map(({ id }) => after.find((one) => one.id === id && one.state === 'running'))
  expect(now.filter((one) => one !== undefined && !running.some((was) => was.pid === one.pid))).toEqual([])
  for (const { outputFile } of after) {
    const text = existsSync(outputFile) ? readFileSync(outputFile, 'utf8') : ''
    expect(text.split('\n').filter((line) => line.includes('started')).length).toBeLessThanOrEqual(1)
  }
}

/** First processes of containers of that instance: those whose parent is a conmon, but for those that serve files. */
const processesOf = (instance: string): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, parent = ''] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
        const isOurs = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`neargate-${instance}`)
        const serves = readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('runsc-gofer')
        return isOurs && !serves && readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes('conmon')
      } catch {
        // Processes end while we look.
        return false
      }
    }).length
