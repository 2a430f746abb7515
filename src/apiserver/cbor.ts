// CBOR (RFC 8949), as far as AWS's RPC v2 protocol uses it: a reader of untrusted bytes and a writer into one buffer.

import { DecodeProblem } from './decode-problem.ts'

/** A tagged item that is not a time; only tag 1 has a meaning in this protocol. */
export type CborValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | CborTime
  | CborValue[]
  | ReadonlyMap<string, CborValue>

/** Tag 1: seconds since 1970. */
export class CborTime {
  readonly seconds: number

  constructor(seconds: number) {
    this.seconds = seconds
  }
}

const malformed = (what: string): DecodeProblem =>
  new DecodeProblem('malformed', `The request body is not valid CBOR: ${what}.`)

const INDEFINITE = 31
const BREAK = 0xff

class Reader {
  readonly #view: DataView
  readonly #bytes: Buffer
  readonly #depthLimit: number
  #at = 0

  constructor(bytes: Buffer, depthLimit: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#depthLimit = depthLimit
  }

  whole(): CborValue {
    const value = this.#item(0)
    if (this.#at !== this.#bytes.length) throw malformed('something follows the first item')
    return value
  }

  #take(count: number): number {
    const from = this.#at
    if (count > this.#bytes.length - from) throw malformed('it ends too early')
    this.#at += count
    return from
  }

  #item(depth: number): CborValue {
    if (depth > this.#depthLimit) {
      throw new DecodeProblem('too-large', `The request nests deeper than ${this.#depthLimit} levels.`)
    }
    const first = this.#bytes[this.#take(1)]!
    const [major, info] = [first >> 5, first & 31]
    switch (major) {
      case 0:
        return this.#argument(info)
      case 1: {
        const value = this.#argument(info)
        return typeof value === 'bigint' ? -1n - value : -1 - value
      }
      case 2:
        return this.#chunks(major, info)
      case 3:
        return this.#chunks(major, info).toString('utf8')
      case 4:
        return this.#list(info, depth)
      case 5:
        return this.#map(info, depth)
      case 6:
        return this.#tagged(info, depth)
      default:
        return this.#simple(info)
    }
  }

