// Folders that are memory: most hosts have one at /run, and where not, a small file system is mounted.

import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { mount, MOUNT, unmountAll } from './mount.ts'

const TMPFS_MAGIC = 0x01021994

/** Sees that what is in that folder, made when missing, is in memory, and stays there until the next boot. */
export const layMemoryFolder = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (statfsSync(path).type === TMPFS_MAGIC) return
  mount('tmpfs', path, 'tmpfs', MOUNT.noSuid | MOUNT.noDevices, 'mode=700')
}

/** Removes it with all that is in there; does nothing when there is none. */
export const removeMemoryFolder = (path: string): void => {
  // Unmounted first: what is pinned or mounted in there must not be deleted through its mount.
  unmountAll(path)
  rmSync(path, { recursive: true, force: true })
}
