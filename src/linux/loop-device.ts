// Files as block devices, so that a file system can be made in one and mounted.

import { closeSync, openSync } from 'node:fs'
import { bind, bindLater, checked, KernelFault } from './libc.ts'

const cIoctlPlain = bind('int ioctl(int fd, unsigned long request, long value)')
const cIoctlLater = bindLater('int ioctl(int fd, unsigned long request, const void *value)')

const LOOP_CTL_GET_FREE = 0x4c82
const LOOP_CONFIGURE = 0x4c0a
/** struct loop_config: fd, block size, struct loop_info64, reserved. */
const CONFIG_BYTES = 304
const FLAGS_AT = 8 + 52
const AUTOCLEAR = 4
const EBUSY = 16
const TRIES = 100

export interface LoopDevice {
  readonly path: string
  /** To be closed once it is mounted; the device goes away with the last user. */
  readonly fd: number
}

/** The kernel writes to disk what of the file is not yet there. Fault "unsupported" or "not-found": no loop devices here. */
export const attachLoopDevice = async (file: string): Promise<LoopDevice> => {
  const control = openSync('/dev/loop-control', 'r+')
  const backing = openSync(file, 'r+')
  try {
    for (let attempt = 0; ; attempt++) {
      const number = checked('loop-control', cIoctlPlain(control, LOOP_CTL_GET_FREE, 0))
      const path = `/dev/loop${number}`
      const fd = openSync(path, 'r+')
      const config = Buffer.alloc(CONFIG_BYTES)
      config.writeUInt32LE(backing, 0)
      config.writeUInt32LE(AUTOCLEAR, FLAGS_AT)
      try {
        await cIoctlLater(`attach ${path}`, fd, LOOP_CONFIGURE, config)
        return { path, fd }
      } catch (error) {
        closeSync(fd)
        // Somebody else took it between our two calls.
        if (!(error instanceof KernelFault) || error.errno !== EBUSY || attempt >= TRIES) throw error
      }
    }
  } finally {
    closeSync(backing)
    closeSync(control)
  }
}
