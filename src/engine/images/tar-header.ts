// The 512-byte header of a tar entry, with its checksum and its three ways to write a number.

import { Fault } from '#base/fault.ts'

/** As it stands in the header; names are Latin-1 strings, one character per byte. */
export interface RawHeader {
  readonly type: string
  readonly name: string
  readonly target: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Seconds since 1970. */
  readonly modified: number
}

const invalid = (): Fault => new Fault('invalid', 'archive/tar: invalid tar header')

export const blockIsZero = (block: Buffer): boolean => block.every((byte) => byte === 0)

export const parsedHeader = (block: Buffer): RawHeader => {
  checkSum(block)
  const magic = block.toString('latin1', 257, 263)
  const name = text(block, 0, 100)
  // GNU's own format has times where ustar has the prefix.
  const prefix = magic === 'ustar\0' ? text(block, 345, 500) : ''
  return {
    type: String.fromCharCode(block[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    target: text(block, 157, 257),
    mode: positive(block, 100, 108),
    uid: positive(block, 108, 116),
    gid: positive(block, 116, 124),
    size: positive(block, 124, 136),
    modified: number(block, 136, 148),
  }
}

/** The sum counts its own field as blanks. Old writers summed signed characters. */
const checkSum = (block: Buffer): void => {
  let unsigned = 0
  let signed = 0
  for (let at = 0; at < 512; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0)
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const written = number(block, 148, 156)
  if (written !== unsigned && written !== signed) throw invalid()
}

const text = (block: Buffer, from: number, to: number): string => {
  const end = block.subarray(from, to).indexOf(0)
  return block.toString('latin1', from, end < 0 ? to : from + end)
}

const positive = (block: Buffer, from: number, to: number): number => {
  const value = number(block, from, to)
  if (value < 0) throw invalid()
  return value
}

/** Octal digits, or base 256 in two's complement when the first bit is set (files over 8 GiB, ids over 2 million). */
const number = (block: Buffer, from: number, to: number): number => {
  const first = block[from] ?? 0
  if ((first & 0x80) === 0) {
    const digits = block.toString('latin1', from, to).replace(/^[ \0]+|[ \0]+$/g, '')
    if (!/^[0-7]*$/.test(digits)) throw invalid()
    return digits === '' ? 0 : Number.parseInt(digits, 8)
  }
  const negative = (first & 0x40) !== 0
  let value = BigInt(first & 0x7f) - (negative ? 0x80n : 0n)
  for (let at = from + 1; at < to; at++) value = value * 256n + BigInt(block[at] ?? 0)
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) throw invalid()
  return Number(value)
}
