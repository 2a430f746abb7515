// neargate status: whether it runs, where it answers, and how many tasks it has.

import type { Command } from '../command.ts'
import { clientFor } from '../client.ts'
import { runningServer } from '../instance.ts'

interface Amount {
  readonly cpuUnits: number
  readonly memoryMiB: number
}

interface Health {
  readonly status: string
  readonly version: string
  readonly runtime: string
  readonly tasks: Readonly<Record<string, number>>
  readonly capacity: {
    readonly pool: Amount
    readonly onDemand: Amount
    readonly spot: Amount
    readonly waitingOnDemand: number
    readonly waitingSpot: number
  }
}

const UNITS_PER_VCPU = 1024
const MIB_PER_GIB = 1024

const shown = ({ cpuUnits, memoryMiB }: Amount): string =>
  `${Number((cpuUnits / UNITS_PER_VCPU).toFixed(2))} vCPU and ${Number((memoryMiB / MIB_PER_GIB).toFixed(1))} GiB`

/** What is promised, not what is used: a task counts with the size of its definition. */
const poolLines = ({ capacity: { pool, onDemand, spot, waitingOnDemand, waitingSpot } }: Health): string[] => [
  `Pool: ${shown(pool)} (over-commitment counted in); on-demand holds ${shown(onDemand)}, Spot ${shown(spot)}.`,
  ...(waitingOnDemand + waitingSpot === 0
    ? []
    : [`Waiting for room: ${waitingOnDemand} on-demand and ${waitingSpot} Spot tasks.`]),
]

export const status: Command = {
  name: 'status',
  usage: 'status [--data DIR]',
  summary: 'Say whether Neargate runs, where it answers and what it runs. Exit code 3 when it does not run.',
  options: {},
  run: async ({ config, output }) => {
    const server = runningServer(config)
    if (server === undefined) {
      output.result(`Not running (data in ${config.dataDir}). Start it with: neargate up`, {
        running: false,
        dataDir: config.dataDir,
      })
      return 3
    }
    const health = (await clientFor(config).own('GET', '/_neargate/status')) as Health
    const tasks = Object.entries(health.tasks).map(([state, count]) => `${count} ${state}`)
    output.result(
      [
        `Running on ${server.endpoint} since ${server.startedAt} (process ${server.pid}).`,
        `Data in ${config.dataDir}; containers by ${health.runtime}.`,
        ...poolLines(health),
        `Tasks: ${tasks.length === 0 ? 'none' : tasks.join(', ')}.`,
      ].join('\n'),
      { running: true, ...server, dataDir: config.dataDir, ...health },
    )
    return 0
  },
}
