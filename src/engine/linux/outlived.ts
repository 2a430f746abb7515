// What is left of tasks when the host has restarted under them: their output, and storage that is no file system of its
// own. All else of them was in memory.

import { rmSync, statSync } from 'node:fs'
import type { ContainerObservation } from '../engine.ts'
import { outputFile, taskFolders, type Folders } from './folders.ts'
import { isContainerId, isTaskId, namesIn } from './records.ts'

const TASK_ID_DIGITS = 32
const OUTPUT = /^(.+)\.log(\.tmp)?$/

/** Container ids by task id, of what is on the disk and no task of `known` owns. */
export const outlivedTasks = (folders: Folders, known: ReadonlySet<string>): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>()
  const containersOf = (taskId: string): Set<string> => {
    const containers = found.get(taskId) ?? new Set()
    if (!known.has(taskId)) found.set(taskId, containers)
    return containers
  }
  for (const name of namesIn(folders.outputs)) {
    const id = OUTPUT.exec(name)?.[1] ?? ''
    if (isContainerId(id)) containersOf(id.slice(0, TASK_ID_DIGITS)).add(id)
  }
  for (const name of namesIn(folders.storage)) if (isTaskId(name)) containersOf(name)
  return found
}

/** It has ended, with its output still to be read. That it ever started is known only where it has written something. */
export const observedOutlived = (folders: Folders, taskId: string, id: string): ContainerObservation => {
  const path = outputFile(folders, id)
  const file = statSync(path, { throwIfNoEntry: false })
  return {
    id,
    taskId,
    state: 'exited',
    outputFile: path,
    ...(file === undefined || file.size === 0 ? {} : { startedAt: file.birthtime.toISOString() }),
    ...(file === undefined ? {} : { finishedAt: file.mtime.toISOString() }),
  }
}

export const removeOutlived = (folders: Folders, taskId: string, containers: Iterable<string>): void => {
  for (const id of containers) {
    for (const path of [outputFile(folders, id), `${outputFile(folders, id)}.tmp`]) rmSync(path, { force: true })
  }
  rmSync(taskFolders(folders, taskId).storage, { recursive: true, force: true })
}
