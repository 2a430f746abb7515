// What this host can do, found out by doing it once: which runtime runs a container here, and how disk use is limited.

import { closeSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { spawnProcess } from '#linux/spawn.ts'
import { removeCgroup, type CgroupLayout } from './cgroups.ts'
import { STAGE, type Folders } from './folders.ts'
import { loopStorage } from './loop-storage.ts'
import { firstIdOf, openRange, userNamespaceOf, type OwnerRanges } from './owner-ranges.ts'
import { withOwnUsers } from './gvisor-bundle.ts'
import { plainStorage } from './plain-storage.ts'
import { endCgroup } from './processes.ts'
import { mountRootfs } from './rootfs.ts'
import {
  callRuntime,
  canShiftOwners,
  findProgram,
  forget,
  globalArguments,
  type Runtime,
  type Within,
} from './runtime.ts'
import type { Seccomp } from './seccomp.ts'
import { clearStage, layStage } from './stage.ts'
import type { TaskStorage } from './task-storage.ts'
import { layOutTiny, tinyConfig } from './tiny-container.ts'
import { exitProgram } from './tiny-program.ts'

/** Those that run containers on the host's own kernel. */
export type KernelRuntime = Exclude<Runtime['name'], 'runsc'>

export interface ProbeInput {
  readonly clock: Clock
  readonly folders: Folders
  readonly within: Within
  readonly cgroups: CgroupLayout
  readonly seccomp: (capabilities: readonly string[]) => Seccomp
  /** Runtimes to try, the preferred one first. */
  readonly prefer?: readonly KernelRuntime[]
}

export interface RuntimeFound {
  readonly runtime: Runtime
  readonly userNamespaces: boolean
  /** What did not work, in the words of whoever refused. */
  readonly refusals: readonly string[]
}

/** Every program that what is found depends on. */
export const PROGRAMS_TRIED = ['crun', 'runc', 'conmon', 'mkfs.ext4']

const PROBE_ID = 'probe'
const DEFAULT_ORDER: readonly KernelRuntime[] = ['crun', 'runc']

export const versionOf = async (name: string, path: string, within: Within): Promise<string> => {
  const bare: Runtime = { name: 'crun', version: '', path, globalArguments: [], stateFolder: '' }
  const { output } = await callRuntime(bare, within, '--version')
  return `${name} ${/version ([^\s+]+)/.exec(output)?.[1] ?? 'of unknown version'}`
}

/** What `tryRuntime` says of a program that went on for as long as it was given. */
export const NO_END = 'no end in the time it was given'

export interface Patience {
  readonly clock: Clock
  readonly seconds: number
}

/** Whatever the runtime has started by then is ended with its cgroup. */
const runFor = async ({ clock, seconds }: Patience, runtime: Runtime, within: Within, ...args: readonly string[]) => {
  const child = spawnProcess(runtime.path, [...runtime.globalArguments, ...args], { within })
  const over = new AbortController()
  const late = clock.sleep(seconds, over.signal).then(() => 'late' as const)
  const first = await Promise.race([child.exited, late])
  over.abort()
  if (first !== 'late') return { exitCode: first, output: child.output() }
  child.kill()
  return { exitCode: await child.exited, output: NO_END }
}

/** Runs one container to its end, or for so long. Returns why it did not work. */
export const tryRuntime = async (
  input: ProbeInput,
  runtime: Runtime,
  range: number | undefined,
  place: string,
  patience?: Patience,
  program: Buffer = exitProgram(),
): Promise<string | undefined> => {
  const scratch = join(place, PROBE_ID)
  // runsc listens at an address of this name, which all instances on the machine share.
  const name = `${PROBE_ID}-${basename(input.cgroups.root)}`
  const rootfs = join(STAGE, PROBE_ID, 'rootfs')
  const cgroup = `${input.cgroups.root}/${PROBE_ID}`
  const layer = join(scratch, 'layer')
  try {
    layOutTiny(layer, program)
    input.within(() => layStage(join(STAGE, PROBE_ID)))
    input.within(() => mountProbe(layer, join(scratch, 'writable'), rootfs, range))
    const config = tinyConfig({
      rootfs,
      cgroup,
      hostname: PROBE_ID,
      seccomp: input.seccomp,
      // As for real: one that the user namespace does not own.
      networkNamespace: `/proc/${process.pid}/ns/net`,
      ...(range === undefined ? {} : { userNamespace: userNamespaceOf(range) }),
    })
    writeFileSync(
      join(scratch, 'config.json'),
      JSON.stringify(runtime.name === 'runsc' ? withOwnUsers(config) : config),
    )
    const words = ['run', '--bundle', scratch, name]
    const { exitCode, output } = await (patience === undefined
      ? callRuntime(runtime, input.within, ...words)
      : runFor(patience, runtime, input.within, ...words))
    return exitCode === 0 ? undefined : `${runtime.version}: ${output.trim() || `exit code ${exitCode}`}`
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  } finally {
    if (patience === undefined) removeCgroup(input.cgroups, cgroup)
    else await endCgroup(input.cgroups, cgroup, patience.clock)
    forget(runtime, name)
    input.within(() => {
      clearStage(join(STAGE, PROBE_ID))
    })
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** On the data disk, as for real; when that is full, what is known of the run-time folder must do. */
const tryWithRoom = async (input: ProbeInput, runtime: Runtime, range: number | undefined) => {
  const { ready, scratch } = input.folders
  try {
    return await tryRuntime(input, runtime, range, ready)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return tryRuntime(input, runtime, range, scratch)
  }
}

const mountProbe = (layer: string, writable: string, rootfs: string, range: number | undefined): void => {
  const layers = [{ diffId: PROBE_ID, kind: 'directory' as const, path: layer }]
  mkdirSync(writable, { recursive: true })
  if (range === undefined) return mountRootfs({ layers, target: rootfs, writable })
  const namespace = openRange(range)
  try {
    mountRootfs({ layers, target: rootfs, writable, owner: { namespace, firstId: firstIdOf(range) } })
  } finally {
    closeSync(namespace)
  }
  const { uid } = statSync(join(rootfs, 'program'))
  if (uid !== firstIdOf(range)) throw new Fault('unsupported', `overlay shows owner ${uid} over a shifted layer`)
}

/** The first runtime that runs a container here. Fault "unsupported" with everybody's reasons when none does. */
export const findRuntime = async (input: ProbeInput, ranges: OwnerRanges): Promise<RuntimeFound> => {
  const refusals: string[] = []
  const range = await ranges.take().catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error
    refusals.push(error.message)
    return undefined
  })
  try {
    for (const tried of range === undefined ? [undefined] : [range, undefined]) {
      for (const name of input.prefer ?? DEFAULT_ORDER) {
        const path = findProgram(name)
        if (path === undefined || (tried !== undefined && !canShiftOwners(name))) continue
        const version = await versionOf(name, path, input.within)
        const stateFolder = join(input.folders.runtime, name)
        mkdirSync(stateFolder, { recursive: true, mode: 0o700 })
        const runtime = { name, version, path, stateFolder, globalArguments: globalArguments(name, stateFolder) }
        const refusal = await tryWithRoom(input, runtime, tried)
        if (refusal === undefined) return { runtime, userNamespaces: tried !== undefined, refusals }
        refusals.push(refusal)
      }
    }
  } finally {
    if (range !== undefined) ranges.give(range)
  }
  const reasons = refusals.length === 0 ? 'neither crun nor runc is installed' : [...new Set(refusals)].join('; ')
  throw new Fault('unsupported', `no container can run on this host: ${reasons}`)
}

export interface StorageFound {
  readonly storage: TaskStorage
  readonly refusal?: string
}

/** The first rung that really works on the data disk. */
export const findStorage = async ({ folders, within, clock }: ProbeInput): Promise<StorageFound> => {
  const mkfs = findProgram('mkfs.ext4')
  if (mkfs === undefined) return { storage: plainStorage(within), refusal: 'mkfs.ext4 is not installed' }
  const storage = loopStorage({ folders, within, mkfs, clock })
  try {
    await storage.ready()
    return { storage }
  } catch (error) {
    // A disk that is full now says nothing about its limits, and lifting them would be no help.
    if (error instanceof Fault && error.kind === 'no-space') return { storage, refusal: error.message }
    const words = error instanceof Error ? error.message : String(error)
    return { storage: plainStorage(within), refusal: words }
  }
}

/** The rung that an earlier process has tried, without trying it. */
export const knownStorage = (
  kind: TaskStorage['kind'],
  { folders, within, clock }: ProbeInput,
): StorageFound | undefined => {
  const mkfs = findProgram('mkfs.ext4')
  if (kind !== 'loop' || mkfs === undefined) return undefined
  const storage = loopStorage({ folders, within, mkfs, clock })
  storage.warm()
  return { storage }
}
