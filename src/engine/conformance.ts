// What every engine promises, as one suite that each implementation runs.

import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContainerObservation, Engine, EngineContainer, EngineTask } from './engine.ts'
import { plainContainer } from './plain-container.ts'

/** What a container of the suite does; the harness makes the engine's containers do it. */
export type Behaviour =
  | { readonly does: 'run'; readonly stopExitCode: number }
  | { readonly does: 'exit'; readonly exitCode: number }
  | { readonly does: 'ignore-stop' }
  | { readonly does: 'name-no-program' }

export interface EngineHarness {
  readonly engine: Engine
  /** Digest of an image with a shell. */
  readonly imageDigest: string
  /** What to put into a container of that name so that it behaves like this. */
  readonly behave: (name: string, behaviour: Behaviour) => Partial<EngineContainer>
  /** What to run with exec to see this. */
  readonly execOf: (
    name: string,
    wanted: { readonly exitCode: number; readonly output: string } | 'never ends',
  ) => readonly string[]
  /** The isolation class of the suite's tasks; default: "default". */
  readonly isolation?: EngineTask['isolation']
  /** An empty network namespace for that task. */
  readonly networkNamespace: (taskId: string) => string
  /** Lets a little time pass. */
  readonly pass: () => Promise<void>
  /** The engine as a new process would open it; absent where nothing outlives the engine. */
  readonly reopen?: () => Promise<Engine>
  /** What the engine left on the machine, in words: mounts, cgroups, processes, files. */
  readonly leftovers: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

// Random: some engines know a container on the whole machine by its id, and tests run side by side.
const [TASK, OTHER] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]

