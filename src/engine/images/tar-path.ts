// Names inside a tar, made safe to use below a root.

import { Fault } from '#base/fault.ts'
import { NAME_BYTES, TAR_PATH_BYTES } from './limits.ts'

/** For messages: what the bytes say when they are UTF-8. */
export const shownPath = (path: string): string => Buffer.from(path, 'latin1').toString('utf8').slice(0, 200)

/**
 * Without leading "/", "./" and doubled slashes; "" is the root. A path with ".." is refused even where it would stay
 * inside: no image builder writes one.
 */
export const cleanPath = (path: string): string => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const clean = parts.join('/')
  if (parts.includes('..')) throw new Fault('invalid', `archive/tar: path "${shownPath(path)}" leads outside`)
  if (path.includes('\0')) throw new Fault('invalid', 'archive/tar: a path has a zero byte')
  if (clean.length > TAR_PATH_BYTES || parts.some((part) => part.length > NAME_BYTES)) {
    throw new Fault('invalid', `archive/tar: path "${shownPath(path)}…" is too long`)
  }
  return clean
}

/** ["a/b", "c"] for "a/b/c". */
export const split = (path: string): [directory: string, name: string] => {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}
