// The engine of one Linux machine: conmon and an OCI runtime per container, everything else in this process.

import { existsSync } from 'node:fs'
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
import type { ImageStore } from '../images/layer-source.ts'
import { containerCgroup, hasCgroup, tasksWithCgroups } from './cgroups.ts'
import { createContainer, recreateContainer, signalContainer, startContainer } from './container.ts'
import { execInContainer } from './exec.ts'
import { Exits } from './exits.ts'
import { taskFolders } from './folders.ts'
import type { Gvisor } from './gvisor.ts'
import type { Host } from './host.ts'
import { Lanes } from './lanes.ts'
import { lookAt } from './observation.ts'
import { sendSignal } from './processes.ts'
import { observedOutlived, outlivedTasks, removeOutlived } from './outlived.ts'
import { isTaskId, readTask, tasksInMemory, type ContainerState, type TaskState } from './records.ts'
import { asNoSpace } from './room.ts'
import { readStats } from './stats.ts'
import { prepareTask, releaseUnusedLayers, removeTask } from './task.ts'

const TASK_ID_DIGITS = 32

export interface LinuxEngineOptions {
  readonly host: Host
  readonly gvisor: Gvisor
  readonly capabilities: EngineCapabilities
  /** Lets go of what `open` has taken; with true, also of what outlives the process. */
  readonly close: (forGood: boolean) => Promise<void>
}

export class LinuxEngine implements Engine {
  readonly images: ImageStore
  readonly capabilities: EngineCapabilities
  readonly #options: LinuxEngineOptions
  readonly #host: Host
  readonly #lanes = new Lanes()
  readonly #exits: Exits
  /** The tasks that are completely prepared. */
  readonly #tasks = new Map<string, TaskState>()
  /** Container ids of tasks under which the host has restarted. */
  readonly #outlived: Map<string, Set<string>>

  constructor(options: LinuxEngineOptions) {
    this.#options = options
    this.#host = options.host
    this.images = options.host.images
    this.capabilities = options.capabilities
    const { folders } = this.#host
    const known = tasksInMemory(folders)
    for (const id of known) {
      const state = readTask(folders, id)
      if (state !== undefined) this.#tasks.set(id, state)
    }
    this.#outlived = outlivedTasks(folders, new Set(known))
    this.#exits = new Exits({ folder: folders.exits, clock: this.#host.clock, missed: () => this.#endedUnseen() })
  }

