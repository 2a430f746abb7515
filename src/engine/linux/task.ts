// A task on this host: its cgroup, storage, files, and the namespaces its containers share.

import { chownSync, closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { mount, MOUNT, unmountAll } from '#linux/mount.ts'
import { inside, isPinned, writeSettings } from '#linux/network-namespace.ts'
import { pinNamespace } from '#linux/user-namespace.ts'
import type { EngineTask } from '../engine.ts'
import { makeTaskCgroup } from './cgroups.ts'
import { containerFolders, taskFolders, type TaskFolders } from './folders.ts'
import type { Host } from './host.ts'
import { firstIdOf, rangePin } from './owner-ranges.ts'
import { endCgroup, endWorkers, isWorkingFor, until } from './processes.ts'
import { isContainerId, namesIn, type TaskRecord, writeRecord, type TaskState } from './records.ts'
import { releaseLayers } from './rootfs.ts'
import { clearStage, layStage } from './stage.ts'
import { forget } from './runtime.ts'
import { pidIn } from './supervisor.ts'

/**
 * The container's root has no power over the namespace's owner, the host: what it may do as root elsewhere, it may do
 * here by these settings. Docker sets the same.
 */
const NETWORK_SETTINGS = { 'ipv4/ip_unprivileged_port_start': '0', 'ipv4/ping_group_range': '0 2147483647' }

export const sharedFiles = (task: TaskFolders) => ({
  hosts: join(task.mounted, 'hosts'),
  hostname: join(task.mounted, 'hostname'),
  resolvConf: join(task.mounted, 'resolv.conf'),
})

export const volumeFolder = (task: TaskFolders, index: number): string => join(task.mounted, 'v', String(index))

const hostsFile = (task: EngineTask): string =>
  [
    '127.0.0.1 localhost',
    '::1 localhost ip6-localhost ip6-loopback',
    ...task.hosts.map(({ address, names }) => `${address} ${names.join(' ')}`),
    '',
  ].join('\n')

const resolvConf = ({ dns }: EngineTask): string =>
  [
    ...(dns.search.length === 0 ? [] : [`search ${dns.search.join(' ')}`]),
    ...dns.servers.map((server) => `nameserver ${server}`),
    '',
  ].join('\n')

const layOutFiles = (task: EngineTask, folders: TaskFolders, root: number): void => {
  const files = sharedFiles(folders)
  const texts: [string, string][] = [
    [files.hosts, hostsFile(task)],
    [files.hostname, `${task.hostname}\n`],
    [files.resolvConf, resolvConf(task)],
  ]
  for (const [path, text] of texts) {
    writeFileSync(path, text, { mode: 0o644 })
    chownSync(path, root, root)
  }
  task.volumes.forEach((_, index) => {
    const folder = volumeFolder(folders, index)
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    chownSync(folder, root, root)
  })
}

/** Makes the network namespace, and the part of /sys that belongs to it, reachable on the stage. */
const bringNetwork = (host: Host, task: EngineTask, folders: TaskFolders): void => {
  if (!isPinned(task.networkNamespacePath) && !task.networkNamespacePath.startsWith('/proc/')) {
    throw new Fault('not-found', `no network namespace is pinned to ${task.networkNamespacePath}`)
  }
  const namespace = openSync(task.networkNamespacePath, 'r')
  try {
    inside(namespace, () => {
      writeSettings(NETWORK_SETTINGS)
      host.within(() => {
        mkdirSync(folders.sys)
        pinNamespace(namespace, folders.network)
        mount('sysfs', folders.sys, 'sysfs', MOUNT.readOnly | MOUNT.noSuid | MOUNT.noDevices | MOUNT.noExec)
      })
    })
  } finally {
    closeSync(namespace)
  }
}

/** What is mounted for it. */
export const placesOf = (host: Host, { task, range }: TaskRecord): string[] => [
  taskFolders(host.folders, task.id).stage,
  ...(range === undefined ? [] : [rangePin(range)]),
]

/** Makes it, whatever an interrupted attempt has left. The caller knows that there is none yet. */
export const prepareTask = async (host: Host, task: EngineTask): Promise<TaskState> => {
  const folders = taskFolders(host.folders, task.id)
  if (existsSync(folders.root)) await removeTask(host, task.id, undefined)
  const range = await host.ranges?.take()
  try {
    mkdirSync(folders.containers, { recursive: true, mode: 0o700 })
    makeTaskCgroup(host.cgroups, task.id, task)
    host.within(() => layStage(folders.stage))
    await host.storage.attach(folders, task.storageGiB)
    host.within(() => layOutFiles(task, folders, range === undefined ? 0 : firstIdOf(range)))
    bringNetwork(host, task, folders)
    const record = { task, ...(range === undefined ? {} : { range }) }
    writeRecord(folders.record, record)
    return { record, containers: new Map() }
  } catch (error) {
    if (range !== undefined) host.ranges?.give(range)
    throw error
  }
}

/** Undoes everything that was made for one container but its output file and its record. Its processes are gone. */
export const clearContainer = (host: Host, taskId: string, containerId: string): void => {
  const folders = containerFolders(host.folders, taskId, containerId)
  forget(host.runtime, containerId)
  host.within(() => {
    unmountAll(folders.rootfs)
    rmSync(folders.writable, { recursive: true, force: true })
  })
  const { made, started, exit, pid, conmonPid, oom } = folders
  for (const file of [made, started, exit, pid, conmonPid, oom]) rmSync(file, { force: true })
}

/** Waits for the conmon of a container whose processes are gone: it may still write the exit code. */
export const untilConmonEnds = async (host: Host, taskId: string, containerId: string): Promise<void> => {
  const { conmonPid } = containerFolders(host.folders, taskId, containerId)
  const pid = pidIn(conmonPid)
  if (pid === undefined) return
  await until(`conmon of ${containerId}`, host.clock, () => !isWorkingFor(pid, containerId))
}

/** Removes every trace, also of a task that was half prepared, by a process that died, before the last boot. */
export const removeTask = async (host: Host, taskId: string, state: TaskState | undefined): Promise<void> => {
  const folders = taskFolders(host.folders, taskId)
  const containers = namesIn(folders.containers).filter((name) => isContainerId(name))
  // First of all: what is half removed must not be taken for a task that lacks some containers.
  rmSync(folders.record, { force: true })
  const isMade = (id: string): boolean => existsSync(containerFolders(host.folders, taskId, id).made)
  for (const id of containers) if (!isMade(id)) await endWorkers(id, host.clock)
  await endCgroup(host.cgroups, `${host.cgroups.root}/${taskId}`, host.clock)
  for (const id of containers) {
    await untilConmonEnds(host, taskId, id)
    forget(host.runtime, id)
    await host.images.release(id)
  }
  // A runtime that had just begun may have made cgroups after we looked.
  await endCgroup(host.cgroups, `${host.cgroups.root}/${taskId}`, host.clock)
  // Whatever is mounted for it goes with its stage, at once: the kernel waits for all processors at each unmount.
  await host.storage.detach(folders, () => clearStage(folders.stage))
  for (const id of containers) {
    const { exit, output } = containerFolders(host.folders, taskId, id)
    for (const file of [exit, output, `${output}.tmp`]) rmSync(file, { force: true })
  }
  // Last of all: as long as this folder is there, the task is observed and can be removed again.
  rmSync(folders.root, { recursive: true, force: true })
  if (state?.record.range !== undefined) host.ranges?.give(state.record.range)
}

/** Unmounts the layers that `gone` used and none of `rest` does. */
export const releaseUnusedLayers = (host: Host, gone: TaskState, rest: Iterable<TaskState>): void => {
  const inUse = new Set<string>()
  for (const task of rest) {
    for (const { made } of task.containers.values()) for (const layer of made?.layers ?? []) inUse.add(layer.diffId)
  }
  const layers = [...gone.containers.values()].flatMap(({ made }) => made?.layers ?? [])
  host.within(() => releaseLayers(layers.filter((layer) => !inUse.has(layer.diffId))))
}
