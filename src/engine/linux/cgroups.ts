// The cgroups of tasks: one parent per task with its limits, a leaf per container, on cgroup v1 and v2 alike.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { CPU_PERIOD_MICROS, TASK_PIDS } from './limits.ts'

const MIB = 1024 * 1024
/** cgroup v1 counts CPU weight from 2 to 262144; the shares of a whole CPU are 1024. */
const SHARES_PER_CPU = 1024

export interface CgroupLayout {
  readonly version: 'v1' | 'v2'
  /** Folder per controller; v2 has one, under "". */
  readonly hierarchies: ReadonlyMap<string, string>
  /** Every hierarchy that a runtime makes folders in, hence also the ones to clean. */
  readonly all: readonly string[]
  /** Below each hierarchy: the folder of this instance, beginning with "/". */
  readonly root: string
}

const CONTROLLERS_NEEDED = ['cpu', 'memory', 'pids'] as const

/** Our own place in the v2 tree: "" at its root, else what systemd or a container has delegated to us. */
const ownV2Place = (): string => {
  const line = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('0::'))
  const place = line?.slice(3) ?? '/'
  return place === '/' ? '' : place
}

/** What this host has, by looking at its mounts. */
export const findCgroups = (instance: string): CgroupLayout => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const v1 = mounts.filter(([, , type]) => type === 'cgroup')
  const hierarchies = new Map<string, string>()
  for (const [, path = '', , options = ''] of v1) {
    for (const name of options.split(',')) hierarchies.set(name, path)
  }
  if (CONTROLLERS_NEEDED.every((name) => hierarchies.has(name))) {
    const unified = mounts.find(([, , type]) => type === 'cgroup2')?.[1]
    const all = [...new Set(v1.map(([, path = '']) => path)), ...(unified === undefined ? [] : [unified])]
    return { version: 'v1', hierarchies, all, root: `/neargate-${instance}` }
  }
  const unified = mounts.find(([, , type]) => type === 'cgroup2')?.[1]
  if (unified === undefined) throw new Fault('unsupported', 'no cgroups are mounted below /sys/fs/cgroup')
  // A delegated unit's own processes live in a leaf of their own, so that its other children may have controllers.
  const place = ownV2Place().replace(/\/neargate-control$/, '')
  return { version: 'v2', hierarchies: new Map([['', unified]]), all: [unified], root: `${place}/neargate-${instance}` }
}

