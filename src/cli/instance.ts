// The instance that a command talks to: where it answers, which key opens it, whether it runs.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#config.ts'
import { CliError } from './command.ts'

/** Written by the control plane when it listens: <run directory>/server.json. */
export interface RunningServer {
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat: tells a reused process id. */
  readonly startTime: string
  readonly endpoint: string
  readonly startedAt: string
}

/** <data directory>/credentials.json, mode 0600. */
export interface RootCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly account: string
}

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export const processStartTime = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name stands in parentheses and may hold spaces: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie runs no more; who should have waited for it may be slow, or never come.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    // No such process: it is gone, which is the answer.
    return undefined
  }
}

/** Undefined when no control plane of this instance is alive. */
export const runningServer = (config: Config): RunningServer | undefined => {
  const server = readJson(join(config.runDir, 'server.json')) as RunningServer | undefined
  return server !== undefined && processStartTime(server.pid) === server.startTime ? server : undefined
}

export const rootCredentials = (config: Config): RootCredentials => {
  const found = readJson(join(config.dataDir, 'credentials.json')) as RootCredentials | undefined
  if (found === undefined) {
    throw new CliError(`${config.dataDir} holds no instance yet. Start one with: neargate up --data ${config.dataDir}`)
  }
  return found
}

export const requireServer = (config: Config): RunningServer => {
  const server = runningServer(config)
  if (server === undefined) {
    throw new CliError(`no instance runs on ${config.dataDir}. Start it with: neargate up --data ${config.dataDir}`)
  }
  return server
}
