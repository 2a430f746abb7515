// What a command is: data that says how it is called, and a function that does it.

import type { ConfigFlags, Config } from '#config.ts'

/** Options are long only; a string takes a value, a boolean does not. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly value?: string
  readonly help: string
}

export interface Context {
  readonly config: Config
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  /** What stands after the command's name. */
  readonly args: readonly string[]
  readonly output: Output
}

export interface Output {
  readonly json: boolean
  /** The result: text for people, or one JSON document with --json. */
  result(text: string, document: unknown): void
  /** One line of progress on stderr; nothing with --json. */
  progress(text: string): void
  /** Raw bytes of output, e.g. log lines. */
  write(text: string): void
}

export interface Command {
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly options: Readonly<Record<string, Option>>
  /** How many words may stand after its name; none when absent. */
  readonly words?: number
  /** Resolves to the exit code. Throws CliError for what the person can mend. */
  readonly run: (context: Context) => Promise<number>
}

/** A failure that a person can mend; the message says how. */
export class CliError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Every command takes these, so that several instances live side by side on one machine. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  data: {
    type: 'string',
    value: 'DIR',
    help: 'the instance’s data directory (default /var/lib/neargate, or NEARGATE_DATA)',
  },
  port: { type: 'string', value: 'N', help: 'the port of its API (default 4566, or NEARGATE_PORT)' },
  json: { type: 'boolean', help: 'one JSON document on standard output' },
  help: { type: 'boolean', help: 'this text' },
}

export const configFlags = (flags: Context['flags']): ConfigFlags => {
  const text = (name: string): string | undefined => {
    const value = flags[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    data: text('data'),
    port: text('port'),
    host: text('host'),
    auth: text('auth'),
    mode: text('mode'),
    egress: text('egress'),
    cpuOvercommit: text('cpu-overcommit'),
    memoryOvercommit: text('memory-overcommit'),
    ephemeral: flags['ephemeral'] === true ? true : undefined,
  }
}
