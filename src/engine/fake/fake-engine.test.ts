// The fake engine against the suite of all engines, and what only a fake can be told to do.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Fault } from '#base/fault.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { engineConformance, type Behaviour, type EngineHarness } from '../conformance.ts'
import type { EngineTask } from '../engine.ts'
import { plainContainer } from '../plain-container.ts'
import { FakeEngine } from './fake-engine.ts'
import { FakeImages } from './fake-images.ts'
import type { FakeScript } from './script.ts'

const scriptOf = (behaviour: Behaviour): FakeScript => {
  switch (behaviour.does) {
    case 'run':
      return { stopExitCode: behaviour.stopExitCode }
    case 'exit':
      return { exitAfterSeconds: 0.05, exitCode: behaviour.exitCode }
    case 'ignore-stop':
      return { ignoresStop: true }
    case 'name-no-program':
      return { createFault: () => new Fault('invalid', 'no such program') }
  }
}

engineConformance('the fake engine', async (): Promise<EngineHarness> => {
  const clock = new SimulatedClock()
  const engine = new FakeEngine({ clock })
  const imageDigest = engine.images.register('busybox')
  await engine.images.pull('busybox')
  return {
    engine,
    imageDigest,
    networkNamespace: () => '/proc/self/ns/net',
    behave: (name, behaviour) => {
      engine.script(name, scriptOf(behaviour))
      return {}
    },
    execOf: (name, wanted) => {
      if (wanted === 'never ends') {
        engine.script(name, { execSeconds: Number.POSITIVE_INFINITY })
        void clock.advance(60)
      } else engine.script(name, { exec: () => wanted })
      return ['true']
    },
    pass: () => clock.advance(0.1),
    reopen: async () => engine,
    leftovers: async () => [],
    close: async () => {},
  }
})

const TASK = 'a'.repeat(32)
const task: EngineTask = {
  id: TASK,
  networkNamespacePath: '/proc/self/ns/net',
  hostname: 'host',
  cpuMillis: 250,
  memoryMiB: 512,
  storageGiB: 20,
  pidMode: 'container',
  isolation: 'default',
  volumes: [],
  dns: { servers: [], search: [] },
  hosts: [],
}

describe('the fake engine does as its scripts say', () => {
  const opened = async (script: FakeScript, outputFolder?: string) => {
    const clock = new SimulatedClock()
    const engine = new FakeEngine({ clock, ...(outputFolder === undefined ? {} : { outputFolder }) })
    const imageDigest = engine.images.register('app:1')
    await engine.images.pull('app:1')
    engine.script(imageDigest, script)
    await engine.prepare(task)
    const container = plainContainer({
      id: `${TASK}-0000000001`,
      taskId: TASK,
      name: 'app',
      imageDigest,
    })
    const state = async () => (await engine.observeTask(TASK))?.containers[0]
    return { clock, engine, container, state }
  }

  it('ends by itself at the second it was told to, out of memory', async () => {
    const { clock, engine, container, state } = await opened({ exitAfterSeconds: 90, exitCode: 137, oomKilled: true })
    await engine.create(container)
    await engine.start(container.id)
    await clock.advance(89)
    expect(await state()).toMatchObject({ state: 'running' })
    await clock.advance(1)
    expect(await state()).toMatchObject({
      state: 'exited',
      exitCode: 137,
      oomKilled: true,
      finishedAt: '2026-01-01T00:01:30.000Z',
    })
  })

  it('takes its time to be made and to stop', async () => {
    const { clock, engine, container, state } = await opened({ createSeconds: 10, stopSeconds: 5, stopExitCode: 0 })
    const making = engine.create(container)
    await clock.advance(9)
    expect(await state()).toBeUndefined()
    await clock.advance(1)
    await making
    await engine.start(container.id)
    await engine.signal(container.id, 'STOP')
    expect(await state()).toMatchObject({ state: 'running' })
    await clock.advance(5)
    expect(await state()).toMatchObject({ state: 'exited', exitCode: 0 })
  })

  it('fails as often as it was told to', async () => {
    let left = 2
    const createFault = () => (left-- > 0 ? new Fault('no-space', 'disk full') : undefined)
    const { engine, container, state } = await opened({ createFault })
    await expect(engine.create(container)).rejects.toMatchObject({ kind: 'no-space' })
    await expect(engine.create(container)).rejects.toMatchObject({ kind: 'no-space' })
    await engine.create(container)
    expect(await state()).toMatchObject({ state: 'created' })
    expect(engine.diary).toEqual([`prepare ${TASK}`, 'create app'])
  })

  it('prints what it is told into the file that it names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fake-engine-'))
    try {
      const { engine, container, state } = await opened({ output: ['ready'] }, folder)
      await engine.create(container)
      await engine.start(container.id)
      engine.print(container.id, 'oops', 'stderr')
      expect(readFileSync((await state())?.outputFile ?? '', 'utf8')).toBe(
        '2026-01-01T00:00:00.000000000+00:00 stdout F ready\n2026-01-01T00:00:00.000000000+00:00 stderr F oops\n',
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the fake registry', () => {
  it('serves what was registered, to those it was registered for', async () => {
    const images = new FakeImages()
    await expect(images.pull('app:1')).rejects.toMatchObject({ kind: 'not-found' })
    const digest = images.register('app:1', { credentials: { username: 'u', password: 'p' }, config: { user: '7' } })
    await expect(images.pull('app:1')).rejects.toMatchObject({ kind: 'denied' })
    expect(await images.pull('app:1', { username: 'u', password: 'p' })).toMatchObject({
      digest,
      config: { user: '7' },
    })
    expect((await images.list()).map((image) => image.references)).toEqual([['app:1']])
    await images.remove('app:1')
    expect(images.byDigest(digest)).toBeUndefined()
  })

  it('fails pulls as told', async () => {
    const images = new FakeImages()
    images.register('app:1')
    images.failPulls('app:1', new Fault('unreachable', 'i/o timeout'))
    await expect(images.pull('app:1')).rejects.toMatchObject({ kind: 'unreachable' })
    images.failPulls('app:1', undefined)
    await images.pull('app:1')
    await images.pull('app:1')
    expect(images.fetched).toEqual(['app:1'])
  })
})
