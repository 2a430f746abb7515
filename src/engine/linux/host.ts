// Everything that the parts of the engine need to know of the host and of one another.

import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { ImageStore } from '../images/layer-source.ts'
import type { CgroupLayout } from './cgroups.ts'
import type { Folders } from './folders.ts'
import type { LaunchSpace } from './launch-space.ts'
import type { OwnerRanges } from './owner-ranges.ts'
import type { Runtime, Within } from './runtime.ts'
import type { CompiledFilters, Seccomp } from './seccomp.ts'
import type { TaskStorage } from './task-storage.ts'

export interface Host {
  readonly clock: Clock
  readonly log: Log
  readonly images: ImageStore
  readonly folders: Folders
  readonly runtime: Runtime
  readonly conmon: string
  readonly cgroups: CgroupLayout
  readonly storage: TaskStorage
  /** Absent where the kernel cannot shift owners. */
  readonly ranges?: OwnerRanges
  readonly seccomp: (capabilities: readonly string[]) => Seccomp
  readonly filters: CompiledFilters
  readonly hardLimits: ReadonlyMap<string, number>
  /** A static init program. */
  readonly init?: string
  readonly boot: string
  /** Runs in the engine's mount namespace. */
  readonly within: Within
  /** Where the runtime runs. */
  readonly launch: LaunchSpace
}
