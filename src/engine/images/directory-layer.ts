// Unpacks one layer's tar into a directory that overlay can use as a lower layer.

import { closeSync, constants, writeSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { Fault } from '#base/fault.ts'
import {
  changeMode,
  changeOwner,
  changeOwnerAt,
  isErrno,
  isWhiteout,
  linkAt,
  lookAt,
  makeDirectoryAt,
  makeFifoAt,
  makeWhiteoutAt,
  openAt,
  setAttribute,
  setTimes,
  setTimesAt,
  symlinkAt,
  type FileTime,
} from '#linux/files.ts'
import { layerFault } from './layer-fault.ts'
import { LARGE_FILE_BYTES } from './limits.ts'
import { makeOpaque, OpenDirectories } from './open-directories.ts'
import { shownPath, split } from './tar-path.ts'
import type { TarEntry, TarEvent } from './tar-reader.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

const EEXIST = 17
const ENOSPC = 28
const EOPNOTSUPP = 95

const WHITEOUT = '.wh.'
const OPAQUE_WHITEOUT = '.wh..wh..opq'
/** What aufs keeps for itself; means nothing to anyone else. */
const AUFS_OWN = '.wh..wh.'

const DISK_BLOCK_BYTES = 4096

const writeAsync = promisify(write)

/**
 * Takes the events of a TarReader in order. Ids, modes with set-user-id, times and hard links are kept; of extended
 * attributes, file capabilities and "user.": the others are the kernel's or overlay's, and an image has no say in
 * those. Device nodes are left out: a container gets its own /dev, and may not make any.
 */
export class DirectoryLayer {
  readonly #directories: OpenDirectories
  readonly #times = new Map<string, FileTime>()
  #file: { readonly fd: number; readonly entry: TarEntry } | undefined
  #sizeBytes = 0

  /** `replacedPath` is an empty directory on the same file system that takes what later entries overwrite. */
  constructor(rootPath: string, replacedPath: string) {
    this.#directories = new OpenDirectories(rootPath, replacedPath)
    changeMode(this.#directories.root, 0o755)
  }

  /** Returns a promise only where the disk may take long. */
  handle(event: TarEvent): Promise<void> | undefined {
    try {
      if (event.is === 'data') return this.#write(event.bytes)
      if (event.is === 'end') this.#fileEnds()
      else this.#entryStarts(event.entry)
      return undefined
    } catch (error) {
      throw layerFault(error, event.is === 'entry' ? event.entry.path : (this.#file?.entry.path ?? ''))
    }
  }

  /** Bytes on disk, near enough: whole blocks of files and directories. */
  finish(): number {
    for (const [path, time] of this.#times) {
      const fd = this.#directories.existing(path)
      if (fd !== undefined) setTimes(fd, onDisk(time))
    }
    return this.#sizeBytes
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd)
    this.#file = undefined
    this.#directories.close()
  }

  #entryStarts(entry: TarEntry): void {
    const [directoryPath, name] = split(entry.path)
    if (entry.kind === 'directory') return this.#directory(entry, directoryPath, name)
    if (name === '') throw new Fault('invalid', 'archive/tar: the root is not a directory')
    if (name.startsWith(WHITEOUT)) this.#whiteout(directoryPath, name)
    else if (entry.kind === 'file') this.#fileStarts(entry, this.#directories.at(directoryPath), name)
    else if (entry.kind === 'hardlink') this.#link(entry, directoryPath, name)
    else if (entry.kind !== 'device') this.#special(entry, this.#directories.at(directoryPath), name)
  }

  #fileStarts(entry: TarEntry, directory: number, name: string): void {
    const open = (): number => openAt(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    this.#file = { entry, fd: this.#anew(directory, name, open) }
    this.#sizeBytes += Math.ceil(entry.size / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES
  }

  #write(bytes: Uint8Array): Promise<void> | undefined {
    const file = this.#file
    // The content of a whiteout means nothing.
    if (file === undefined) return undefined
    if (file.entry.size >= LARGE_FILE_BYTES) return writtenWhole(file.fd, bytes, file.entry.path)
    for (let done = 0; done < bytes.length;) done += writeSync(file.fd, bytes, done)
    return undefined
  }

  #fileEnds(): void {
    if (this.#file === undefined) return
    const { fd, entry } = this.#file
    attributed(fd, entry)
    setTimes(fd, onDisk(entry.modified))
    this.#file = undefined
    closeSync(fd)
  }

  #directory(entry: TarEntry, parentPath: string, name: string): void {
    this.#sizeBytes += DISK_BLOCK_BYTES
    this.#times.set(entry.path, entry.modified)
    if (name === '') return attributed(this.#directories.root, entry)
    const parent = this.#directories.at(parentPath)
    let hidesLower = false
    try {
      makeDirectoryAt(parent, name, 0o700)
    } catch (error) {
      if (!isErrno(error, EEXIST)) throw error
      const there = lookAt(parent, name)
      if (there?.isDirectory() !== true) {
        hidesLower = there !== undefined && isWhiteout(there)
        this.#directories.replace(parent, name)
        makeDirectoryAt(parent, name, 0o700)
      }
    }
    const fd = openAt(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try {
      attributed(fd, entry)
      if (hidesLower) makeOpaque(fd)
    } finally {
      closeSync(fd)
    }
  }

  #link(entry: TarEntry, directoryPath: string, name: string): void {
    const [targetPath, targetName] = split(entry.target)
    // Made first, because it may be new; the target's is there or the image is broken.
    this.#directories.at(directoryPath)
    const from = this.#directories.existing(targetPath)
    if (from === undefined || targetName === '' || lookAt(from, targetName) === undefined) {
      throw new Fault('invalid', `archive/tar: link target "${shownPath(entry.target)}" is not in the layer`)
    }
    if (entry.target === entry.path) return
    const directory = this.#directories.at(directoryPath)
    this.#anew(directory, name, () => {
      // Looked up again: making room for the link may have moved the target's directory away.
      const now = this.#directories.existing(targetPath)
      if (now === undefined) throw new Fault('invalid', `archive/tar: "${shownPath(name)}" replaces its own target`)
      linkAt(now, targetName, directory, name)
    })
  }

  #special(entry: TarEntry, directory: number, name: string): void {
    this.#anew(directory, name, () => {
      if (entry.kind === 'symlink') symlinkAt(entry.target, directory, name)
      else makeFifoAt(directory, name, entry.mode)
    })
    changeOwnerAt(directory, name, ...owner(entry))
    setTimesAt(directory, name, onDisk(entry.modified))
  }

  #whiteout(directoryPath: string, name: string): void {
    const directory = this.#directories.at(directoryPath)
    if (name === OPAQUE_WHITEOUT) return makeOpaque(directory)
    if (name.startsWith(AUFS_OWN)) return
    const hidden = name.slice(WHITEOUT.length)
    if (hidden === '' || hidden === '.' || hidden === '..') {
      throw new Fault('invalid', `archive/tar: whiteout "${shownPath(name)}" hides nothing`)
    }
    try {
      makeWhiteoutAt(directory, hidden)
    } catch (error) {
      if (!isErrno(error, EEXIST)) throw error
      // A whiteout is about lower layers only: what this layer brings under that name stays.
      if (lookAt(directory, hidden)?.isDirectory() !== true) return
      const fd = openAt(directory, hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      try {
        makeOpaque(fd)
      } finally {
        closeSync(fd)
      }
    }
  }

  /** A later entry of the same name wins. */
  #anew<T>(directory: number, name: string, make: () => T): T {
    try {
      return make()
    } catch (error) {
      if (!isErrno(error, EEXIST)) throw error
    }
    this.#directories.replace(directory, name)
    return make()
  }
}

