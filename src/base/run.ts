// Runs a program to its end with an argument array; never a shell string.

import { spawn } from 'node:child_process'
import { Fault } from './fault.ts'

export interface RunOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal
}

export interface RunResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Bytes of output kept per stream; the rest is dropped, so that a noisy program cannot fill our memory. */
const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024

/** Resolves whatever the exit code is; rejects with a Fault when the program cannot be started or takes too long. */
export const runToEnd = (command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: (options.timeoutSeconds ?? 60) * 1000,
      killSignal: 'SIGKILL',
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const kept = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (kept[stream].length < OUTPUT_LIMIT_BYTES) kept[stream] += text
      })
    }
    child.on('error', (error) =>
      reject(new Fault('failed', `${command} could not be run: ${error.message}`, { cause: error })),
    )
    child.on('close', (code, signal) => {
      if (code === null) reject(new Fault('timeout', `${command} was ended by ${signal ?? 'an unknown signal'}`))
      else resolve({ exitCode: code, ...kept })
    })
    // A program that does not read its input must not bring us down.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })

/** Like runToEnd, but a non-zero exit is a Fault that carries the program's own words. */
export const run = async (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> => {
  const result = await runToEnd(command, args, options)
  if (result.exitCode !== 0) {
    const said = (result.stderr || result.stdout).trim().slice(-2000)
    throw new Fault('failed', `${command} ${args[0] ?? ''} exited with ${result.exitCode}: ${said}`)
  }
  return result.stdout
}
