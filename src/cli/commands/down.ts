// neargate down: stops the control plane and removes all it made in the kernel; what is on disk stays.

import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { NODE_FLAGS } from '#base/node-flags.ts'
import { run } from '#base/run.ts'
import { CliError, type Command } from '../command.ts'
import { processStartTime, runningServer } from '../instance.ts'

/** Seconds until a control plane that does not end is killed. */
const STOP_TIMEOUT_SECONDS = 10

const stop = async (pid: number, startTime: string): Promise<void> => {
  process.kill(pid, 'SIGTERM')
  for (let waited = 0; processStartTime(pid) === startTime; waited += 0.02) {
    // Crash-only: a kill loses nothing.
    if (waited > STOP_TIMEOUT_SECONDS) process.kill(pid, 'SIGKILL')
    if (waited > STOP_TIMEOUT_SECONDS + 5) throw new CliError(`process ${pid} does not end; is it stuck in the kernel?`)
    await systemClock.sleep(0.02)
  }
}

export const down: Command = {
  name: 'down',
  usage: 'down [--keep-tasks] [--data DIR]',
  summary: 'Stop Neargate and every task it runs; the data directory stays.',
  options: {
    'keep-tasks': { type: 'boolean', help: 'stop the control plane only: tasks run on, and the next "up" adopts them' },
  },
  run: async ({ config, flags, output }) => {
    const server = runningServer(config)
    if (server !== undefined) {
      output.progress(`stopping process ${server.pid} …`)
      await stop(server.pid, server.startTime)
    }
    if (flags['keep-tasks'] === true) {
      output.result('The control plane is stopped; its tasks run on.', {
        stopped: server !== undefined,
        tasksKept: true,
      })
      return 0
    }
    output.progress('removing tasks, namespaces, mounts and cgroups …')
    const node = [...NODE_FLAGS, join(import.meta.dirname, '../../main.ts')]
    await run(process.execPath, [...node, 'destroy', '--data', config.dataDir], {
      timeoutSeconds: 120,
    })
    output.result(
      server === undefined
        ? 'Nothing was running; nothing is left.'
        : 'Neargate is stopped; nothing of it is left running.',
      { stopped: server !== undefined, tasksKept: false },
    )
    return 0
  },
}
