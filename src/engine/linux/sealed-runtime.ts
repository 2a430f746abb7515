// crun, shown read-only on the stage: it then need not copy itself into memory and start over, as it does at each call
// lest a container overwrites it through /proc (CVE-2019-5736).

import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mount, MOUNT, unmountAll } from '#linux/mount.ts'
import { STAGE } from './folders.ts'
import type { Runtime, Within } from './runtime.ts'

const PLACE = join(STAGE, 'bin', 'crun')

/** The runtime to use instead, inside the engine's mount namespace. Only crun looks at where it lies. */
export const sealedRuntime = (runtime: Runtime, within: Within): Runtime => {
  if (runtime.name !== 'crun') return runtime
  within(() => {
    // Anew at each start: the program may have been upgraded.
    unmountAll(PLACE)
    mkdirSync(dirname(PLACE), { recursive: true, mode: 0o755 })
    closeSync(openSync(PLACE, 'a', 0o600))
    mount(runtime.path, PLACE, null, MOUNT.bind)
    mount('none', PLACE, null, MOUNT.bind | MOUNT.remount | MOUNT.readOnly | MOUNT.noSuid | MOUNT.noDevices)
  })
  return { ...runtime, path: PLACE }
}
