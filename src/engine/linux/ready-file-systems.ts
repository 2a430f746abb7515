// File systems that wait for a task: made ahead of it, or taken back from one that has left next to nothing in them.

import {
  chmodSync,
  close,
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  statfsSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { mountDetachedLater } from '#linux/detached-mount.ts'
import { attachLoopDevice } from '#linux/loop-device.ts'
import { type Piece, piecesOf, writePieces } from '#linux/sparse-file.ts'
import { spawnProcess } from '#linux/spawn.ts'
import type { Folders } from './folders.ts'
import {
  DISK_ROOM_MIB,
  EMPTYING_PAUSE_SECONDS,
  KEPT_STORAGE,
  READY_STORAGE,
  REUSED_STORAGE_FILES,
  REUSED_STORAGE_MIB,
} from './limits.ts'
import { namesIn } from './records.ts'
import { THROUGH_ONLY } from './stage.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** What ext4 needs for itself comes on top, as Fargate's `df` shows 21 GiB where 20 were asked for. */
const OVERHEAD = 1.05
/** The size most tasks have (Fargate's default). */
const DEFAULT_GIB = 20

/**
 * Nothing in it survives the task, so no journal and no second super block; it never grows; its bitmaps are side by
 * side; tables are filled when they are used. 60 KB real.
 */
const FEATURES = '^has_journal,^resize_inode,sparse_super2'
const EXTENDED = 'nodiscard,lazy_itable_init=1,num_backup_sb=0'
const MKFS_OPTIONS = ['-q', '-F', '-m', '0', '-G', '256', '-O', FEATURES, '-E', EXTENDED]
/** More data than mkfs leaves in any file system of that size: then it is not copied. */
const COPIED_BYTES = 4 * MIB
/**
 * Without barriers nothing waits for the disk: after a crash of the host nobody looks at these files again. Nor is there
 * a cache, 8 KiB for each, to share extended attributes that are too long for their file's own block, nor a thread that
 * reads all bitmaps ahead.
 */
const MOUNT_FLAGS = ['noinit_itable', 'discard', 'nobarrier', 'nombcache', 'no_prefetch_block_bitmaps']

const FIND = '/usr/bin/find'

/** First of the descriptors by which the emptying process knows what it is to empty. */
const FIRST_DESCRIPTOR = 3

export interface FileSystem {
  readonly gib: number
  /** Descriptor of its mount, which is nowhere in the file tree while no task has it: gone with this process. */
  readonly tree: number
  /** The kernel's name of its device, e.g. "loop7", and its number. */
  readonly device: string
  readonly deviceNumber: number
  /** Blocks and files that are used while it is empty. */
  readonly empty: Use
}

interface Use {
  readonly blocks: number
  readonly files: number
}

export interface ReadyFileSystemsOptions {
  readonly folders: Folders
  readonly mkfs: string
  readonly clock: Clock
}

/** A descriptor's path, for calls that take paths only. */
const pathOf = (descriptor: number): string => `/proc/self/fd/${descriptor}`

const usedIn = (tree: number): Use => {
  const { blocks, bfree, files, ffree } = statfsSync(pathOf(tree))
  return { blocks: blocks - bfree, files: files - ffree }
}

export class ReadyFileSystems {
  readonly #options: ReadyFileSystemsOptions
  readonly #ready: FileSystem[] = []
  /** Given back, and to be emptied. */
  readonly #used: FileSystem[] = []
  #emptying: Promise<void> | undefined
  #count = 0
  #filling: Promise<void> | undefined
  #closed = false
  /** What mkfs has written into a file system of the usual size, to be written into the next. */
  #made: readonly Piece[] | undefined

  constructor(options: ReadyFileSystemsOptions) {
    this.#options = options
    this.#sweep()
  }

  /** One of that size, made now if none is ready. Fault "no-space", also when what is ready could not be filled. */
  async take(gib: number): Promise<FileSystem> {
    this.#checkRoom()
    const found = this.#ready.findIndex((one) => one.gib === gib)
    const taken = found >= 0 ? this.#ready.splice(found, 1)[0] : undefined
    return taken ?? (await this.#make(gib))
  }

  /**
   * It is emptied for the next task, or given up. A task's file system may be used again, since ext4 never shows what
   * was in a block before. Nobody uses it any more.
   */
  async giveBack(one: FileSystem): Promise<void> {
    const isWanted = !this.#closed && one.gib === DEFAULT_GIB && this.#kept() < KEPT_STORAGE
    if (!isWanted || !isWorthEmptying(one)) return closed(one.tree)
    this.#used.push(one)
    this.#emptying ??= this.#emptied()
      .catch(() => {})
      .finally(() => (this.#emptying = undefined))
  }

  /** Sees that there is one, and makes more in the background. */
  async atLeastOne(): Promise<void> {
    if (this.#ready.length === 0) this.#ready.push(await this.#make(DEFAULT_GIB))
    this.fill()
  }

  fill(): void {
    if (this.#filling !== undefined || this.#kept() >= READY_STORAGE) return
    const work = async (): Promise<void> => {
      while (!this.#closed && this.#kept() < READY_STORAGE) this.#ready.push(await this.#make(DEFAULT_GIB))
    }
    // A task that finds none ready makes one and reports the same problem.
    this.#filling = work()
      .catch(() => {})
      .finally(() => (this.#filling = undefined))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#filling
    await this.#emptying
    await Promise.all([...this.#ready.splice(0), ...this.#used.splice(0)].map(({ tree }) => closed(tree)))
    this.#sweep()
  }

  async #make(gib: number): Promise<FileSystem> {
    const image = join(this.#options.folders.ready, `${process.pid}-${++this.#count}.img`)
    try {
      await this.#format(image, gib)
      const device = await attachLoopDevice(image)
      let tree: number
      try {
        tree = await mountDetachedLater('ext4', device.path, MOUNT_FLAGS)
      } finally {
        closeSync(device.fd)
      }
      chmodSync(pathOf(tree), THROUGH_ONLY)
      const deviceNumber = statSync(pathOf(tree)).dev
      return { gib, tree, device: basename(device.path), deviceNumber, empty: usedIn(tree) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw this.#full(error)
      throw error
    } finally {
      // Its device alone holds it: the disk has the space again when that goes, whoever dies, or the whole host.
      rmSync(image, { force: true })
    }
  }

  async #format(image: string, gib: number): Promise<void> {
    const file = openSync(image, 'wx', 0o600)
    try {
      ftruncateSync(file, Math.ceil(gib * OVERHEAD) * GIB)
      if (gib === DEFAULT_GIB && this.#made !== undefined) return writePieces(file, this.#made)
    } finally {
      closeSync(file)
    }
    const child = spawnProcess(this.#options.mkfs, [...MKFS_OPTIONS, image])
    if ((await child.exited) !== 0) {
      throw new Fault(/No space/.test(child.output()) ? 'no-space' : 'failed', `mkfs.ext4: ${child.output().trim()}`)
    }
    if (gib === DEFAULT_GIB) this.#made = piecesOf(image, COPIED_BYTES)
  }

  #kept(): number {
    return this.#ready.length + this.#used.length
  }

  /** All that were given back meanwhile are emptied by one process: each deletion waits for the disk to take note. */
  async #emptied(): Promise<void> {
    while (this.#used.length > 0 && !this.#closed) {
      await this.#options.clock.sleep(EMPTYING_PAUSE_SECONDS)
      const batch = [...this.#used]
      const isDone = await this.#deleted(batch.map(({ tree }) => tree)).catch(() => false)
      this.#used.splice(0, batch.length)
      for (const one of batch) {
        if (isDone && isSound(one)) this.#ready.push(one)
        else await closed(one.tree)
      }
    }
  }

  async #deleted(trees: readonly number[]): Promise<boolean> {
    const descriptors = new Map(trees.map((tree, index) => [FIRST_DESCRIPTOR + index, tree]))
    const places = [...descriptors.keys()].map((descriptor) => `${pathOf(descriptor)}/.`)
    const child = spawnProcess(FIND, [...places, '-xdev', '-mindepth', '1', '-delete'], { descriptors })
    return (await child.exited) === 0
  }

  /** A file system that is ready takes its blocks from the disk only when it is written to. */
  #checkRoom(): void {
    const { bavail, bsize } = statfsSync(this.#options.folders.ready)
    if (bavail * bsize < DISK_ROOM_MIB * MIB) throw this.#full(undefined)
  }

  #full(cause: unknown): Fault {
    return new Fault('no-space', `no space left for the storage of a task in ${this.#options.folders.ready}`, { cause })
  }

  #sweep(): void {
    const { ready } = this.#options.folders
    for (const name of namesIn(ready)) rmSync(join(ready, name), { force: true })
  }
}

/** The last to let go of a file system does the work of unmounting it: not this thread. */
export const closed = (fd: number): Promise<void> =>
  new Promise((resolve, reject) =>
    close(fd, (error) => (error === null || error === undefined ? resolve() : reject(error))),
  )

/** More than a few files are quicker made away with than deleted. */
const isWorthEmptying = ({ tree, empty }: FileSystem): boolean => {
  const { bsize } = statfsSync(pathOf(tree))
  const { blocks, files } = usedIn(tree)
  return files - empty.files <= REUSED_STORAGE_FILES && (blocks - empty.blocks) * bsize <= REUSED_STORAGE_MIB * MIB
}

/** False when the kernel has met an error in it, as when the disk below was full. */
const isSound = ({ device }: FileSystem): boolean => {
  const errors = `/sys/fs/ext4/${device}/errors_count`
  return existsSync(errors) && readFileSync(errors, 'utf8').trim() === '0'
}
