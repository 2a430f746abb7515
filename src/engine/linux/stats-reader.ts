// Reads what containers use without the engine that started them: the edge answers tasks while the engine restarts.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import type { ContainerStats } from '../engine.ts'
import { containerCgroup, findCgroups, type CgroupLayout } from './cgroups.ts'
import { readStats } from './stats.ts'

const MIB = 1024 * 1024
/** A container's id begins with its task's: 32 hex digits. */
const TASK_ID_DIGITS = 32

/** Bytes; infinite where the cgroup has no limit of its own. */
const limitBytes = (layout: CgroupLayout, cgroup: string): number => {
  const [hierarchy, name] = layout.version === 'v1' ? ['memory', 'memory.limit_in_bytes'] : ['', 'memory.max']
  const text = readFileSync(join(layout.hierarchies.get(hierarchy) ?? '', cgroup, name), 'utf8').trim()
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
}

const folder = (layout: CgroupLayout, cgroup: string): string =>
  join(layout.hierarchies.get(layout.version === 'v1' ? 'memory' : '') ?? '', cgroup)

/** Reads by container id; undefined when no container of that id has a cgroup of this instance. */
export const statsReader = (
  instance: string,
  clock: Clock,
): ((containerId: string) => Promise<ContainerStats | undefined>) => {
  const layout = findCgroups(instance)
  return async (containerId) => {
    const taskId = containerId.slice(0, TASK_ID_DIGITS)
    const [task, container] = [`${layout.root}/${taskId}`, containerCgroup(layout, taskId, containerId)]
    if (!existsSync(folder(layout, container))) return undefined
    try {
      const memoryLimitMiB = Math.min(limitBytes(layout, container), limitBytes(layout, task)) / MIB
      return readStats(layout, { container, task, memoryLimitMiB }, clock.now().toISOString())
    } catch (error) {
      // It ended between two of our looks.
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENODEV') return undefined
      throw error
    }
  }
}