export const engineConformance = (title: string, open: () => Promise<EngineHarness>): void => {
  describe(`${title} keeps the promises of an engine`, () => {
    let harness: EngineHarness
    let engine: Engine

    beforeEach(async () => {
      harness = await open()
      engine = harness.engine
    })
    afterEach(async () => {
      await harness.engine.destroy()
      const left = await harness.leftovers()
      await harness.close()
      expect(left).toEqual([])
    })

    const task = (id = TASK): EngineTask => ({
      id,
      networkNamespacePath: harness.networkNamespace(id),
      hostname: 'ip-10-0-1-23.ec2.internal',
      cpuMillis: 250,
      memoryMiB: 512,
      storageGiB: 20,
      pidMode: 'container',
      isolation: harness.isolation ?? 'default',
      volumes: [],
      dns: { servers: ['10.0.0.2'], search: [] },
      hosts: [],
    })
    let count = 0
    const container = (behaviour: Behaviour, name = 'web', taskId = TASK): EngineContainer =>
      plainContainer({
        id: `${taskId}-${String(++count).padStart(10, '0')}`,
        taskId,
        name,
        imageDigest: harness.imageDigest,
        ...harness.behave(name, behaviour),
      })
    const RUN: Behaviour = { does: 'run', stopExitCode: 143 }

    const seen = async (id: string, by: Engine = engine): Promise<ContainerObservation | undefined> =>
      (await by.observeTask(id.slice(0, 32)))?.containers.find((one) => one.id === id)

    const eventually = async (id: string, state: ContainerObservation['state'], by: Engine = engine) => {
      for (let turn = 0; turn < 500; turn++) {
        const found = await seen(id, by)
        if (found?.state === state) return found
        await harness.pass()
      }
      throw new Error(`${id} is ${JSON.stringify(await seen(id, by))} and never became ${state}`)
    }
    const created = async (behaviour: Behaviour, name = 'web', taskId = TASK): Promise<EngineContainer> => {
      await engine.prepare(task(taskId))
      const made = container(behaviour, name, taskId)
      await engine.create(made)
      return made
    }
    const started = async (behaviour: Behaviour, name = 'web', taskId = TASK): Promise<EngineContainer> => {
      const made = await created(behaviour, name, taskId)
      await engine.start(made.id)
      return made
    }

    it('shows a prepared task that has no containers yet', async () => {
      await engine.prepare(task())
      await engine.prepare(task())
      expect(await engine.observe()).toEqual([{ id: TASK, prepared: true, containers: [] }])
      expect(await engine.observeTask(OTHER)).toBeUndefined()
    })

    it('creates a container once and does not start it', async () => {
      const made = await created(RUN)
      await engine.create(made)
      const found = await seen(made.id)
      expect(found).toMatchObject({ id: made.id, taskId: TASK, state: 'created' })
      expect(found).not.toHaveProperty('startedAt')
      expect((await engine.observeTask(TASK))?.containers).toHaveLength(1)
    })

    it('refuses a container of an unknown task or image', async () => {
      await expect(engine.create(container(RUN))).rejects.toMatchObject({ kind: 'not-found' })
      await engine.prepare(task())
      const imageDigest = `sha256:${'0'.repeat(64)}`
      await expect(engine.create({ ...container(RUN), imageDigest })).rejects.toMatchObject({ kind: 'not-found' })
      expect(await engine.observe()).toEqual([{ id: TASK, prepared: true, containers: [] }])
    })

    it('starts a container once', async () => {
      const made = await started(RUN)
      const first = await eventually(made.id, 'running')
      expect(first.pid).toBeGreaterThan(0)
      expect(Date.parse(first.startedAt ?? '')).toBeGreaterThan(0)
      await engine.start(made.id)
      expect(await seen(made.id)).toEqual(first)
    })

    it('refuses to start what it does not know', async () => {
      await expect(engine.start(`${TASK}-0000000001`)).rejects.toMatchObject({ kind: 'not-found' })
    })

    it.each([0, 1, 7, 255])('tells exit code %i', async (exitCode) => {
      const made = await started({ does: 'exit', exitCode })
      const found = await eventually(made.id, 'exited')
      expect(found).toMatchObject({ exitCode, oomKilled: false })
      expect(found).not.toHaveProperty('pid')
      expect(Date.parse(found.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(found.startedAt ?? ''))
    })

    it('does not start again what has exited', async () => {
      const made = await started({ does: 'exit', exitCode: 3 })
      const found = await eventually(made.id, 'exited')
      await engine.start(made.id)
      await engine.create(made)
      await harness.pass()
      expect(await seen(made.id)).toEqual(found)
    })

    it('says "invalid" and keeps nothing when the program does not exist', async () => {
      await engine.prepare(task())
      const made = container({ does: 'name-no-program' })
      const attempt = async (): Promise<void> => {
        await engine.create(made)
        await engine.start(made.id)
      }
      await expect(attempt()).rejects.toMatchObject({ kind: 'invalid' })
      // Asked again, it says the same: a controller that crashed in between repeats the call.
      await expect(attempt()).rejects.toMatchObject({ kind: 'invalid' })
      expect(['created', undefined]).toContain((await seen(made.id))?.state)
    })

    it('ends a container with its stop signal, and with KILL when it does not listen', async () => {
      const polite = await started(RUN, 'polite')
      const deaf = await started({ does: 'ignore-stop' }, 'deaf')
      // Both must have set up their handlers.
      for (let turn = 0; turn < 20; turn++) await harness.pass()
      await engine.signal(polite.id, 'STOP')
      await engine.signal(deaf.id, 'STOP')
      expect(await eventually(polite.id, 'exited')).toMatchObject({ exitCode: 143, oomKilled: false })
      expect(await seen(deaf.id)).toMatchObject({ state: 'running' })
      await engine.signal(deaf.id, 'KILL')
      expect(await eventually(deaf.id, 'exited')).toMatchObject({ exitCode: 137, oomKilled: false })
    })

    it.each(['STOP', 'KILL'] as const)('ends a container that never started with %s', async (signal) => {
      const made = await created(RUN)
      await engine.signal(made.id, signal)
      const found = await eventually(made.id, 'exited')
      expect(found).toMatchObject({ exitCode: 137 })
      expect(found).not.toHaveProperty('startedAt')
      await engine.start(made.id)
      expect(await seen(made.id)).toEqual(found)
    })

    it('leaves exited and unknown containers alone', async () => {
      const made = await started({ does: 'exit', exitCode: 5 })
      await eventually(made.id, 'exited')
      await engine.signal(made.id, 'STOP')
      await engine.signal(made.id, 'KILL')
      await engine.signal(`${OTHER}-0000000001`, 'KILL')
      expect(await seen(made.id)).toMatchObject({ exitCode: 5 })
    })

    it('tells those who watch that a container has exited, until they stop watching', async () => {
      const told: string[] = []
      const stop = engine.watch((taskId) => told.push(taskId))
      const first = await started({ does: 'exit', exitCode: 0 })
      await eventually(first.id, 'exited')
      for (let turn = 0; turn < 500 && told.length === 0; turn++) await harness.pass()
      expect(told).toContain(TASK)
      stop()
      const before = told.length
      const second = await started({ does: 'exit', exitCode: 0 }, 'second')
      await eventually(second.id, 'exited')
      expect(told).toHaveLength(before)
    })

    it('runs commands inside a running container', async () => {
      const made = await started(RUN)
      await eventually(made.id, 'running')
      const wanted = { exitCode: 4, output: 'hello\n' }
      expect(await engine.exec(made.id, harness.execOf('web', wanted), 10)).toEqual(wanted)
    })

    it('ends a command that takes too long, and the container goes on', async () => {
      const made = await started(RUN)
      await eventually(made.id, 'running')
      const command = harness.execOf('web', 'never ends')
      await expect(engine.exec(made.id, command, 1)).rejects.toMatchObject({ kind: 'timeout' })
      expect(await seen(made.id)).toMatchObject({ state: 'running' })
    })

    it('refuses to run a command in what does not run', async () => {
      const made = await created(RUN)
      await expect(engine.exec(made.id, ['true'], 1)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(engine.exec(`${OTHER}-0000000001`, ['true'], 1)).rejects.toMatchObject({ kind: 'not-found' })
    })

    it('makes an exited container anew under the same id', async () => {
      const made = await started({ does: 'exit', exitCode: 9 })
      const first = await eventually(made.id, 'exited')
      await harness.pass()
      const again = { ...made, ...harness.behave('web', RUN) }
      await engine.recreate(again)
      expect(await seen(made.id)).toMatchObject({ state: 'created', outputFile: first.outputFile })
      await engine.start(made.id)
      const second = await eventually(made.id, 'running')
      expect(Date.parse(second.startedAt ?? '')).toBeGreaterThan(Date.parse(first.startedAt ?? ''))
      expect(second).not.toHaveProperty('exitCode')
    })

    it('does not make a running container anew', async () => {
      const made = await started(RUN)
      const before = await eventually(made.id, 'running')
      await engine.recreate(made)
      expect(await seen(made.id)).toEqual(before)
    })

    it('measures what runs and nothing else', async () => {
      const made = await started(RUN)
      await eventually(made.id, 'running')
      const stats = await engine.stats(made.id)
      expect(stats?.memoryLimitBytes).toBe(512 * 1024 * 1024)
      expect(stats?.processes).toBeGreaterThan(0)
      expect(await engine.stats(`${OTHER}-0000000001`)).toBeUndefined()
      expect((await engine.storage(TASK))?.reservedMiB).toBeGreaterThanOrEqual(20 * 1024)
      expect(await engine.storage(OTHER)).toBeUndefined()
    })

    it('removes a task with all that runs in it, and no other task', async () => {
      await started({ does: 'ignore-stop' }, 'deaf')
      await created(RUN, 'unstarted')
      const other = await started(RUN, 'web', OTHER)
      await engine.remove(TASK)
      await engine.remove(TASK)
      expect((await engine.observe()).map((found) => found.id)).toEqual([OTHER])
      expect(await seen(other.id)).toMatchObject({ state: 'running' })
    })

    it('can prepare again what was removed', async () => {
      await started(RUN)
      await engine.remove(TASK)
      const again = await started({ does: 'exit', exitCode: 6 })
      expect(await eventually(again.id, 'exited')).toMatchObject({ exitCode: 6 })
    })

    it('goes on with everything after its process died', async () => {
      if (harness.reopen === undefined) return
      const running = await started(RUN, 'running')
      const before = await eventually(running.id, 'running')
      const unstarted = await created(RUN, 'unstarted')
      const leaving = await started(RUN, 'leaving')
      await eventually(leaving.id, 'running')
      const next = await harness.reopen()
      expect(await seen(running.id, next)).toEqual(before)
      expect(await seen(unstarted.id, next)).toMatchObject({ state: 'created' })
      await next.start(unstarted.id)
      await eventually(unstarted.id, 'running', next)
      for (let turn = 0; turn < 20; turn++) await harness.pass()
      await next.signal(leaving.id, 'STOP')
      expect(await eventually(leaving.id, 'exited', next)).toMatchObject({ exitCode: 143 })
      expect(await next.exec(running.id, harness.execOf('running', { exitCode: 0, output: '' }), 10)).toMatchObject({
        exitCode: 0,
      })
    })
  })
}
