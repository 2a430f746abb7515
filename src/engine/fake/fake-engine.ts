// An engine whose containers exist only in memory and live by the clock it is given: for scenarios and simulations.

import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type {
  ContainerObservation,
  ContainerStats,
  Engine,
  EngineCapabilities,
  EngineContainer,
  EngineTask,
  ExecResult,
  StorageUse,
  TaskObservation,
} from '../engine.ts'
import { FakeImages } from './fake-images.ts'
import type { FakeScript } from './script.ts'

export interface FakeEngineOptions {
  readonly clock: Clock
  readonly images?: FakeImages
  /** Where output files are written; absent: none are, and `print` does nothing. */
  readonly outputFolder?: string
}

interface FakeContainer {
  readonly spec: EngineContainer
  readonly script: FakeScript
  state: ContainerObservation['state']
  pid: number
  startedAt?: string
  /** The same, for arithmetic. */
  startedMs: number
  finishedAt?: string
  exitCode?: number
  oomKilled?: boolean
  /** Aborted when the container ends, so that no timer outlives it. */
  readonly life: AbortController
}

interface FakeTask {
  readonly spec: EngineTask
  readonly containers: Map<string, FakeContainer>
}

const KILLED = 137
const TERMINATED = 143
const FIRST_PID = 1000
const MIB = 1024 * 1024

export class FakeEngine implements Engine {
  readonly images: FakeImages
  readonly capabilities: EngineCapabilities = {
    runtime: 'fake 1',
    cgroup: 'v2',
    layers: 'directory',
    storageLimit: 'none',
  }
  /** Every call that changed something, in order: "start web". */
  readonly diary: string[] = []
  readonly #options: FakeEngineOptions
  readonly #tasks = new Map<string, FakeTask>()
  readonly #scripts = new Map<string, FakeScript>()
  readonly #listeners = new Set<(taskId: string) => void>()
  #nextPid = FIRST_PID

  constructor(options: FakeEngineOptions) {
    this.#options = options
    this.images = options.images ?? new FakeImages()
  }

  /**
   * What containers of that name, or of that image digest, do from their next creation on; answers to exec change at
   * once. The name wins.
   */
  script(nameOrDigest: string, script: FakeScript): void {
    this.#scripts.set(nameOrDigest, script)
  }

  /** Ends a running container from outside, as a crash would. */
  kill(containerId: string, exitCode: number, oomKilled = false): void {
    const container = this.#find(containerId)
    if (container !== undefined && container.state !== 'exited') this.#end(container, exitCode, oomKilled)
  }