/** The kernel's own "leave it" value is the one that cannot be given. */
const GREATEST_ID = 0xfffffffe

const owner = ({ uid, gid }: TarEntry): [uid: number, gid: number] => {
  if (uid > GREATEST_ID || gid > GREATEST_ID) throw new Fault('invalid', 'archive/tar: an id is out of range')
  return [uid, gid]
}

/** What every file system can hold: 1901 to 2446, ext4's range. */
const onDisk = ({ seconds, nanoseconds }: FileTime): FileTime => ({
  seconds: Math.min(Math.max(seconds, -(2 ** 31)), 15_000_000_000),
  nanoseconds,
})

/** Ownership first: the kernel takes set-user-id and capabilities away when a file changes hands. */
const attributed = (fd: number, entry: TarEntry): void => {
  changeOwner(fd, ...owner(entry))
  for (const [name, value] of entry.attributes) {
    const isUsers = name.startsWith('user.') && !name.startsWith('user.overlay.')
    if (!isUsers && name !== 'security.capability') continue
    try {
      setAttribute(fd, name, value)
    } catch (error) {
      // The disk is not full; the file system has no room for attributes of that size.
      if (isErrno(error, ENOSPC)) throw new Fault('invalid', `archive/tar: attribute ${name} is too large`)
      if (!(isUsers && isErrno(error, EOPNOTSUPP))) throw error
    }
  }
  changeMode(fd, entry.mode)
}

const writtenWhole = async (fd: number, bytes: Uint8Array, path: string): Promise<void> => {
  try {
    for (let done = 0; done < bytes.length;) done += (await writeAsync(fd, bytes, done)).bytesWritten
  } catch (error) {
    throw layerFault(error, path)
  }
}