  prepare(task: EngineTask): Promise<void> {
    if (!isTaskId(task.id)) throw new Error(`${task.id} is no task id`)
    return this.#lanes.run(task.id, async () => {
      if (this.#tasks.has(task.id)) return
      const host = await this.#hostToMake(task)
      this.#tasks.set(task.id, await asNoSpace(() => prepareTask(host, task)))
    })
  }

  create(container: EngineContainer): Promise<void> {
    return this.#lanes.run(container.taskId, async () => {
      const state = this.#taskOf(container)
      if (state.containers.get(container.id)?.made !== undefined) return
      const host = await this.#hostToMake(state.record.task)
      await asNoSpace(() => createContainer(host, state, container))
    })
  }

  start(containerId: string): Promise<void> {
    return this.#lanes.run(containerId.slice(0, TASK_ID_DIGITS), async () => {
      const container = this.#known(containerId)
      if (this.#look(container)?.state !== 'created') return
      await asNoSpace(() => startContainer(this.#hostOf(container), this.#taskOf(container.spec), container))
    })
  }

  recreate(container: EngineContainer): Promise<void> {
    return this.#lanes.run(container.taskId, async () => {
      const state = this.#taskOf(container)
      const old = state.containers.get(container.id)
      const seen = old === undefined ? undefined : this.#look(old)
      if (seen !== undefined && seen.state !== 'exited') return
      const host = await this.#hostToMake(state.record.task)
      await asNoSpace(() => recreateContainer(host, state, container))
    })
  }

  async signal(containerId: string, signal: 'STOP' | 'KILL'): Promise<void> {
    const container = this.#find(containerId)
    if (container !== undefined) await signalContainer(this.#hostOf(container), container, signal)
  }

  async exec(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const container = this.#known(containerId)
    if (this.#look(container)?.state !== 'running') {
      throw new Fault('not-found', `container ${containerId} is not running`)
    }
    return execInContainer(this.#hostOf(container), container, command, timeoutSeconds)
  }

  async stats(containerId: string): Promise<ContainerStats | undefined> {
    const container = this.#find(containerId)
    const task = container === undefined ? undefined : this.#tasks.get(container.spec.taskId)?.record.task
    if (container === undefined || task === undefined) return undefined
    if (this.#look(container)?.state !== 'running') return undefined
    const { cgroups, clock } = this.#host
    const of = {
      container: containerCgroup(cgroups, task.id, containerId),
      task: `${cgroups.root}/${task.id}`,
      memoryLimitMiB: container.spec.memoryMiB ?? task.memoryMiB,
    }
    return readStats(cgroups, of, clock.now().toISOString())
  }

  async storage(taskId: string): Promise<StorageUse | undefined> {
    const task = this.#tasks.get(taskId)?.record.task
    if (task === undefined) return undefined
    return this.#host.storage.use(taskFolders(this.#host.folders, taskId), task.storageGiB)
  }

  remove(taskId: string): Promise<void> {
    return this.#lanes.run(taskId, async () => {
      if (!this.#isKnown(taskId)) return
      const state = this.#tasks.get(taskId)
      await removeTask(this.#host, taskId, state)
      removeOutlived(this.#host.folders, taskId, this.#outlived.get(taskId) ?? [])
      this.#tasks.delete(taskId)
      this.#outlived.delete(taskId)
      if (state !== undefined) releaseUnusedLayers(this.#host, state, this.#tasks.values())
    })
  }

  async observe(): Promise<TaskObservation[]> {
    const { folders, cgroups } = this.#host
    const ids = new Set([
      ...this.#tasks.keys(),
      ...this.#outlived.keys(),
      ...tasksInMemory(folders),
      ...tasksWithCgroups(cgroups).filter(isTaskId),
    ])
    return [...ids].toSorted().map((id) => this.#observed(id))
  }

  async observeTask(taskId: string): Promise<TaskObservation | undefined> {
    return this.#isKnown(taskId) ? this.#observed(taskId) : undefined
  }

  watch(listener: (taskId: string) => void): () => void {
    return this.#exits.listen(listener)
  }

  async destroy(): Promise<void> {
    for (const { id } of await this.observe()) await this.remove(id)
    this.#exits.close()
    await this.#options.close(true)
  }

  /** Lets go of this process's own resources; containers go on. */
  async close(): Promise<void> {
    this.#exits.close()
    await this.#options.close(false)
  }

  #isKnown(taskId: string): boolean {
    if (this.#tasks.has(taskId) || this.#outlived.has(taskId)) return true
    const { folders, cgroups } = this.#host
    return isTaskId(taskId) && (existsSync(taskFolders(folders, taskId).root) || hasCgroup(cgroups, taskId))
  }

  #taskOf(container: EngineContainer): TaskState {
    const state = this.#tasks.get(container.taskId)
    if (state === undefined) throw new Fault('not-found', `task ${container.taskId} is not prepared`)
    return state
  }

  /** The host as tasks of that isolation class see it. */
  #hostOf({ spec }: ContainerState): Host {
    const isolation = this.#tasks.get(spec.taskId)?.record.task.isolation
    return isolation === 'gvisor' ? this.#options.gvisor.host : this.#host
  }

  async #hostToMake(task: EngineTask): Promise<Host> {
    return task.isolation === 'gvisor' ? this.#options.gvisor.ready(task) : this.#host
  }

  #find(containerId: string): ContainerState | undefined {
    return this.#tasks.get(containerId.slice(0, TASK_ID_DIGITS))?.containers.get(containerId)
  }

  #known(containerId: string): ContainerState {
    const container = this.#find(containerId)
    if (container?.made === undefined) throw new Fault('not-found', `no container ${containerId} is here`)
    return container
  }

  #look(container: ContainerState): ContainerObservation | undefined {
    const { folders, runtime, cgroups, boot, clock } = this.#hostOf(container)
    return lookAt({ folders, runtime, cgroups, boot, now: () => clock.now() }, container)
  }

  #observed(id: string): TaskObservation {
    const task = this.#tasks.get(id)
    const containers = [...(task?.containers.values() ?? [])].map((one) => this.#look(one))
    const outlived = [...(this.#outlived.get(id) ?? [])].filter((one) => task?.containers.has(one) !== true)
    return {
      id,
      prepared: task !== undefined,
      containers: [
        ...containers.filter((seen) => seen !== undefined),
        ...outlived.map((one) => observedOutlived(this.#host.folders, id, one)),
      ],
    }
  }

  /** Tasks with a container whose process is gone and whose end nobody has looked at. */
  *#endedUnseen(): Iterable<string> {
    for (const [id, task] of this.#tasks) {
      const gone = [...task.containers.values()].some(
        ({ made, ended }) => made !== undefined && ended === undefined && !sendSignal(made.pid, 0),
      )
      if (gone) yield id
    }
  }
}
