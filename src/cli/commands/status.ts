// neargate status: whether it runs, where it answers, and how many tasks it has.

import type { Command } from '../command.ts'
import { clientFor } from '../client.ts'
import { runningServer } from '../instance.ts'

interface Health {
  readonly status: string
  readonly version: string
  readonly runtime: string
  readonly tasks: Readonly<Record<string, number>>
}

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
        `Tasks: ${tasks.length === 0 ? 'none' : tasks.join(', ')}.`,
      ].join('\n'),
      { running: true, ...server, dataDir: config.dataDir, ...health },
    )
    return 0
  },
}
