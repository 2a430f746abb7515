// The last rung: a folder on the data disk, without a limit of its own.

import { mkdirSync, statfsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { mount, MOUNT } from '#linux/mount.ts'
import { STORAGE_EXTRA_MIB } from './limits.ts'
import { THROUGH_ONLY } from './stage.ts'
import type { Within } from './runtime.ts'
import type { TaskStorage } from './task-storage.ts'

const MIB = 1024 * 1024

export const plainStorage = (within: Within): TaskStorage => ({
  kind: 'none',
  async ready() {},
  warm() {},
  async attach(task) {
    mkdirSync(task.storage, { recursive: true, mode: THROUGH_ONLY })
    within(() => {
      mkdirSync(task.mounted, { recursive: true, mode: THROUGH_ONLY })
      mount(task.storage, task.mounted, null, MOUNT.bind)
    })
  },
  async detach(task, clear) {
    within(clear)
    await rm(task.storage, { recursive: true, force: true })
  },
  use(task, gib) {
    // What the task itself uses is not counted anywhere without a quota: the disk's own numbers are what `df` shows too.
    const { blocks, bavail, bsize } = statfsSync(task.storage)
    return { usedMiB: Math.round(((blocks - bavail) * bsize) / MIB), reservedMiB: gib * 1024 + STORAGE_EXTRA_MIB }
  },
  async close() {},
})
