// A process that does nothing but hold the process namespace which all containers of a task share (pidMode "task"), so
// that it outlives each of them. It lives in a root file system of one file, where nobody finds anything.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { containerCgroup } from './cgroups.ts'
import { containerFolders, taskFolders } from './folders.ts'
import type { Host } from './host.ts'
import { userNamespaceOf } from './owner-ranges.ts'
import { isInContainer } from './processes.ts'
import { type TaskRecord, writeRecord, type TaskState } from './records.ts'
import { startByCommand, startInProcess } from './runtime.ts'
import { createSupervised, pidIn } from './supervisor.ts'
import { placesOf } from './task.ts'
import { layOutTiny, tinyConfig } from './tiny-container.ts'
import { holdProgram } from './tiny-program.ts'

/** Ten digits, as containers have; no container of the controller's has this number. */
export const holderId = (taskId: string): string => `${taskId}-0000000000`

const pathOf = (pid: number): string => `/proc/${pid}/ns/pid`

const launch = async (host: Host, record: TaskRecord): Promise<number> => {
  const { task, range } = record
  const id = holderId(task.id)
  const folders = containerFolders(host.folders, task.id, id)
  const rootfs = join(taskFolders(host.folders, task.id).stage, 'holder')
  host.within(() => layOutTiny(rootfs, holdProgram()))
  mkdirSync(folders.root, { recursive: true, mode: 0o700 })
  const config = tinyConfig({
    rootfs,
    cgroup: containerCgroup(host.cgroups, task.id, id),
    hostname: task.hostname,
    seccomp: host.seccomp,
    ...(range === undefined ? {} : { userNamespace: userNamespaceOf(range) }),
  })
  writeFileSync(folders.config, JSON.stringify(config), { mode: 0o600 })
  const attempt = { program: 'holder', workingDirectory: '/' }
  const pid = await createSupervised(host, {
    containerId: id,
    folders,
    places: placesOf(host, record),
    tty: false,
    interactive: false,
    attempt,
  })
  if (!(await startInProcess(host.runtime, id, host.clock))) {
    const refusal = await startByCommand(host.runtime, host.launch.within, id)
    if (refusal !== undefined) throw new Fault('failed', `${host.runtime.name} start: ${refusal}`)
  }
  // Tells removal that nobody is at work on it any more.
  writeRecord(folders.made, { pid, stopSignal: 0, layers: [], boot: host.boot })
  return pid
}

/** Where the task's process namespace can be entered; undefined when each container has its own. */
export const sharedProcesses = async (
  host: Host,
  { record }: TaskState,
  discard: (containerId: string) => Promise<void>,
): Promise<string | undefined> => {
  const { task } = record
  if (task.pidMode !== 'task') return undefined
  const id = holderId(task.id)
  const folders = containerFolders(host.folders, task.id, id)
  const held = existsSync(folders.made) ? pidIn(folders.pid) : undefined
  if (held !== undefined && isInContainer(held, id)) return pathOf(held)
  if (existsSync(folders.root)) await discard(id)
  return pathOf(await launch(host, record))
}
