// The control plane's own log: one event per line, a name and fields, never a secret.

import { writeSync } from 'node:fs'

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  /** Something happened that an operator may want to know. */
  info(event: string, fields?: LogFields): void
  /** A fault: the world failed and we go on. */
  warn(event: string, fields?: LogFields): void
  /** A bug: an assumption of ours is broken. */
  bug(event: string, error: unknown, fields?: LogFields): void
}

/** A log that cannot be written for the moment is no reason to stop: disk full, nobody reading, reader too slow. */
const FORGIVEN = new Set(['ENOSPC', 'EDQUOT', 'EPIPE', 'EAGAIN'])

const writeToStderr = (line: string): void => {
  try {
    // Not process.stderr: its errors come as an event or an exception, depending on what it is connected to.
    writeSync(2, line + '\n')
  } catch (error) {
    if (!FORGIVEN.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** Writes JSON lines to `write` (stderr by default); time comes from `now`. */
export const jsonLog = (now: () => Date, write: (line: string) => void = writeToStderr): Log => {
  const line = (level: string, event: string, fields: LogFields): void =>
    write(JSON.stringify({ time: now().toISOString(), level, event, ...fields }))
  return {
    info: (event, fields = {}) => line('info', event, fields),
    warn: (event, fields = {}) => line('warn', event, fields),
    bug: (event, error, fields = {}) =>
      line('bug', event, { ...fields, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  }
}

export const silentLog: Log = { info: () => {}, warn: () => {}, bug: () => {} }
