// One ext4 file system per task in a sparse file: an exact limit on any data disk. Some are kept ready, mounted.

import { closeSync, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs'
import { attachTree, cloneTree } from '#linux/user-namespace.ts'
import { STORAGE_EXTRA_MIB } from './limits.ts'
import { closed, ReadyFileSystems, type FileSystem, type ReadyFileSystemsOptions } from './ready-file-systems.ts'
import type { Within } from './runtime.ts'
import { THROUGH_ONLY } from './stage.ts'
import type { TaskStorage } from './task-storage.ts'

const MIB = 1024 * 1024

export interface LoopStorageOptions extends ReadyFileSystemsOptions {
  readonly within: Within
}

export const loopStorage = (options: LoopStorageOptions): TaskStorage => {
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
      try {
        within(() => {
          mkdirSync(mounted, { recursive: true, mode: THROUGH_ONLY })
          attachTree(one.tree, mounted)
        })
      } finally {
        closeSync(one.tree)
      }
      lent.set(mounted, one)
      ready.fill()
    },
    async detach({ mounted }, clear) {
      const one = lent.get(mounted)
      lent.delete(mounted)
      const held = within(() => {
        const tree = existsSync(mounted) ? cloneTree(mounted) : undefined
        const isOurs = tree !== undefined && one !== undefined && statSync(mounted).dev === one.deviceNumber
        clear()
        return { tree, one: isOurs ? one : undefined }
      })
      if (held.tree === undefined) return
      if (held.one === undefined) await closed(held.tree)
      else await ready.giveBack({ ...held.one, tree: held.tree })
    },
    use({ mounted }, gib) {
      const { blocks, bfree, bsize } = within(() => statfsSync(mounted))
      return { usedMiB: Math.ceil(((blocks - bfree) * bsize) / MIB), reservedMiB: gib * 1024 + STORAGE_EXTRA_MIB }
    },
    close: () => ready.close(),
  }
}
