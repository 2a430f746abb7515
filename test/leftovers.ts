// What an instance has in the kernel: processes, mounts, namespaces and cgroups that carry its name.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#config.ts'

const readable = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A process may end while we look at it.
    return ''
  }
}

const listed = (path: string): string[] => (existsSync(path) ? readdirSync(path) : [])

export interface Leftovers {
  /** Command lines, the control plane's own and the edge's left out. */
  readonly processes: readonly string[]
  readonly mounts: readonly string[]
  readonly cgroups: readonly string[]
}

const cgroupsBelow = (folder: string, depth: number): string[] =>
  listed(folder).flatMap((name) => {
    const path = join(folder, name)
    return existsSync(join(path, 'cgroup.procs')) ? [path, ...(depth > 0 ? cgroupsBelow(path, depth - 1) : [])] : []
  })

/** Everything of the instance's tasks that is in the kernel now. */
export const leftovers = (config: Config): Leftovers => {
  const ours = (text: string): boolean => text.includes(config.runDir) || text.includes(config.dataDir)
  const processes = listed('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readable(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter((command) => ours(command) && !/main\.ts serve|edge/.test(command))
  const mounts = readable('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => ours(path) && /[0-9a-f]{32}|eni-/.test(path))
  const roots = ['/sys/fs/cgroup', ...listed('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name))]
  const cgroups = roots
    .flatMap((root) => cgroupsBelow(join(root, `neargate-${config.instance}`), 3))
    .filter((path) => /[0-9a-f]{32}/.test(path))
  return { processes, mounts, cgroups }
}

export const NONE: Leftovers = { processes: [], mounts: [], cgroups: [] }
