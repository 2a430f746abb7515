// The extended header of a tar entry: "<length> <key>=<value>\n" records that override the plain header.

import { Fault } from '#base/fault.ts'
import type { FileTime } from '#linux/files.ts'

export interface Pax {
  readonly path?: string
  readonly target?: string
  readonly size?: number
  readonly uid?: number
  readonly gid?: number
  readonly modified?: FileTime
  readonly sparse: boolean
  readonly attributes: readonly (readonly [name: string, value: Buffer])[]
}

export const NO_PAX: Pax = { sparse: false, attributes: [] }

const ATTRIBUTE = 'SCHILY.xattr.'

const invalid = (): Fault => new Fault('invalid', 'archive/tar: invalid extended header')

export const paxRecords = (body: Buffer): Pax => {
  const found: Record<string, string | undefined> = {}
  const attributes = new Map<string, Buffer>()
  let sparse = false
  for (const [key, value] of records(body)) {
    if (key.startsWith(ATTRIBUTE)) attributes.set(key.slice(ATTRIBUTE.length), value)
    else if (key.startsWith('GNU.sparse.')) sparse = true
    // An empty value takes a record back; a plain key is kept as bytes.
    else if (KEYS.has(key)) found[key] = value.length === 0 ? undefined : value.toString('latin1')
  }
  const { path, linkpath, size, uid, gid, mtime } = found
  return {
    sparse,
    attributes: [...attributes],
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { target: linkpath }),
    ...(size === undefined ? {} : { size: whole(size) }),
    ...(uid === undefined ? {} : { uid: whole(uid) }),
    ...(gid === undefined ? {} : { gid: whole(gid) }),
    ...(mtime === undefined ? {} : { modified: paxTime(mtime) }),
  }
}

const KEYS = new Set(['path', 'linkpath', 'size', 'uid', 'gid', 'mtime'])

/** Lengths count themselves, the blank, the text and the newline. */
const records = function* (body: Buffer): Generator<[key: string, value: Buffer]> {
  let at = 0
  while (at < body.length) {
    const blank = body.indexOf(0x20, at)
    const digits = blank < 0 || blank - at > 10 ? '' : body.toString('latin1', at, blank)
    if (!/^[1-9][0-9]*$/.test(digits)) throw invalid()
    const end = at + Number(digits)
    const equals = body.indexOf(0x3d, blank + 1)
    if (end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end || equals === blank + 1) {
      throw invalid()
    }
    yield [body.toString('latin1', blank + 1, equals), body.subarray(equals + 1, end - 1)]
    at = end
  }
}

const whole = (text: string): number => {
  const value = Number(text)
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(value)) throw invalid()
  return value
}

/** Seconds since 1970 with up to nine decimals that count, e.g. "1700000000.123456789"; may be negative. */
export const paxTime = (text: string): FileTime => {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(text)
  if (match === null) throw invalid()
  const seconds = Number(match[2])
  const nanoseconds = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'))
  if (match[1] === '') return { seconds, nanoseconds }
  // The nanoseconds of a file time count forward, before 1970 too.
  return nanoseconds === 0
    ? { seconds: 0 - seconds, nanoseconds: 0 }
    : { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds }
}
