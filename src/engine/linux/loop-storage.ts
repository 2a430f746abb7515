// One ext4 file system per task in a sparse file: an exact limit on any data disk. Some are kept ready, mounted.

import {
  chmodSync,
  closeSync,
  existsSync,
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
import { THROUGH_ONLY } from './rootfs.ts'
import type { Within } from './runtime.ts'
import type { TaskStorage } from './task-storage.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** What ext4 needs for itself comes on top, as Fargate's `df` shows 21 GiB where 20 were asked for. */
const OVERHEAD = 1.05
/** The size most tasks have (Fargate's default). */
const DEFAULT_GIB = 20

/** Nothing in it survives the task, so no journal; tables are filled when they are used. */
const MKFS_OPTIONS = ['-q', '-F', '-m', '0', '-O', '^has_journal', '-E', 'nodiscard,lazy_itable_init=1']
const MOUNT_OPTIONS = 'noinit_itable,discard'

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

export const loopStorage = ({ folders, within, mkfs }: LoopStorageOptions): TaskStorage => {
  const places = join(STAGE, 'r')
  const ready: Ready[] = []
  let count = 0
  let filling: Promise<void> | undefined

  const make = async (gib: number): Promise<Ready> => {
    const name = `${process.pid}-${++count}`
    const made = { gib, image: join(folders.ready, `${name}.img`), place: join(places, name) }
    closeSync(openSync(made.image, 'wx', 0o600))
    truncateSync(made.image, Math.ceil(gib * OVERHEAD) * GIB)
    const child = spawnProcess(mkfs, [...MKFS_OPTIONS, made.image])
    const exitCode = await child.exited
    if (exitCode !== 0) {
      rmSync(made.image, { force: true })
      throw new Fault(/No space/.test(child.output()) ? 'no-space' : 'failed', `mkfs.ext4: ${child.output().trim()}`)
    }
    within(() => mountImage(made.image, made.place))
    return made
  }

  const fill = (): void => {
    if (filling !== undefined) return
    const work = async (): Promise<void> => {
      while (ready.length < READY_STORAGE) ready.push(await make(DEFAULT_GIB))
    }
    // A task that finds none ready makes one and reports the same problem.
    filling = work()
      .catch(() => {})
      .finally(() => (filling = undefined))
  }

  const sweep = (): void => {
    within(() => {
      for (const name of namesIn(places)) {
        unmountAll(join(places, name))
        rmdirSync(join(places, name))
      }
    })
    for (const name of namesIn(folders.ready)) rmSync(join(folders.ready, name), { force: true })
  }

  sweep()
  return {
    kind: 'loop',
    async ready() {
      if (ready.length === 0) ready.push(await make(DEFAULT_GIB))
      fill()
    },
    async attach(task, gib) {
      if (existsSync(task.image) && within(() => isMounted(task.mounted, task.stage))) return
      const found = ready.findIndex((one) => one.gib === gib)
      const storage = found >= 0 ? ready.splice(found, 1)[0] : undefined
      const { image, place } = storage ?? (await make(gib))
      renameSync(image, task.image)
      within(() => {
        mkdirSync(task.mounted, { recursive: true, mode: THROUGH_ONLY })
        unmountAll(task.mounted)
        moveMount(place, task.mounted)
        rmdirSync(place)
      })
      fill()
    },
    async detach(task) {
      within(() => unmountAll(task.mounted))
      await rm(task.image, { force: true })
    },
    use(task, gib) {
      const { blocks, bfree, bsize } = within(() => statfsSync(task.mounted))
      return { usedMiB: Math.ceil(((blocks - bfree) * bsize) / MIB), reservedMiB: gib * 1024 + STORAGE_EXTRA_MIB }
    },
    async close() {
      // Nothing is made ready any more by whoever is at it now.
      const stop = ready.length
      ready.push(...Array.from({ length: READY_STORAGE }, () => ({ gib: 0, image: '', place: '' })))
      await filling
      ready.length = stop
      sweep()
    },
  }
}

const isMounted = (place: string, parent: string): boolean =>
  existsSync(place) && statfsSync(place).type !== statfsSync(parent).type

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
