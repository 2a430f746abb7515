// Folders on the stage: each a mount of its own, so that taking it away takes along whatever is mounted below,
// also what a killed process had no time to unmount.

import { mkdirSync, rmSync } from 'node:fs'
import { mount, MOUNT, unmountAll } from '#linux/mount.ts'

/** Tasks can be entered but not listed by users that are not root. */
export const THROUGH_ONLY = 0o711

/** Makes it anew, empty. Inside the engine's mount namespace only, as all here. */
export const layStage = (path: string): void => {
  clearStage(path)
  mkdirSync(path, { recursive: true, mode: THROUGH_ONLY })
  mount(path, path, null, MOUNT.bind)
}

/** Unmounts first and deletes then: deleting through a mount would delete what is mounted. */
export const clearStage = (path: string): void => {
  unmountAll(path)
  rmSync(path, { recursive: true, force: true })
}
