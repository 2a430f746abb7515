// Opens what the engine works with: finds out what the host can do, once, and takes over what an earlier process left.

import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import { tryLock } from '#linux/file-lock.ts'
import { mount, MountNamespace, MOUNT } from '#linux/mount.ts'
import type { ImageStore } from '../images/layer-source.ts'
import { findCgroups, prepareCgroups, removeInstanceCgroups, type CgroupLayout } from './cgroups.ts'
import { findOut, forTakingDown } from './find-out.ts'
import { engineFolders, STAGE, type Folders } from './folders.ts'
import { Gvisor } from './gvisor.ts'
import type { Host } from './host.ts'
import { OwnLaunchSpace, sameSpace } from './launch-space.ts'
import { BIRTH_PAUSE_SECONDS, BIRTH_SECONDS } from './limits.ts'
import { OwnerRanges } from './owner-ranges.ts'
import { bootId, readTask, tasksInMemory } from './records.ts'
import { findProgram } from './runtime.ts'
import type { TaskStorage } from './task-storage.ts'
import { sealedRuntime } from './sealed-runtime.ts'
import { CompiledFilters, hostSeccomp } from './seccomp.ts'

export interface OpenOptions {
  readonly dataDir: string
  readonly runDir: string
  /** [a-z0-9]; names what this instance owns in the kernel. */
  readonly instance: string
  readonly clock: Clock
  readonly log: Log
  readonly images: ImageStore
  /** Tried alone; default: the first that works of crun and runc. */
  readonly runtime?: 'crun' | 'runc'
  /** Where runsc is; default: where it is installed. */
  readonly runsc?: string
  /** "destroy": nothing is tried out nor made ready, and no program is needed. Default: "run". */
  readonly purpose?: 'run' | 'destroy'
}

const UNIFIED_CONTROLLERS = '/sys/fs/cgroup/unified/cgroup.controllers'

/** Runs once, inside the new mount namespace. */
const setStage = (hybrid: boolean) => (): void => {
  mount('tmpfs', STAGE, 'tmpfs', MOUNT.noSuid | MOUNT.noDevices, 'mode=711')
  // crun gives up where both kinds of cgroups have controllers; in here, the second kind has none.
  if (hybrid) mount('/dev/null', UNIFIED_CONTROLLERS, null, MOUNT.bind)
}

const hardLimits = (): Map<string, number> => {
  const names: Readonly<Record<string, string>> = {
    'Max open files': 'nofile',
    'Max processes': 'nproc',
    'Max locked memory': 'memlock',
    'Max core file size': 'core',
    'Max stack size': 'stack',
    'Max data size': 'data',
    'Max file size': 'fsize',
    'Max cpu time': 'cpu',
    'Max address space': 'as',
    'Max resident set': 'rss',
    'Max file locks': 'locks',
    'Max pending signals': 'sigpending',
    'Max msgqueue size': 'msgqueue',
    'Max nice priority': 'nice',
    'Max realtime priority': 'rtprio',
    'Max realtime timeout': 'rttime',
  }
  const found = new Map<string, number>()
  for (const line of readFileSync('/proc/self/limits', 'utf8').split('\n')) {
    const [, title = '', , hard = ''] = /^(.{26})(\S+)\s+(\S+)/.exec(line) ?? []
    const name = names[title.trim()]
    if (name !== undefined && hard !== 'unlimited') found.set(name, Number(hard))
  }
  return found
}

const need = (program: string, what: string): string => {
  const path = findProgram(program)
  if (path === undefined)
    throw new Fault('unsupported', `${program} is not installed (${what}); apt-get install ${program}`)
  return path
}

/** Static programs that can be the first process of a container. */
const findInit = (): string | undefined =>
  ['/usr/libexec/podman/catatonit', '/usr/libexec/docker/docker-init'].reduce<string | undefined>(
    (found, path) => found ?? (existsSync(path) ? path : undefined),
    findProgram('tini-static') ?? findProgram('docker-init') ?? findProgram('catatonit'),
  )

