// A sparse file's data without its holes: what was made once can be written again, without reading what is not there.

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { isErrno } from './files.ts'
import { bind, checked } from './libc.ts'

const cLseek = bind('long lseek(int fd, long offset, int whence)')

const SEEK_DATA = 3
const SEEK_HOLE = 4
const ENXIO = 6

export interface Piece {
  readonly at: number
  readonly bytes: Buffer
}

/** Where the next data begins; undefined when only holes follow. */
const dataAfter = (fd: number, at: number): number | undefined => {
  try {
    return checked('lseek', cLseek(fd, at, SEEK_DATA))
  } catch (error) {
    if (isErrno(error, ENXIO)) return undefined
    throw error
  }
}

/** Undefined when the data is more than that many bytes, as everything is on file systems that do not tell of holes. */
export const piecesOf = (path: string, limitBytes: number): readonly Piece[] | undefined => {
  const fd = openSync(path, 'r')
  try {
    const pieces: Piece[] = []
    let left = limitBytes
    for (let from = dataAfter(fd, 0); from !== undefined;) {
      const end = checked('lseek', cLseek(fd, from, SEEK_HOLE))
      left -= end - from
      if (left < 0) return undefined
      const bytes = Buffer.alloc(end - from)
      pieces.push({ at: from, bytes: bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from)) })
      from = dataAfter(fd, end)
    }
    return pieces
  } finally {
    closeSync(fd)
  }
}

export const writePieces = (fd: number, pieces: readonly Piece[]): void => {
  for (const { at, bytes } of pieces) {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
  }
}
