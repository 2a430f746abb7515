// Directories of a layer under construction, found by their path in the tar and never outside the layer's root.

import { closeSync, constants, openSync } from 'node:fs'
import { Fault } from '#base/fault.ts'
import {
  changeMode,
  isErrno,
  isWhiteout,
  lookAt,
  makeDirectoryAt,
  openInRoot,
  realPathLength,
  renameAt,
  setAttribute,
} from '#linux/files.ts'
import { OPEN_DIRECTORIES, REAL_PATH_BYTES } from './limits.ts'
import { shownPath, split } from './tar-path.ts'

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY

const ENOENT = 2
const EEXIST = 17
const ENOTDIR = 20

const OPAQUE = Buffer.from('y')

/** Tells overlay to show nothing of the lower layers' directory of the same name. */
export const makeOpaque = (directory: number): void => setAttribute(directory, 'trusted.overlay.opaque', OPAQUE)

/**
 * Every path is walked by the kernel with the layer as its root, so that a symbolic link that an image planted leads
 * nowhere else. The last few directories stay open because a tar lists a directory's files one after the other.
 */
export class OpenDirectories {
  readonly root: number
  /** What a later entry of the same tar replaces is moved here, whole, and deleted with the rest at the end. */
  readonly #replaced: number
  #replacedCount = 0
  readonly #open = new Map<string, number>()

  constructor(rootPath: string, replacedPath: string) {
    this.root = openSync(rootPath, DIRECTORY)
    this.#replaced = openSync(replacedPath, DIRECTORY)
  }

  /** The open directory; made with its parents when missing. It and the last few others stay valid, see `replace`. */
  at(path: string): number {
    return this.existing(path) ?? this.#made(path)
  }

  /** Undefined when there is no directory of that path. */
  existing(path: string): number | undefined {
    if (path === '') return this.root
    const known = this.#open.get(path)
    if (known !== undefined) {
      this.#open.delete(path)
      this.#open.set(path, known)
      return known
    }
    try {
      return this.#keep(path, openInRoot(this.root, path, DIRECTORY))
    } catch (error) {
      if (isErrno(error, ENOENT, ENOTDIR)) return undefined
      throw error
    }
  }

  /** Moves whatever has that name out of the layer. Of the open directories only `directory` stays valid. */
  replace(directory: number, name: string): void {
    renameAt(directory, name, this.#replaced, String(this.#replacedCount++))
    // A directory that is kept open may just have left.
    this.#forget(directory)
  }

  close(): void {
    this.#forget()
    closeSync(this.root)
    closeSync(this.#replaced)
  }

  #made(path: string): number {
    const [parentPath, name] = split(path)
    const parent = this.at(parentPath)
    const whiteout = this.#makeDirectory(parent, name)
    const fd = this.existing(path)
    if (fd === undefined) throw new Fault('invalid', `archive/tar: "${shownPath(path)}" is not a directory`)
    // mkdir's mode is cut by the process's umask.
    changeMode(fd, 0o755)
    if (whiteout) makeOpaque(fd)
    return fd
  }

  /** True when the directory takes the place of a whiteout, so that lower layers must stay hidden. */
  #makeDirectory(parent: number, name: string): boolean {
    try {
      makeDirectoryAt(parent, name, 0o755)
      return false
    } catch (error) {
      if (!isErrno(error, EEXIST)) throw error
    }
    const there = lookAt(parent, name)
    if (there === undefined || !isWhiteout(there)) return false
    renameAt(parent, name, this.#replaced, String(this.#replacedCount++))
    makeDirectoryAt(parent, name, 0o755)
    return true
  }

  #keep(path: string, fd: number): number {
    // Links to links can stack directories deeper than any path can name; removing them later would fail.
    if (realPathLength(fd) > REAL_PATH_BYTES) {
      closeSync(fd)
      throw new Fault('invalid', `archive/tar: "${shownPath(path)}…" is too deep`)
    }
    this.#open.set(path, fd)
    const [oldest] = this.#open
    if (this.#open.size > OPEN_DIRECTORIES && oldest !== undefined) {
      this.#open.delete(oldest[0])
      closeSync(oldest[1])
    }
    return fd
  }

  #forget(except?: number): void {
    for (const [path, fd] of this.#open) {
      if (fd === except) continue
      this.#open.delete(path)
      closeSync(fd)
    }
  }
}
