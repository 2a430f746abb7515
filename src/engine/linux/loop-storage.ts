// One ext4 file system per task in a sparse file: an exact limit on any data disk. Some are kept ready, mounted.

import {
  chmodSync,
  close,
  constants,
  existsSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  truncateSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { attachLoopDevice } from '#linux/loop-device.ts'
import { moveMount, mount, MOUNT, unmountAll } from '#linux/mount.ts'
import { spawnProcess } from '#linux/spawn.ts'
import { STAGE, type Folders } from './folders.ts'
import { READY_STORAGE, STORAGE_EXTRA_MIB } from './limits.ts'
import { namesIn } from './records.ts'
import { clearStage, THROUGH_ONLY } from './stage.ts'
import type { Within } from './runtime.ts'
import type { TaskStorage } from './task-storage.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** What ext4 needs for itself comes on top, as Fargate's `df` shows 21 GiB where 20 were asked for. */
const OVERHEAD = 1.05
/** The size most tasks have (Fargate's default). */
const DEFAULT_GIB = 20

/** Nothing in it survives the task, so no journal; it never grows; tables are filled when they are used. 0.3 MB real. */
const MKFS_OPTIONS = ['-q', '-F', '-m', '0', '-O', '^has_journal,^resize_inode', '-E', 'nodiscard,lazy_itable_init=1']
/** Without barriers nothing waits for the disk: after a crash of the host nobody looks at these files again. */
const MOUNT_OPTIONS = 'noinit_itable,discard,nobarrier'

const PLACES = join(STAGE, 'r')

interface Ready {
  readonly gib: number
  readonly image: string
  readonly place: string
}

export interface LoopStorageOptions {
  readonly folders: Folders
  readonly within: Within
  readonly mkfs: string
}

/** File systems that wait for a task. */
class ReadyFileSystems {
  readonly #options: LoopStorageOptions
  readonly #ready: Ready[] = []
  #count = 0
  #filling: Promise<void> | undefined
  #closed = false

  constructor(options: LoopStorageOptions) {
    this.#options = options
    this.#sweep()
  }

  /** One of that size, made now if none is ready. */
  async take(gib: number): Promise<Ready> {
    const found = this.#ready.findIndex((one) => one.gib === gib)
    const taken = found >= 0 ? this.#ready.splice(found, 1)[0] : undefined
    return taken ?? (await this.#make(gib))
  }

  /** Sees that there is one, and makes more in the background. */
  async atLeastOne(): Promise<void> {
    if (this.#ready.length === 0) this.#ready.push(await this.#make(DEFAULT_GIB))
    this.fill()
  }

  fill(): void {
    if (this.#filling !== undefined) return
    const work = async (): Promise<void> => {
      while (!this.#closed && this.#ready.length < READY_STORAGE) this.#ready.push(await this.#make(DEFAULT_GIB))
    }
    // A task that finds none ready makes one and reports the same problem.
    this.#filling = work()
      .catch(() => {})
      .finally(() => (this.#filling = undefined))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#filling
    this.#sweep()
  }

  async #make(gib: number): Promise<Ready> {
    const { folders, within, mkfs } = this.#options
    const name = `${process.pid}-${++this.#count}`
    const made = { gib, image: join(folders.ready, `${name}.img`), place: join(PLACES, name) }
    try {
      closeSync(openSync(made.image, 'wx', 0o600))
      truncateSync(made.image, Math.ceil(gib * OVERHEAD) * GIB)
      const child = spawnProcess(mkfs, [...MKFS_OPTIONS, made.image])
      if ((await child.exited) !== 0) {
        throw new Fault(/No space/.test(child.output()) ? 'no-space' : 'failed', `mkfs.ext4: ${child.output().trim()}`)
      }
      within(() => mountImage(made.image, made.place))
      return made
    } catch (error) {
      rmSync(made.image, { force: true })
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      throw new Fault('no-space', `no space left for the storage of a task in ${folders.ready}`, { cause: error })
    }
  }

  #sweep(): void {
    const { folders, within } = this.#options
    within(() => {
      for (const name of namesIn(PLACES)) clearStage(join(PLACES, name))
    })
    for (const name of namesIn(folders.ready)) rmSync(join(folders.ready, name), { force: true })
  }
}

export const loopStorage = (options: LoopStorageOptions): TaskStorage => {
  const { within } = options
  const ready = new ReadyFileSystems(options)
  return {
    kind: 'loop',
    ready: () => ready.atLeastOne(),
    warm: () => ready.fill(),
    async attach(task, gib) {
      const { image, place } = await ready.take(gib)
      renameSync(image, task.image)
      within(() => {
        mkdirSync(task.mounted, { recursive: true, mode: THROUGH_ONLY })
        moveMount(place, task.mounted)
        rmdirSync(place)
      })
      ready.fill()
    },
    async detach(task) {
      const held = within(() => heldUnmount(task.mounted))
      // The last to let go does the work of unmounting: not this thread.
      if (held !== undefined) await closed(held)
      await rm(task.image, { force: true })
    },
    use(task, gib) {
      const { blocks, bfree, bsize } = within(() => statfsSync(task.mounted))
      return { usedMiB: Math.ceil(((blocks - bfree) * bsize) / MIB), reservedMiB: gib * 1024 + STORAGE_EXTRA_MIB }
    },
    close: () => ready.close(),
  }
}

/** Unmounts without giving it up yet: the descriptor keeps the file system. */
const heldUnmount = (place: string): number | undefined => {
  if (!existsSync(place)) return undefined
  const held = openSync(place, constants.O_DIRECTORY)
  unmountAll(place)
  return held
}

const closed = (fd: number): Promise<void> =>
  new Promise((resolve, reject) =>
    close(fd, (error) => (error === null || error === undefined ? resolve() : reject(error))),
  )

/** Inside the engine's mount namespace. */
const mountImage = (image: string, place: string): void => {
  mkdirSync(place, { recursive: true, mode: THROUGH_ONLY })
  const device = attachLoopDevice(image)
  try {
    mount(device.path, place, 'ext4', MOUNT.noSuid | MOUNT.noDevices, MOUNT_OPTIONS)
  } finally {
    closeSync(device.fd)
  }
  rmSync(join(place, 'lost+found'), { recursive: true, force: true })
  chmodSync(place, THROUGH_ONLY)
}