  /** Forgets a task at once, as a restarted host would. Nobody is told. */
  lose(taskId: string): void {
    for (const container of this.#tasks.get(taskId)?.containers.values() ?? []) container.life.abort()
    this.#tasks.delete(taskId)
  }

  /** Appends a line to a container's output file. */
  print(containerId: string, line: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    if (this.#options.outputFolder === undefined) return
    mkdirSync(this.#options.outputFolder, { recursive: true })
    const time = this.#now().replace('Z', '000000+00:00')
    appendFileSync(this.#outputFile(containerId), `${time} ${stream} F ${line}\n`)
  }

  async prepare(task: EngineTask): Promise<void> {
    if (this.#tasks.has(task.id)) return
    this.#tasks.set(task.id, { spec: task, containers: new Map() })
    this.diary.push(`prepare ${task.id}`)
  }

  async create(container: EngineContainer): Promise<void> {
    if (this.#taskOf(container).containers.has(container.id)) return
    const script = this.#scriptOf(container)
    if (script.createSeconds !== undefined) await this.#options.clock.sleep(script.createSeconds)
    if (this.images.byDigest(container.imageDigest) === undefined) {
      throw new Fault('not-found', `no image ${container.imageDigest} is here`)
    }
    const fault = script.createFault?.()
    if (fault !== undefined) throw fault
    // The task may have been removed while we slept.
    const { containers } = this.#taskOf(container)
    if (containers.has(container.id)) return
    containers.set(container.id, {
      spec: container,
      script,
      state: 'created',
      pid: 0,
      startedMs: 0,
      life: new AbortController(),
    })
    this.diary.push(`create ${container.name}`)
  }

  async start(containerId: string): Promise<void> {
    const container = this.#known(containerId)
    if (container.state !== 'created') return
    const { script } = container
    if (script.startSeconds !== undefined) await this.#options.clock.sleep(script.startSeconds, container.life.signal)
    const fault = script.startFault?.()
    if (fault !== undefined) throw fault
    if (container.state !== 'created') return
    container.state = 'running'
    container.pid = this.#nextPid++
    container.startedAt = this.#now()
    container.startedMs = this.#options.clock.now().getTime()
    this.diary.push(`start ${container.spec.name}`)
    for (const line of script.output ?? []) this.print(containerId, line)
    if (script.exitAfterSeconds !== undefined) {
      this.#endAfter(container, script.exitAfterSeconds, script.exitCode ?? 0, script.oomKilled ?? false)
    }
  }

  async recreate(container: EngineContainer): Promise<void> {
    const { containers } = this.#taskOf(container)
    const old = containers.get(container.id)
    if (old !== undefined && old.state !== 'exited') return
    containers.delete(container.id)
    await this.create(container)
  }

  async signal(containerId: string, signal: 'STOP' | 'KILL'): Promise<void> {
    const container = this.#find(containerId)
    if (container === undefined || container.state === 'exited') return
    this.diary.push(`${signal} ${container.spec.name}`)
    if (signal === 'KILL' || container.state === 'created') return this.#end(container, KILLED, false)
    const { ignoresStop, stopSeconds, stopExitCode } = container.script
    if (ignoresStop === true) return
    if (stopSeconds === undefined) this.#end(container, stopExitCode ?? TERMINATED, false)
    else this.#endAfter(container, stopSeconds, stopExitCode ?? TERMINATED, false)
  }

  async exec(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const container = this.#known(containerId)
    const { execSeconds = 0, exec } = this.#scriptOf(container.spec)
    if (execSeconds > 0) {
      await this.#options.clock.sleep(Math.min(execSeconds, timeoutSeconds), container.life.signal)
    }
    if (container.state !== 'running') throw new Fault('not-found', `container ${containerId} is not running`)
    if (execSeconds > timeoutSeconds) throw new Fault('timeout', `${command[0]} took more than ${timeoutSeconds} s`)
    const answer = exec?.(command) ?? { exitCode: 0, output: '' }
    if (answer instanceof Fault) throw answer
    return answer
  }

  async stats(containerId: string): Promise<ContainerStats | undefined> {
    const container = this.#find(containerId)
    if (container?.startedAt === undefined || container.state !== 'running') return undefined
    const alive = this.#options.clock.now().getTime() - container.startedMs
    return fakeStats(this.#now(), alive, container.spec.memoryMiB ?? this.#taskOf(container.spec).spec.memoryMiB)
  }

  async storage(taskId: string): Promise<StorageUse | undefined> {
    const task = this.#tasks.get(taskId)
    return task === undefined ? undefined : { usedMiB: 1, reservedMiB: task.spec.storageGiB * 1024 }
  }

  async remove(taskId: string): Promise<void> {
    if (this.#tasks.has(taskId)) this.diary.push(`remove ${taskId}`)
    this.lose(taskId)
  }

  async observe(): Promise<TaskObservation[]> {
    return [...this.#tasks.values()].map((task) => this.#observed(task))
  }

  async observeTask(taskId: string): Promise<TaskObservation | undefined> {
    const task = this.#tasks.get(taskId)
    return task === undefined ? undefined : this.#observed(task)
  }

  watch(listener: (taskId: string) => void): () => void {
    // Wrapped, so that the same function may watch twice.
    const own = (taskId: string): void => listener(taskId)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  async destroy(): Promise<void> {
    for (const taskId of this.#tasks.keys()) this.lose(taskId)
  }

  #now(): string {
    return this.#options.clock.now().toISOString()
  }

  #outputFile(containerId: string): string {
    return join(this.#options.outputFolder ?? '/nonexistent', `${containerId}.log`)
  }

  #scriptOf(container: EngineContainer): FakeScript {
    return this.#scripts.get(container.name) ?? this.#scripts.get(container.imageDigest) ?? {}
  }

  #taskOf(container: EngineContainer): FakeTask {
    const task = this.#tasks.get(container.taskId)
    if (task === undefined) throw new Fault('not-found', `task ${container.taskId} is not prepared`)
    return task
  }

  #find(containerId: string): FakeContainer | undefined {
    for (const task of this.#tasks.values()) {
      const found = task.containers.get(containerId)
      if (found !== undefined) return found
    }
    return undefined
  }

  #known(containerId: string): FakeContainer {
    const container = this.#find(containerId)
    if (container === undefined) throw new Fault('not-found', `no container ${containerId} is here`)
    return container
  }

  #endAfter(container: FakeContainer, seconds: number, exitCode: number, oomKilled: boolean): void {
    const { signal } = container.life
    void this.#options.clock.sleep(seconds, signal).then(() => {
      if (!signal.aborted) this.#end(container, exitCode, oomKilled)
    })
  }

  #end(container: FakeContainer, exitCode: number, oomKilled: boolean): void {
    container.state = 'exited'
    container.finishedAt = this.#now()
    container.exitCode = exitCode
    container.oomKilled = oomKilled
    container.life.abort()
    // Later, as a real exit is: the caller of signal() goes on first.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(container.spec.taskId)
    })
  }

  #observed(task: FakeTask): TaskObservation {
    const containers = [...task.containers.values()].map(({ spec, state, pid, ...rest }): ContainerObservation => ({
      id: spec.id,
      taskId: spec.taskId,
      state,
      outputFile: this.#outputFile(spec.id),
      ...(state === 'running' ? { pid } : {}),
      ...(rest.startedAt === undefined ? {} : { startedAt: rest.startedAt }),
      ...(rest.finishedAt === undefined ? {} : { finishedAt: rest.finishedAt }),
      ...(rest.exitCode === undefined ? {} : { exitCode: rest.exitCode }),
      ...(rest.oomKilled === undefined ? {} : { oomKilled: rest.oomKilled }),
    }))
    return { id: task.spec.id, prepared: true, containers }
  }
}

/** A container that uses a tenth of a CPU and 16 MiB, all its life. */
const fakeStats = (readAt: string, aliveMilliseconds: number, memoryLimitMiB: number): ContainerStats => {
  const cpuNanos = aliveMilliseconds * 100_000
  return {
    readAt,
    cpuNanos,
    cpuUserNanos: cpuNanos,
    cpuSystemNanos: 0,
    cpuPeriods: 0,
    cpuThrottledPeriods: 0,
    cpuThrottledNanos: 0,
    onlineCpus: 2,
    systemCpuNanos: aliveMilliseconds * 2_000_000,
    memoryBytes: 16 * MIB,
    memoryMaxBytes: 16 * MIB,
    memoryLimitBytes: memoryLimitMiB * MIB,
    memoryDetail: {},
    processes: 1,
    readBytes: 0,
    writeBytes: 0,
  }
}
