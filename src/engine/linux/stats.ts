// What one container uses, read from its cgroup.

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { ContainerStats } from '../engine.ts'
import type { CgroupLayout } from './cgroups.ts'

const MIB = 1024 * 1024
/** Of /proc/stat and of cgroup v1's cpuacct.stat; fixed in the kernel's interface at 100 per second. */
const NANOS_PER_TICK = 10_000_000
const NANOS_PER_MICRO = 1000
const onlineCpus = cpus().length

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENODEV') return ''
    throw error
  }
}

/** "name number" per line. */
const pairs = (text: string): Record<string, number> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.split(' '))
      .filter((parts) => parts.length === 2)
      .map(([name = '', value]) => [name, Number(value)]),
  )

const systemCpuNanos = (): number => {
  const [first = ''] = read('/proc/stat').split('\n', 1)
  // user nice system idle iowait irq softirq steal; guests are contained in user.
  const ticks = first.split(/\s+/).slice(1, 9)
  return ticks.reduce((sum, tick) => sum + Number(tick), 0) * NANOS_PER_TICK
}

/** v1: "8:0 Read 4096" per line. v2: "8:0 rbytes=4096 wbytes=0 ..." per line. */
const blockBytes = (text: string, word: RegExp): number => {
  let sum = 0
  for (const match of text.matchAll(word)) sum += Number(match[1])
  return sum
}

export interface StatsOf {
  /** Below each hierarchy. */
  readonly container: string
  readonly task: string
  readonly memoryLimitMiB: number
}

type Used = Omit<ContainerStats, 'readAt' | 'onlineCpus' | 'systemCpuNanos' | 'memoryLimitBytes'>

const readV1 = (layout: CgroupLayout, { container, task }: StatsOf): Used => {
  const file = (controller: string, name: string, cgroup = container): string =>
    read(join(layout.hierarchies.get(controller) ?? '', cgroup, name))
  const ticks = pairs(file('cpuacct', 'cpuacct.stat'))
  // The quota is the task's, so it is there that time is withheld.
  const throttled = pairs(file('cpu', 'cpu.stat', task))
  const blocks = file('blkio', 'blkio.throttle.io_service_bytes')
  return {
    cpuNanos: Number(file('cpuacct', 'cpuacct.usage')),
    cpuUserNanos: (ticks['user'] ?? 0) * NANOS_PER_TICK,
    cpuSystemNanos: (ticks['system'] ?? 0) * NANOS_PER_TICK,
    cpuPeriods: throttled['nr_periods'] ?? 0,
    cpuThrottledPeriods: throttled['nr_throttled'] ?? 0,
    cpuThrottledNanos: throttled['throttled_time'] ?? 0,
    memoryBytes: Number(file('memory', 'memory.usage_in_bytes')),
    memoryMaxBytes: Number(file('memory', 'memory.max_usage_in_bytes')),
    memoryDetail: pairs(file('memory', 'memory.stat')),
    processes: Number(file('pids', 'pids.current')),
    readBytes: blockBytes(blocks, /^\d\S* Read (\d+)$/gm),
    writeBytes: blockBytes(blocks, /^\d\S* Write (\d+)$/gm),
  }
}

const readV2 = (layout: CgroupLayout, { container, task }: StatsOf): Used => {
  const file = (name: string, cgroup = container): string => read(join(layout.all[0] ?? '', cgroup, name))
  const cpu = pairs(file('cpu.stat'))
  const throttled = pairs(file('cpu.stat', task))
  const blocks = file('io.stat')
  const memoryBytes = Number(file('memory.current'))
  return {
    cpuNanos: (cpu['usage_usec'] ?? 0) * NANOS_PER_MICRO,
    cpuUserNanos: (cpu['user_usec'] ?? 0) * NANOS_PER_MICRO,
    cpuSystemNanos: (cpu['system_usec'] ?? 0) * NANOS_PER_MICRO,
    cpuPeriods: throttled['nr_periods'] ?? 0,
    cpuThrottledPeriods: throttled['nr_throttled'] ?? 0,
    cpuThrottledNanos: (throttled['throttled_usec'] ?? 0) * NANOS_PER_MICRO,
    memoryBytes,
    // Kernels before 5.19 do not keep the peak.
    memoryMaxBytes: Number(file('memory.peak')) || memoryBytes,
    memoryDetail: pairs(file('memory.stat')),
    processes: Number(file('pids.current')),
    readBytes: blockBytes(blocks, /\brbytes=(\d+)/g),
    writeBytes: blockBytes(blocks, /\bwbytes=(\d+)/g),
  }
}

export const readStats = (layout: CgroupLayout, of: StatsOf, readAt: string): ContainerStats => ({
  readAt,
  onlineCpus,
  systemCpuNanos: systemCpuNanos(),
  memoryLimitBytes: of.memoryLimitMiB * MIB,
  ...(layout.version === 'v1' ? readV1(layout, of) : readV2(layout, of)),
})
