// Finds out what containers run with on this host: remembered from an earlier process, else tried; nothing is tried
// where all is only to be taken down.

import { join } from 'node:path'
import { findRuntime, findStorage, knownStorage, PROGRAMS_TRIED, type ProbeInput } from './capabilities.ts'
import type { OwnerRanges } from './owner-ranges.ts'
import { plainStorage } from './plain-storage.ts'
import { identityOfPrograms, recall, remember, type Remembered } from './remembered.ts'
import type { Runtime } from './runtime.ts'
import type { TaskStorage } from './task-storage.ts'

export interface FoundOut {
  readonly runtime: Runtime
  readonly userNamespaces: boolean
  readonly storage: TaskStorage
  /** Why better runtimes, user namespaces or disk limits are not used. */
  readonly refusals: readonly string[]
  /** False: all of it was remembered, nothing was tried. */
  readonly tried: boolean
}

/** Enough to remove what is there: what a runtime or a disk limit has left goes with the folders and the mounts. */
export const forTakingDown = ({ folders, within }: ProbeInput): FoundOut => ({
  runtime: {
    name: 'crun',
    version: 'not looked for',
    path: '',
    globalArguments: [],
    stateFolder: join(folders.runtime, 'crun'),
  },
  userNamespaces: true,
  storage: plainStorage(within),
  refusals: [],
  tried: false,
})

const identityOf = ({ folders, prefer }: ProbeInput): string[] => [
  folders.ready,
  folders.runtime,
  ...(prefer ?? []),
  ...identityOfPrograms(PROGRAMS_TRIED),
]

const recalled = (input: ProbeInput, memory: Remembered): FoundOut | undefined => {
  const known = memory.storage === undefined ? undefined : knownStorage(memory.storage, input)
  return known === undefined ? undefined : { ...memory, storage: known.storage, tried: false }
}

/** Fault "unsupported" when no container can run here, with the reasons. */
export const findOut = async (input: ProbeInput, ranges: OwnerRanges): Promise<FoundOut> => {
  const { folders } = input
  const identity = identityOf(input)
  const memory = recall(folders.memory, identity)
  const known = memory === undefined ? undefined : recalled(input, memory)
  if (known !== undefined) return known
  const { runtime, userNamespaces, refusals } = memory ?? (await findRuntime(input, ranges))
  const { storage, refusal } = await findStorage(input)
  const found = { runtime, userNamespaces, refusals }
  // Whatever a full disk has refused may work once there is room.
  if (!refusals.some((words) => /No space/i.test(words))) {
    remember(folders.memory, identity, refusal === undefined ? { ...found, storage: storage.kind } : found)
  }
  return { ...found, storage, refusals: [...refusals, ...(refusal === undefined ? [] : [refusal])], tried: true }
}
