// One ext4 file system per task in a sparse file: an exact limit on any data disk. Some are kept ready, mounted.

import { constants, existsSync, mkdirSync, openSync, statfsSync } from 'node:fs'
import { mount, MOUNT } from '#linux/mount.ts'
import { STORAGE_EXTRA_MIB } from './limits.ts'
import { closed, ReadyFileSystems, type FileSystem, type ReadyFileSystemsOptions } from './ready-file-systems.ts'
import { THROUGH_ONLY } from './stage.ts'
import type { TaskStorage } from './task-storage.ts'

const MIB = 1024 * 1024

export const loopStorage = (options: ReadyFileSystemsOptions): TaskStorage => {
  const { within } = options
  const ready = new ReadyFileSystems(options)
  /** By where the task has it mounted. Of tasks that an earlier process prepared, nothing more is known than that. */
  const lent = new Map<string, FileSystem>()
  return {
    kind: 'loop',
    ready: () => ready.atLeastOne(),
    warm: () => ready.fill(),
    async attach({ mounted }, gib) {
      const one = await ready.take(gib)
      lent.set(mounted, one)
      within(() => {
        mkdirSync(mounted, { recursive: true, mode: THROUGH_ONLY })
        mount(one.place, mounted, null, MOUNT.bind)
      })
      ready.fill()
    },
    async detach({ mounted }, clear) {
      const one = lent.get(mounted)
      lent.delete(mounted)
      const held = within(() => {
        const fd = one === undefined && existsSync(mounted) ? openSync(mounted, constants.O_DIRECTORY) : undefined
        clear()
        return fd
      })
      if (one !== undefined) await ready.giveBack(one)
      if (held !== undefined) await closed(held)
    },
    use({ mounted }, gib) {
      const { blocks, bfree, bsize } = within(() => statfsSync(mounted))
      return { usedMiB: Math.ceil(((blocks - bfree) * bsize) / MIB), reservedMiB: gib * 1024 + STORAGE_EXTRA_MIB }
    },
    close: () => ready.close(),
  }
}
