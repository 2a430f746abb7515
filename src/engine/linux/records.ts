// What the engine writes down about tasks and containers, so that its next process finds what this one made.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { EngineContainer, EngineTask } from '../engine.ts'
import type { OpenLayer } from '../images/layer-source.ts'
import { containerFolders, taskFolders, type Folders } from './folders.ts'

export interface TaskRecord {
  readonly task: EngineTask
  /** The task's range of user ids; absent where the host cannot shift owners. */
  readonly range?: number
}

/** A folder on the stage, and where a container sees it. */
export interface BoundVolume {
  readonly source: string
  readonly path: string
  readonly readOnly: boolean
}

/** Written when a container is ready to start. */
export interface MadeRecord {
  readonly pid: number
  readonly stopSignal: number
  readonly layers: readonly OpenLayer[]
  /** The volumes that its image declares, for those who mount them from here. Absent where there are none. */
  readonly volumes?: readonly BoundVolume[]
  /** Boot during which it was made: after another one its process ids mean nothing. */
  readonly boot: string
}

export interface ContainerState {
  readonly spec: EngineContainer
  /** Absent: its making was interrupted. */
  made?: MadeRecord
  /** While it is being started: what is seen of it may be a start that fails. */
  starting?: boolean
  /** Known once it was seen running. */
  startedAt?: string
  /** What was seen of its end; it does not change any more. */
  ended?: undefined | { readonly finishedAt: string; readonly exitCode?: number; readonly oomKilled: boolean }
}

export interface TaskState {
  readonly record: TaskRecord
  readonly containers: Map<string, ContainerState>
}

export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** All of it or nothing, whenever we die. The host's own crash may lose it, but then nothing runs any more. */
export const writeRecord = (path: string, record: object): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** Undefined when it is missing, or cut short by a crash of the host. */
export const readRecord = <T>(path: string): T | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

export const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Undefined when the task was never completely prepared. */
export const readTask = (folders: Folders, taskId: string): TaskState | undefined => {
  const task = taskFolders(folders, taskId)
  const record = readRecord<TaskRecord>(task.record)
  if (record === undefined) return undefined
  const containers = new Map<string, ContainerState>()
  for (const id of namesIn(task.containers)) {
    const container = containerFolders(folders, taskId, id)
    const spec = readRecord<EngineContainer>(container.record)
    const made = readRecord<MadeRecord>(container.made)
    if (spec !== undefined) containers.set(id, { spec, ...(made === undefined ? {} : { made }) })
  }
  return { record, containers }
}

/** Ids of tasks that were made since the last boot. */
export const tasksInMemory = (folders: Folders): string[] => namesIn(folders.tasks).filter((name) => isTaskId(name))

export const isTaskId = (name: string): boolean => /^[0-9a-f]{32}$/.test(name)
export const isContainerId = (name: string): boolean => /^[0-9a-f]{32}-\d{10}$/.test(name)
