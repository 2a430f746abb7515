// What an earlier process found out about this host, kept until the next boot: finding out costs a container and a file
// system, and cannot be done at all on a data disk that is full.

import { statSync } from 'node:fs'
import type { EngineCapabilities } from '../engine.ts'
import { bootId, readRecord, writeRecord } from './records.ts'
import { findProgram, type Runtime } from './runtime.ts'

export interface Remembered {
  readonly runtime: Runtime
  readonly userNamespaces: boolean
  /** Why better runtimes are not used. */
  readonly refusals: readonly string[]
  /** Absent: the best rung was not to be had, which may be mended at any time. */
  readonly storage?: EngineCapabilities['storageLimit']
}

interface MemoryFile<T> {
  readonly boot: string
  readonly identity: readonly string[]
  readonly found: T
}

/** Changes when the file does. */
export const identityOf = (path: string): string => {
  const { mtimeMs, size } = statSync(path)
  return `${path} ${mtimeMs} ${size}`
}

/** Changes when one of these programs comes, goes or is upgraded. */
export const identityOfPrograms = (names: readonly string[]): string[] =>
  names.map((name) => {
    const path = findProgram(name)
    return path === undefined ? `no ${name}` : identityOf(path)
  })

/** What was found under the same circumstances since the last boot. */
export const recall = <T = Remembered>(file: string, identity: readonly string[]): T | undefined => {
  const memory = readRecord<MemoryFile<T>>(file)
  if (memory?.boot !== bootId() || memory.identity.join('\n') !== identity.join('\n')) return undefined
  return memory.found
}

export const remember = <T extends object = Remembered>(file: string, identity: readonly string[], found: T): void =>
  writeRecord(file, { boot: bootId(), identity, found } satisfies MemoryFile<T>)
