// Reads a tar as it arrives: ustar, pax and GNU long names; everything it does not understand is refused, not guessed.

import { Fault } from '#base/fault.ts'
import { TAR_METADATA_BYTES, type LayerLimits } from './limits.ts'
import { blockIsZero, parsedHeader, type RawHeader } from './tar-header.ts'
import { cleanPath } from './tar-path.ts'
import { paxRecords, NO_PAX, type Pax } from './tar-pax.ts'
import type { FileTime } from '#linux/files.ts'

export type TarKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'fifo' | 'device'

/** Names are Latin-1 strings, one character per byte. */
export interface TarEntry {
  readonly kind: TarKind
  /** Relative, without "." and ".."; "" is the root itself. */
  readonly path: string
  /** Of a symbolic link: as it stands. Of a hard link: cleaned like `path`. Else "". */
  readonly target: string
  readonly size: number
  /** Permission bits with set-user-id, set-group-id and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modified: FileTime
  readonly attributes: readonly (readonly [name: string, value: Buffer])[]
}

export type TarEvent =
  | { readonly is: 'entry'; readonly entry: TarEntry }
  | { readonly is: 'data'; readonly bytes: Uint8Array }
  /** All bytes of the file have been given. Comes after each entry of kind "file", empty ones too. */
  | { readonly is: 'end' }

const BLOCK = 512

const KINDS: Readonly<Record<string, TarKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
}

const broken = (what: string): Fault => new Fault('invalid', `archive/tar: ${what}`)

type State =
  | { readonly in: 'header' }
  | { readonly in: 'metadata'; readonly type: string; readonly parts: Uint8Array[]; left: number }
  | { readonly in: 'file'; left: number }
  | { readonly in: 'padding'; left: number }
  | { readonly in: 'after-end' }

/** Feed it chunks of any size; it gives events. A generator must be read to its end before the next chunk is fed. */
export class TarReader {
  readonly #limits: LayerLimits
  readonly #header = Buffer.alloc(BLOCK)
  #headerBytes = 0
  #state: State = { in: 'header' }
  #zeroBlocks = 0
  #entries = 0
  #totalBytes = 0
  #pax: Pax = NO_PAX
  #longName: string | undefined
  #longTarget: string | undefined

  constructor(limits: LayerLimits) {
    this.#limits = limits
  }

  *feed(chunk: Uint8Array): Generator<TarEvent, void> {
    let at = 0
    while (at < chunk.length) {
      const state = this.#state
      if (state.in === 'after-end') return
      if (state.in === 'header') {
        const taken = Math.min(BLOCK - this.#headerBytes, chunk.length - at)
        this.#header.set(chunk.subarray(at, at + taken), this.#headerBytes)
        at += taken
        this.#headerBytes += taken
        if (this.#headerBytes < BLOCK) return
        this.#headerBytes = 0
        yield* this.#headerRead()
        continue
      }
      const taken = Math.min(state.left, chunk.length - at)
      const part = chunk.subarray(at, at + taken)
      at += taken
      state.left -= taken
      if (state.in === 'file') yield { is: 'data', bytes: part }
      if (state.in === 'metadata') state.parts.push(part.slice())
      if (state.left === 0) yield* this.#bodyRead(state)
    }
  }

  /** The input has ended. Some writers leave the two zero blocks out; an archive cut inside an entry is refused. */
  finish(): void {
    const between = this.#state.in === 'after-end' || (this.#state.in === 'header' && this.#headerBytes === 0)
    const dangling = this.#pax !== NO_PAX || this.#longName !== undefined || this.#longTarget !== undefined
    if (!between || dangling) throw broken('unexpected EOF')
  }

  *#headerRead(): Generator<TarEvent, void> {
    if (blockIsZero(this.#header)) {
      this.#zeroBlocks += 1
      if (this.#zeroBlocks === 2) this.#state = { in: 'after-end' }
      return
    }
    if (this.#zeroBlocks > 0) throw broken('an entry follows the end mark')
    this.#entries += 1
    if (this.#entries > this.#limits.entries) throw broken(`more than ${this.#limits.entries} entries`)
    const raw = parsedHeader(this.#header)
    if ('xgLK'.includes(raw.type)) {
      if (raw.size > TAR_METADATA_BYTES) throw broken('metadata too long')
      this.#state = { in: 'metadata', type: raw.type, parts: [], left: raw.size }
      if (raw.size === 0) yield* this.#bodyRead(this.#state)
      return
    }
    yield* this.#entryRead(raw)
  }

  *#entryRead(raw: RawHeader): Generator<TarEvent, void> {
    const entry = this.#entry(raw)
    this.#pax = NO_PAX
    this.#longName = undefined
    this.#longTarget = undefined
    yield { is: 'entry', entry }
    if (entry.kind !== 'file') return
    if (entry.size === 0) {
      yield { is: 'end' }
      return
    }
    this.#state = { in: 'file', left: entry.size }
    this.#fileBytes = entry.size
  }

  #fileBytes = 0

  #entry(raw: RawHeader): TarEntry {
    const pax = this.#pax
    const name = pax.path ?? this.#longName ?? raw.name
    let kind = KINDS[raw.type]
    if (raw.type === 'S' || pax.sparse) throw broken('sparse files are not supported')
    if (kind === undefined) throw broken(`unknown entry type ${JSON.stringify(raw.type)}`)
    if (kind === 'file' && name.endsWith('/')) kind = 'directory'
    const declared = pax.size ?? raw.size
    // Other entries carry no data, whatever their size field says: every reader in use agrees on that.
    const size = kind === 'file' ? declared : 0
    if (kind === 'directory' && raw.type !== '5' && declared > 0) throw broken('a directory has data')
    if (size > this.#limits.fileBytes) throw broken(`a file is larger than ${this.#limits.fileBytes} bytes`)
    this.#totalBytes += size
    if (this.#totalBytes > this.#limits.totalBytes) throw broken(`more than ${this.#limits.totalBytes} bytes in files`)
    const target = pax.target ?? this.#longTarget ?? raw.target
    return {
      kind,
      path: cleanPath(name),
      target: kind === 'hardlink' ? cleanPath(target) : kind === 'symlink' ? target : '',
      size,
      mode: raw.mode & 0o7777,
      uid: pax.uid ?? raw.uid,
      gid: pax.gid ?? raw.gid,
      modified: pax.modified ?? { seconds: raw.modified, nanoseconds: 0 },
      attributes: pax.attributes,
    }
  }

  *#bodyRead(state: State): Generator<TarEvent, void> {
    let size = 0
    if (state.in === 'file') {
      size = this.#fileBytes
      yield { is: 'end' }
    } else if (state.in === 'metadata') {
      const body = Buffer.concat(state.parts)
      size = body.length
      this.#metadataRead(state.type, body)
    }
    const padding = (BLOCK - (size % BLOCK)) % BLOCK
    this.#state = padding === 0 ? { in: 'header' } : { in: 'padding', left: padding }
  }

  #metadataRead(type: string, body: Buffer): void {
    // Global records ("g") name no file; what git puts there is a commit id. Readers in use ignore them.
    if (type === 'x') this.#pax = paxRecords(body)
    if (type === 'L') this.#longName = untilZero(body)
    if (type === 'K') this.#longTarget = untilZero(body)
  }
}

const untilZero = (body: Buffer): string => {
  const end = body.indexOf(0)
  return body.toString('latin1', 0, end < 0 ? body.length : end)
}
