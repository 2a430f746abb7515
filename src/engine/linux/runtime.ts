// The OCI runtimes: how they are called, and what of them is done here because a process per call would cost more.

import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  readlinkSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { spawnProcess } from '#linux/spawn.ts'
import { forgetSandbox, isSandboxWaiting } from './sandbox-state.ts'

export type Within = <T>(work: () => T) => T

export interface Runtime {
  readonly name: 'crun' | 'runc' | 'runsc'
  /** e.g. "crun 1.8.1" */
  readonly version: string
  readonly path: string
  /** Before the runtime's own command. */
  readonly globalArguments: readonly string[]
  /** Holds one folder per container. */
  readonly stateFolder: string
}

/**
 * runc enters a user namespace before all others, and then lacks the right to enter the task's network namespace, which
 * the host owns: its containers start by other means, but exec never gets in (seen with 1.1.5).
 */
export const canShiftOwners = (name: Runtime['name']): boolean => name === 'crun'

const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The absolute path of an installed program. */
export const findProgram = (name: string): string | undefined =>
  PROGRAM_FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))

export const globalArguments = (name: Runtime['name'], stateFolder: string): string[] =>
  // crun would ask systemd where it finds one; our cgroups are ours.
  name === 'crun' ? ['--root', stateFolder, '--cgroup-manager=cgroupfs'] : ['--root', stateFolder]

/** Runs the runtime to its end. */
export const callRuntime = async (
  runtime: Runtime,
  within: Within,
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly output: string }> => {
  const child = spawnProcess(runtime.path, [...runtime.globalArguments, ...args], { within })
  return { exitCode: await child.exited, output: child.output() }
}

const fifoOf = (runtime: Runtime, containerId: string): string => join(runtime.stateFolder, containerId, 'exec.fifo')

/**
 * True while the container is made and not started. crun and runc let its first process wait at this file, and remove
 * it when the container is started; runsc keeps a record.
 */
export const isWaitingToStart = (runtime: Runtime, containerId: string): boolean =>
  runtime.name === 'runsc'
    ? isSandboxWaiting(runtime.stateFolder, containerId)
    : existsSync(fifoOf(runtime, containerId))

const FIFO_TRIES = 200
const FIFO_PAUSE_SECONDS = 0.001

const unlessMissing = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * What `crun start` and `runc start` do, without a process for it (4 to 6 ms): crun's waits for a byte, runc's has one
 * to give; then the file is removed. False when that did not work and the runtime's own command should be tried, as
 * always with runsc.
 */
export const startInProcess = async (runtime: Runtime, containerId: string, clock: Clock): Promise<boolean> => {
  if (runtime.name === 'runsc') return false
  const path = fifoOf(runtime, containerId)
  const direction = runtime.name === 'crun' ? constants.O_WRONLY : constants.O_RDONLY
  const fifo = unlessMissing(() => {
    try {
      return openSync(path, direction | constants.O_NONBLOCK)
    } catch (error) {
      // Nobody waits at the other end: the container's first process is dead.
      if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined
      throw error
    }
  })
  if (fifo === undefined) return false
  try {
    if (runtime.name === 'crun') writeSync(fifo, Buffer.alloc(1))
    else if (!(await oneByteFrom(fifo, clock))) return false
  } finally {
    closeSync(fifo)
  }
  unlessMissing(() => unlinkSync(path))
  return true
}

/**
 * Whether the container's first process is past waiting: a server that was killed had started it, and had no time to
 * remove the file. crun's own command would wait at the other end of it for ever.
 */
export const hasBegun = (runtime: Runtime, containerId: string, pid: number): boolean => {
  if (runtime.name !== 'crun') return false
  const program = unlessMissing(() => readlinkSync(`/proc/${pid}/exe`))
  const isRuntime =
    program === undefined || program.startsWith('/memfd:') || basename(program) === basename(runtime.path)
  if (!isRuntime) unlessMissing(() => unlinkSync(fifoOf(runtime, containerId)))
  return !isRuntime
}

const oneByteFrom = async (fifo: number, clock: Clock): Promise<boolean> => {
  for (let attempt = 0; attempt < FIFO_TRIES; attempt++) {
    try {
      if (readSync(fifo, Buffer.alloc(1)) === 1) return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
    await clock.sleep(FIFO_PAUSE_SECONDS)
  }
  return false
}

/** Makes every runtime forget a container whose processes and cgroups are gone: which one made it may not be known. */
export const forget = (runtime: Runtime, containerId: string): void => {
  const all = dirname(runtime.stateFolder)
  for (const name of ['crun', 'runc']) rmSync(join(all, name, containerId), { recursive: true, force: true })
  forgetSandbox(join(all, 'runsc'), containerId)
}

/** What the runtime says when it cannot. */
export const startByCommand = async (
  runtime: Runtime,
  within: Within,
  containerId: string,
): Promise<string | undefined> => {
  const { exitCode, output } = await callRuntime(runtime, within, 'start', containerId)
  return exitCode === 0 ? undefined : output.trim()
}