  /** A bigint only where a number would not be exact. */
  #argument(info: number): number | bigint {
    if (info < 24) return info
    if (info === 24) return this.#bytes[this.#take(1)]!
    if (info === 25) return this.#view.getUint16(this.#take(2))
    if (info === 26) return this.#view.getUint32(this.#take(4))
    if (info !== 27) throw malformed('a length is reserved')
    const value = this.#view.getBigUint64(this.#take(8))
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }

  /** A length can never be more than the bytes that are left, each item taking one at least. */
  #length(info: number): number {
    const value = this.#argument(info)
    if (typeof value === 'bigint' || value > this.#bytes.length - this.#at) throw malformed('a length is too large')
    return value
  }

  #ended(): boolean {
    if (this.#at >= this.#bytes.length) throw malformed('it ends too early')
    if (this.#bytes[this.#at] !== BREAK) return false
    this.#at++
    return true
  }

  #chunks(major: number, info: number): Buffer {
    if (info !== INDEFINITE) {
      const length = this.#length(info)
      const from = this.#take(length)
      return this.#bytes.subarray(from, from + length)
    }
    const chunks: Buffer[] = []
    while (!this.#ended()) {
      const first = this.#bytes[this.#take(1)]!
      if (first >> 5 !== major || (first & 31) === INDEFINITE) throw malformed('a chunk has another type')
      chunks.push(this.#chunks(major, first & 31))
    }
    return Buffer.concat(chunks)
  }

  #list(info: number, depth: number): CborValue[] {
    const items: CborValue[] = []
    if (info === INDEFINITE) while (!this.#ended()) items.push(this.#item(depth + 1))
    else for (let left = this.#length(info); left > 0; left--) items.push(this.#item(depth + 1))
    return items
  }

  #map(info: number, depth: number): ReadonlyMap<string, CborValue> {
    const entries = new Map<string, CborValue>()
    const entry = (): void => {
      const key = this.#item(depth + 1)
      if (typeof key !== 'string') throw malformed('a key is not text')
      entries.set(key, this.#item(depth + 1))
    }
    if (info === INDEFINITE) while (!this.#ended()) entry()
    else for (let left = this.#length(info); left > 0; left--) entry()
    return entries
  }

  #tagged(info: number, depth: number): CborValue {
    const tag = this.#argument(info)
    const value = this.#item(depth + 1)
    if (tag !== 1) return value
    if (typeof value !== 'number') throw malformed('a time is not a number')
    return new CborTime(value)
  }

  #simple(info: number): CborValue {
    if (info === 20 || info === 21) return info === 21
    if (info === 22 || info === 23) return null
    if (info === 25) return this.#view.getFloat16(this.#take(2))
    if (info === 26) return this.#view.getFloat32(this.#take(4))
    if (info === 27) return this.#view.getFloat64(this.#take(8))
    throw malformed('a simple value is not known')
  }
}

export const readCbor = (bytes: Buffer, depthLimit: number): CborValue => new Reader(bytes, depthLimit).whole()

const FIRST_BYTES = 1024

/** Grows as needed; many small buffers would cost four times as much. */
export class CborWriter {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES)
  #at = 0

  /** Where to write that many bytes. Ask first, then take the buffer: it may be another one after. */
  #room(bytes: number): number {
    const from = this.#at
    if (from + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, from + bytes))
      this.#buffer.copy(larger, 0, 0, from)
      this.#buffer = larger
    }
    this.#at += bytes
    return from
  }

  #byte(value: number): void {
    const from = this.#room(1)
    this.#buffer[from] = value
  }

  #head(major: number, argument: number): void {
    const type = major << 5
    if (argument < 24) this.#byte(type | argument)
    else if (argument < 0x100) {
      const from = this.#room(2)
      this.#buffer[from] = type | 24
      this.#buffer[from + 1] = argument
    } else if (argument < 0x1_0000) {
      const from = this.#room(3)
      this.#buffer[from] = type | 25
      this.#buffer.writeUInt16BE(argument, from + 1)
    } else if (argument < 0x1_0000_0000) {
      const from = this.#room(5)
      this.#buffer[from] = type | 26
      this.#buffer.writeUInt32BE(argument, from + 1)
    } else this.#head64(type, BigInt(argument))
  }

  #head64(type: number, argument: bigint): void {
    const from = this.#room(9)
    this.#buffer[from] = type | 27
    this.#buffer.writeBigUInt64BE(argument, from + 1)
  }

  integer(value: number | bigint): void {
    if (typeof value === 'bigint') this.#head64(value < 0n ? 0x20 : 0, value < 0n ? -1n - value : value)
    else if (!Number.isInteger(value)) throw new Error('a whole number was expected in the output')
    else if (value < 0) this.#head(1, -1 - value)
    else this.#head(0, value)
  }

  /** Always 64 bits: strict readers take nothing else for a double. */
  double(value: number): void {
    const from = this.#room(9)
    this.#buffer[from] = 0xfb
    this.#buffer.writeDoubleBE(value, from + 1)
  }

  boolean(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4)
  }

  nothing(): void {
    this.#byte(0xf6)
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.#head(3, length)
    const from = this.#room(length)
    this.#buffer.write(value, from)
  }

  bytes(value: Uint8Array): void {
    this.#head(2, value.length)
    const from = this.#room(value.length)
    this.#buffer.set(value, from)
  }

  /** That many items follow. */
  list(length: number): void {
    this.#head(4, length)
  }

  /** That many pairs of key and value follow. */
  map(length: number): void {
    this.#head(5, length)
  }

  time(seconds: number): void {
    this.#byte(0xc1)
    this.double(seconds)
  }

  finished(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }
}
