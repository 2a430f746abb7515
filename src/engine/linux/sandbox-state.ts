// What runsc writes down about a sandbox of its own, read without asking it: a process per look would cost 30 ms.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readRecord } from './records.ts'

/** One sandbox per container, so both halves of the name are the container's id. */
const files = (stateFolder: string, containerId: string) => {
  const name = join(stateFolder, `${containerId}_sandbox:${containerId}`)
  // Newer ones listen at a file, older ones at a name.
  return { state: `${name}.state`, lock: `${name}.lock`, socket: join(stateFolder, `runsc-${containerId}.sock`) }
}

/** True while the sandbox is there and its container was not started in it. runsc has no fifo to look at. */
export const isSandboxWaiting = (stateFolder: string, containerId: string): boolean =>
  readRecord<{ readonly status?: string }>(files(stateFolder, containerId).state)?.status === 'created'

export const forgetSandbox = (stateFolder: string, containerId: string): void => {
  for (const file of Object.values(files(stateFolder, containerId))) rmSync(file, { force: true })
}
