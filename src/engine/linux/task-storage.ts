// Where a task's writable files are: the rungs of the ladder, from a quota on the data disk to no limit at all.

import type { EngineCapabilities, StorageUse } from '../engine.ts'
import type { TaskFolders } from './folders.ts'

export interface TaskStorage {
  readonly kind: EngineCapabilities['storageLimit']
  /** Resolves when one task's storage could be made. */
  ready(): Promise<void>
  /** Makes some ready in the background. */
  warm(): void
  /** Makes the storage, empty, and mounts it at `task.mounted`, whatever an interrupted attempt has left. Fault "no-space". */
  attach(task: TaskFolders, gib: number): Promise<void>
  /** Undoes it, and removes the files. `clear` is called inside the engine's mount namespace: it unmounts what is there. */
  detach(task: TaskFolders, clear: () => void): Promise<void>
  use(task: TaskFolders, gib: number): StorageUse | undefined
  /** Waits for background work and removes what was kept ready. */
  close(): Promise<void>
}
