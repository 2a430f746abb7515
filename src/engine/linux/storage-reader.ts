// Reads what tasks use of their storage without the engine that made it: the edge answers tasks while it restarts.

import { existsSync, statfsSync } from 'node:fs'
import { MountNamespace } from '#linux/mount.ts'
import { engineFolders, taskFolders } from './folders.ts'

const MIB = 1024 * 1024

/** MiB used, by task id; undefined where the task has no file system of its own. */
export const storageReader = (runDir: string): ((taskId: string) => Promise<number | undefined>) => {
  // Nothing of the data directory is looked at.
  const folders = engineFolders('', runDir)
  let mounts: MountNamespace | undefined
  return async (taskId) => {
    // The engine makes it; whoever asks before has no task.
    if (mounts === undefined && !existsSync(folders.mountNamespace)) return undefined
    mounts ??= new MountNamespace(folders.mountNamespace, () => {})
    const { mounted } = taskFolders(folders, taskId)
    return mounts.inside(() => {
      if (!existsSync(mounted)) return undefined
      const { blocks, bfree, bsize } = statfsSync(mounted)
      return Math.ceil(((blocks - bfree) * bsize) / MIB)
    })
  }
}