const enableControllers = (folder: string): void => {
  const available = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ')
  for (const controller of ['cpu', 'memory', 'pids', 'io', 'cpuset']) {
    if (available.includes(controller)) writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`)
    else if (controller !== 'io' && controller !== 'cpuset') {
      throw new Fault('unsupported', `the cgroup controller "${controller}" is not available in ${folder}`)
    }
  }
}

/**
 * Makes the instance's own folder. On v2 a cgroup with processes may not hand controllers to its children, so this
 * process first moves into a leaf when it runs in a delegated unit.
 */
export const prepareCgroups = (layout: CgroupLayout): void => {
  if (layout.version === 'v1') return
  const [base = ''] = layout.all
  const unit = join(base, dirname(layout.root))
  if (dirname(layout.root) !== '/') {
    const leaf = join(unit, 'neargate-control')
    mkdirSync(leaf, { recursive: true })
    for (const pid of readFileSync(join(unit, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
      writeFileSync(join(leaf, 'cgroup.procs'), pid)
    }
  }
  enableControllers(unit)
  mkdirSync(join(base, layout.root), { recursive: true })
  enableControllers(join(base, layout.root))
}

export interface TaskLimits {
  readonly cpuMillis: number
  readonly memoryMiB: number
}

const put = (folder: string, values: Readonly<Record<string, string>>): void => {
  mkdirSync(folder, { recursive: true })
  for (const [name, value] of Object.entries(values)) {
    const file = join(folder, name)
    // Kernels without swap accounting have no such file, and without swap there is nothing to limit.
    if (name.includes('sw') && !existsSync(file)) continue
    writeFileSync(file, value)
  }
}

/** Makes the task's parent cgroup with its limits; again is harmless. */
export const makeTaskCgroup = (layout: CgroupLayout, taskId: string, limits: TaskLimits): void => {
  const quota = Math.max(1000, Math.round((limits.cpuMillis * CPU_PERIOD_MICROS) / 1000))
  const memory = String(limits.memoryMiB * MIB)
  const shares = Math.max(2, Math.round((limits.cpuMillis * SHARES_PER_CPU) / 1000))
  const at = (controller: string): string => join(layout.hierarchies.get(controller) ?? '', layout.root, taskId)
  if (layout.version === 'v1') {
    // The limit with swap may not be below the one without: widen it last, never first.
    put(at('cpu'), {
      'cpu.cfs_period_us': String(CPU_PERIOD_MICROS),
      'cpu.cfs_quota_us': String(quota),
      'cpu.shares': String(shares),
    })
    put(at('memory'), {
      'memory.use_hierarchy': '1',
      'memory.limit_in_bytes': memory,
      'memory.memsw.limit_in_bytes': memory,
    })
    put(at('pids'), { 'pids.max': String(TASK_PIDS) })
    return
  }
  put(at(''), {
    'cpu.max': `${quota} ${CPU_PERIOD_MICROS}`,
    'cpu.weight': String(Math.min(10_000, Math.max(1, Math.round(1 + ((shares - 2) * 9999) / 262_142)))),
    'memory.max': memory,
    'memory.swap.max': '0',
    'pids.max': String(TASK_PIDS),
  })
  enableControllers(at(''))
}

/** What goes into the runtime's configuration. */
export const containerCgroup = (layout: CgroupLayout, taskId: string, containerId: string): string =>
  `${layout.root}/${taskId}/${containerId}`

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // The cgroup may go away between any two of our calls.
    if (code === 'ENOENT' || code === 'ENODEV') return undefined
    throw error
  }
}

const foldersBelow = (folder: string): string[] => {
  // Of most hierarchies there is nothing any more: an error would cost ten times this call.
  if (!existsSync(folder)) return []
  let names: string[]
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return [...names.flatMap(foldersBelow), folder]
}

/** The cgroup and all below it, on every hierarchy, wherever a runtime made them; the deepest of each first. */
export const cgroupFolders = (layout: CgroupLayout, cgroup: string): string[] =>
  layout.all.flatMap((hierarchy) => foldersBelow(join(hierarchy, cgroup)))

/** All processes in those folders. */
export const processesIn = (folders: readonly string[]): number[] => {
  const found = new Set<number>()
  for (const folder of folders) {
    for (const pid of (read(join(folder, 'cgroup.procs')) ?? '').split('\n')) if (pid !== '') found.add(Number(pid))
  }
  // Zero: processes of a pid namespace that we do not see; they cannot be ours.
  found.delete(0)
  return [...found]
}

/** Removes those folders, which come with the deepest first. Returns those that cannot go while somebody is inside. */
export const removeFolders = (folders: readonly string[]): string[] =>
  folders.filter((folder) => {
    try {
      rmdirSync(folder)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EBUSY') return true
      if (code !== 'ENOENT') throw error
    }
    return false
  })

/** Removes the cgroup with everything below. False while processes are still inside. */
export const removeCgroup = (layout: CgroupLayout, cgroup: string): boolean =>
  removeFolders(cgroupFolders(layout, cgroup)).length === 0

/** True when that task has a cgroup, on any hierarchy. */
export const hasCgroup = (layout: CgroupLayout, taskId: string): boolean =>
  layout.all.some((hierarchy) => existsSync(join(hierarchy, layout.root, taskId)))

/** Names of what stands below the instance's folder: tasks, also forgotten ones. */
export const tasksWithCgroups = (layout: CgroupLayout): string[] => {
  const found = new Set<string>()
  for (const hierarchy of layout.all) {
    const folder = join(hierarchy, layout.root)
    if (!existsSync(folder)) continue
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) found.add(entry.name)
  }
  return [...found]
}

/** True when the kernel killed a process of that container for want of memory. */
export const wasOomKilled = (layout: CgroupLayout, cgroup: string): boolean => {
  const [folder, file] =
    layout.version === 'v1'
      ? [layout.hierarchies.get('memory') ?? '', 'memory.oom_control']
      : [layout.all[0] ?? '', 'memory.events']
  const text = read(join(folder, cgroup, file)) ?? ''
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0
}

/** Removes the instance's own folder, once its tasks are gone. */
export const removeInstanceCgroups = (layout: CgroupLayout): void => {
  removeCgroup(layout, layout.root)
}