const layOutFolders = (folders: Folders): void => {
  for (const folder of [
    folders.outputs,
    folders.tasks,
    folders.exits,
    folders.ready,
    folders.runtime,
    folders.sockets,
    folders.scratch,
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
}

export interface OpenHost {
  readonly host: Host
  readonly gvisor: Gvisor
  /** Why better runtimes, user namespaces or disk limits are not used. */
  readonly refusals: readonly string[]
  /** False: all was remembered from an earlier process. */
  readonly tried: boolean
  /** Lets go of what this process holds; with true, also of what outlives it. */
  readonly close: (forGood: boolean) => Promise<void>
}

const isHybrid = (cgroups: CgroupLayout): boolean =>
  cgroups.version === 'v1' && cgroups.all.some((path) => path.endsWith('/unified'))

const rangesInUse = (folders: Folders): number[] =>
  tasksInMemory(folders)
    .map((id) => readTask(folders, id)?.record.range)
    .filter((range) => range !== undefined)

const unfiltered = (): never => {
  throw new Error('an engine opened to destroy runs nothing')
}

/**
 * A server that was killed while it started a program leaves a child that is not that program yet, and that nobody would
 * find. It holds the lock of the one that was killed. Returns the lock; whoever holds it too long is alive.
 */
const untilBorn = async (folders: Folders, clock: Clock): Promise<number> => {
  const folder = dirname(folders.tasks)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = openSync(join(folder, 'lock'), 'a', 0o600)
  for (let waited = 0; !tryLock(lock) && waited < BIRTH_SECONDS; waited += BIRTH_PAUSE_SECONDS) {
    await clock.sleep(BIRTH_PAUSE_SECONDS)
  }
  return lock
}

/** Fault "unsupported" when containers cannot run here, with the reasons. */
export const openHost = async (options: OpenOptions): Promise<OpenHost> => {
  const forRunning = options.purpose !== 'destroy'
  const conmon = forRunning ? need('conmon', 'keeps the output of containers') : ''
  const folders = engineFolders(options.dataDir, options.runDir)
  if (forRunning) layOutFolders(folders)
  const lock = await untilBorn(folders, options.clock)
  const cgroups = findCgroups(options.instance)
  if (forRunning) prepareCgroups(cgroups)
  const stage = setStage(isHybrid(cgroups))
  const space = new MountNamespace(folders.mountNamespace, stage)
  const within = <T>(work: () => T): T => space.inside(work)
  const ranges = new OwnerRanges({ instance: options.instance, within, used: rangesInUse(folders) })
  let storage: TaskStorage | undefined
  let launch: OwnLaunchSpace | undefined
  const close = async (forGood: boolean): Promise<void> => {
    await ranges.settled()
    await storage?.close()
    closeSync(lock)
    if (!forGood) {
      launch?.close()
      return space.close()
    }
    launch?.remove()
    space.remove()
    removeInstanceCgroups(cgroups)
    for (const folder of [dirname(folders.outputs), dirname(folders.tasks)]) {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  try {
    const seccomp = forRunning ? hostSeccomp() : unfiltered
    const prefer = options.runtime === undefined ? {} : { prefer: [options.runtime] }
    const input = { clock: options.clock, folders, within, cgroups, seccomp, ...prefer }
    const found = forRunning ? await findOut(input, ranges) : forTakingDown(input)
    storage = found.storage
    // runc looks for the container's root file system again whenever it runs something inside.
    if (found.runtime.name === 'crun') launch = new OwnLaunchSpace(folders.launchNamespace, within, stage)
    const launching = launch ?? sameSpace(within)
    const init = findInit()
    const host: Host = {
      clock: options.clock,
      log: options.log,
      images: options.images,
      folders,
      runtime: forRunning ? sealedRuntime(found.runtime, launching.within) : found.runtime,
      conmon,
      cgroups,
      storage,
      ...(found.userNamespaces ? { ranges } : {}),
      seccomp,
      filters: new CompiledFilters(),
      hardLimits: hardLimits(),
      ...(init === undefined ? {} : { init }),
      boot: bootId(),
      within,
      launch: launching,
    }
    const gvisor = new Gvisor({ host, input, ranges, program: () => options.runsc ?? findProgram('runsc') })
    return { host, gvisor, close, refusals: found.refusals, tried: found.tried }
  } catch (error) {
    await close(tasksInMemory(folders).length === 0)
    throw error
  }
}
