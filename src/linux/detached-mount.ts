// A mount that is nowhere in the file tree: reachable by its file descriptor only, and gone when that is closed.

import { closeSync } from 'node:fs'
import { bind, bindLater, checked } from './libc.ts'

const cFsopen = bind('long syscall(long number, const char *type, int flags)')
const cFsconfig = bind('long syscall(long number, int fd, int command, const char *key, const char *value, int aux)')
const cFsconfigLater = bindLater(
  'long syscall(long number, int fd, int command, const char *key, const char *value, int aux)',
)
const cFsmount = bind('long syscall(long number, int fd, int flags, int attributes)')

/** The numbers of these calls are the same on every architecture. */
const SYS_FSOPEN = 430
const SYS_FSCONFIG = 431
const SYS_FSMOUNT = 432

const CLOSE_ON_EXEC = 1
const SET_FLAG = 0
const SET_STRING = 1
const CREATE = 6
const READ_ONLY_NO_DEVICES = 0x1 | 0x4
const NO_SET_ID_NO_DEVICES = 0x2 | 0x4

/** Mounts `source` read-only. Returns the file descriptor of its root. Kernel 5.2 or newer. */
export const mountDetached = (type: string, source: string): number => {
  const context = checked('fsopen', cFsopen(SYS_FSOPEN, type, CLOSE_ON_EXEC))
  try {
    checked('fsconfig', cFsconfig(SYS_FSCONFIG, context, SET_FLAG, 'ro', null, 0))
    checked('fsconfig', cFsconfig(SYS_FSCONFIG, context, SET_STRING, 'source', source, 0))
    checked('fsconfig', cFsconfig(SYS_FSCONFIG, context, CREATE, null, null, 0))
    return checked('fsmount', cFsmount(SYS_FSMOUNT, context, CLOSE_ON_EXEC, READ_ONLY_NO_DEVICES))
  } finally {
    closeSync(context)
  }
}

/**
 * Mounts `source`, which has nothing but that file system on it, writable and without set-id programs and devices. The
 * kernel reads it on another thread.
 */
export const mountDetachedLater = async (type: string, source: string, flags: readonly string[]): Promise<number> => {
  const context = checked('fsopen', cFsopen(SYS_FSOPEN, type, CLOSE_ON_EXEC))
  try {
    for (const flag of flags) checked(`${type} ${flag}`, cFsconfig(SYS_FSCONFIG, context, SET_FLAG, flag, null, 0))
    checked('fsconfig', cFsconfig(SYS_FSCONFIG, context, SET_STRING, 'source', source, 0))
    await cFsconfigLater(`mount ${source}`, SYS_FSCONFIG, context, CREATE, null, null, 0)
    return checked('fsmount', cFsmount(SYS_FSMOUNT, context, CLOSE_ON_EXEC, NO_SET_ID_NO_DEVICES))
  } finally {
    closeSync(context)
  }
}
