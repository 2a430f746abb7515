// A container's use of the machine in the shape of Docker's statistics, version 1, as the endpoint has always answered.
// https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerStats

import type { ContainerStats } from '#engine/engine.ts'
import type { InterfaceCounters } from '#network/network.ts'

export interface Reading {
  readonly use: ContainerStats
  readonly network: InterfaceCounters | undefined
}

/** Docker's time before anything was read. */
const NEVER = '0001-01-01T00:00:00Z'
/** The name under which Fargate shows the task's interface. */
const INTERFACE = 'eth1'

const cpu = (use: ContainerStats) => ({
  cpu_usage: {
    total_usage: use.cpuNanos,
    usage_in_kernelmode: use.cpuSystemNanos,
    usage_in_usermode: use.cpuUserNanos,
  },
  system_cpu_usage: use.systemCpuNanos,
  online_cpus: use.onlineCpus,
  throttling_data: {
    periods: use.cpuPeriods,
    throttled_periods: use.cpuThrottledPeriods,
    throttled_time: use.cpuThrottledNanos,
  },
})

const NO_CPU = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

const bytesMoved = (use: ContainerStats) =>
  [
    { op: 'Read', value: use.readBytes },
    { op: 'Write', value: use.writeBytes },
    { op: 'Total', value: use.readBytes + use.writeBytes },
  ].map((entry) => ({ major: 0, minor: 0, ...entry }))

const networks = (use: InterfaceCounters) => ({
  [INTERFACE]: {
    rx_bytes: use.receivedBytes,
    rx_packets: use.receivedPackets,
    rx_errors: use.receivedErrors,
    rx_dropped: use.receivedDropped,
    tx_bytes: use.sentBytes,
    tx_packets: use.sentPackets,
    tx_errors: use.sentErrors,
    tx_dropped: use.sentDropped,
  },
})

/** Undefined until there are two readings. */
const networkRates = (now: Reading, before: Reading | undefined, seconds: number) => {
  if (now.network === undefined || before?.network === undefined || seconds <= 0) return undefined
  return {
    rx_bytes_per_sec: (now.network.receivedBytes - before.network.receivedBytes) / seconds,
    tx_bytes_per_sec: (now.network.sentBytes - before.network.sentBytes) / seconds,
  }
}

/** `seconds` lie between the two readings. */
export const dockerStats = (
  id: string,
  name: string,
  now: Reading,
  before: Reading | undefined,
  seconds: number,
): object => {
  const { use } = now
  const rates = networkRates(now, before, seconds)
  return {
    read: use.readAt,
    preread: before?.use.readAt ?? NEVER,
    pids_stats: { current: use.processes },
    blkio_stats: {
      io_service_bytes_recursive: bytesMoved(use),
      io_serviced_recursive: [],
      io_queue_recursive: [],
      io_service_time_recursive: [],
      io_wait_time_recursive: [],
      io_merged_recursive: [],
      io_time_recursive: [],
      sectors_recursive: [],
    },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu(use),
    precpu_stats: before === undefined ? NO_CPU : cpu(before.use),
    memory_stats: {
      usage: use.memoryBytes,
      max_usage: use.memoryMaxBytes,
      stats: use.memoryDetail,
      limit: use.memoryLimitBytes,
    },
    name,
    id,
    ...(now.network === undefined ? {} : { networks: networks(now.network) }),
    ...(rates === undefined ? {} : { network_rate_stats: rates }),
  }
}
