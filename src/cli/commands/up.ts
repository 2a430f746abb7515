// neargate up: starts the control plane and waits until it answers.

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { NODE_FLAGS } from '#base/node-flags.ts'
import { CliError, type Command, type Context } from '../command.ts'
import { rootCredentials, runningServer } from '../instance.ts'

/** Seconds given to a start; adopting thousands of tasks fits in. */
const START_TIMEOUT_SECONDS = 60

const PASSED_ON = ['data', 'port', 'host', 'auth', 'mode', 'egress', 'cpu-overcommit', 'memory-overcommit'] as const

const serverArguments = (context: Context): string[] => [
  join(import.meta.dirname, '../../main.ts'),
  'serve',
  ...PASSED_ON.flatMap((name) => {
    const value = context.flags[name]
    return typeof value === 'string' ? [`--${name}`, value] : []
  }),
  ...(context.flags['ephemeral'] === true ? ['--ephemeral'] : []),
]

const foreground = (context: Context): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [...NODE_FLAGS, ...serverArguments(context)], {
      stdio: 'inherit',
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
    child.on('close', (code) => resolve(code ?? 1))
  })

const detached = async (context: Context): Promise<void> => {
  const { config, output } = context
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const logFile = join(config.dataDir, 'neargate.log')
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [...NODE_FLAGS, ...serverArguments(context)], {
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  let exit: number | undefined
  child.on('close', (code) => (exit = code ?? 1))
  child.unref()
  for (let waited = 0; runningServer(config)?.pid !== child.pid; waited += 0.02) {
    if (exit !== undefined || waited > START_TIMEOUT_SECONDS) {
      const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
      throw new CliError(
        `the control plane did not start. The last lines of ${logFile}:\n${lines}\nSee also: neargate doctor`,
      )
    }
    if (waited > 1 && Math.abs((waited % 2) - 0) < 0.02) output.progress('still starting …')
    await systemClock.sleep(0.02)
  }
}

export const up: Command = {
  name: 'up',
  usage: 'up [--foreground] [--data DIR] [--port N] [--auth off] [--ephemeral]',
  summary: 'Start Neargate and wait until it answers.',
  options: {
    foreground: { type: 'boolean', help: 'stay in this terminal and print the log here' },
    host: { type: 'string', value: 'ADDRESS', help: 'where to listen (default 127.0.0.1)' },
    auth: { type: 'string', value: 'on|off', help: 'off accepts any signature, on loopback only' },
    mode: { type: 'string', value: 'strict|extended', help: 'strict rejects exactly what Fargate rejects' },
    egress: { type: 'string', value: 'on|off', help: 'off keeps tasks from the world outside' },
    'cpu-overcommit': { type: 'string', value: 'N', help: 'promise the host’s CPUs to tasks that often (default 32)' },
    'memory-overcommit': {
      type: 'string',
      value: 'N',
      help: 'promise the host’s memory to tasks that often (default 6)',
    },
    ephemeral: {
      type: 'boolean',
      help: 'keep nothing: state in memory, all removed on stop; allows POST /_neargate/reset',
    },
  },
  run: async (context) => {
    const { config, output } = context
    const already = runningServer(config)
    if (already !== undefined) {
      output.result(`Neargate runs already on ${already.endpoint} (process ${already.pid}).`, {
        ...already,
        started: false,
      })
      return 0
    }
    if (context.flags['foreground'] === true) return foreground(context)
    await detached(context)
    const server = runningServer(config)
    if (server === undefined) throw new CliError('the control plane stopped right after its start. See: neargate logs')
    const { account } = rootCredentials(config)
    const at = config.dataDir === '/var/lib/neargate' ? '' : ` --data ${config.dataDir}`
    output.result(
      [
        `Neargate runs on ${server.endpoint} (process ${server.pid}, account ${account}, data in ${config.dataDir}).`,
        '',
        `  eval "$(neargate env${at})"       point the AWS CLI and SDKs of this shell at it`,
        '  aws ecs list-clusters             try it',
        `  neargate down${at}                stop it and everything it runs`,
      ].join('\n'),
      { ...server, started: true, account, dataDir: config.dataDir },
    )
    return 0
  },
}
