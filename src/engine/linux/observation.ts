// What is true of a container, found by looking: its exit file, its process, and whether that still waits to start.

import { existsSync, readFileSync, statSync } from 'node:fs'
import type { ContainerObservation } from '../engine.ts'
import { containerCgroup, wasOomKilled, type CgroupLayout } from './cgroups.ts'
import { containerFolders, type Folders } from './folders.ts'
import { isInContainer, isWorkingFor } from './processes.ts'
import type { ContainerState } from './records.ts'
import { isWaitingToStart, type Runtime } from './runtime.ts'
import { pidIn } from './supervisor.ts'

export interface Lookout {
  readonly folders: Folders
  readonly runtime: Runtime
  readonly cgroups: CgroupLayout
  readonly boot: string
  readonly now: () => Date
}

interface Exit {
  readonly exitCode?: number
  readonly at: Date
}

const exitIn = (file: string): Exit | undefined => {
  // Asked for every container at every look, and mostly not there: an error would cost ten times this call.
  if (!existsSync(file)) return undefined
  try {
    const code = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return { at: statSync(file).mtime, ...(Number.isNaN(code) ? {} : { exitCode: code }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const startedAt = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8') || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined for a container whose making was interrupted: as far as anybody may care it is not there. */
export const lookAt = (by: Lookout, state: ContainerState): ContainerObservation | undefined => {
  const { spec, made } = state
  if (made === undefined) return undefined
  const folders = containerFolders(by.folders, spec.taskId, spec.id)
  const base = { id: spec.id, taskId: spec.taskId, outputFile: folders.output }
  if (state.starting === true) return { ...base, state: 'created' }
  const started = state.startedAt ?? startedAt(folders.started)
  state.ended ??= endOf(by, state)
  if (state.ended !== undefined) {
    return { ...base, state: 'exited', ...(started === undefined ? {} : { startedAt: started }), ...state.ended }
  }
  if (started === undefined) return { ...base, state: 'created' }
  if (state.startedAt === undefined && isWaitingToStart(by.runtime, spec.id)) return { ...base, state: 'created' }
  state.startedAt = started
  return { ...base, state: 'running', pid: made.pid, startedAt: started }
}

const endOf = (by: Lookout, state: ContainerState): ContainerState['ended'] => {
  const { spec, made } = state
  const folders = containerFolders(by.folders, spec.taskId, spec.id)
  const exit = exitIn(folders.exit) ?? vanished(by, state)
  if (exit === undefined) return undefined
  const started = startedAt(folders.started)
  const time = exit.at.toISOString()
  return {
    // The file system's clock is some milliseconds behind.
    finishedAt: started !== undefined && started > time ? started : time,
    ...(exit.exitCode === undefined ? {} : { exitCode: exit.exitCode }),
    oomKilled:
      made !== undefined &&
      (existsSync(folders.oom) || wasOomKilled(by.cgroups, containerCgroup(by.cgroups, spec.taskId, spec.id))),
  }
}

/** A container without process and without anybody who could still tell its exit code. */
const vanished = (by: Lookout, { spec, made }: ContainerState): Exit | undefined => {
  if (made === undefined) return undefined
  if (made.boot === by.boot) {
    if (isInContainer(made.pid, spec.id)) return undefined
    const folders = containerFolders(by.folders, spec.taskId, spec.id)
    const conmon = pidIn(folders.conmonPid)
    if (conmon !== undefined && isWorkingFor(conmon, spec.id)) return undefined
    // conmon may have written the file and ended between our two looks.
    const exit = exitIn(folders.exit)
    if (exit !== undefined) return exit
  }
  return { at: by.now() }
}
