// Mounts, and a mount namespace of our own that is entered for the length of one call.

import { closeSync, constants, mkdirSync, openSync, statfsSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { bind, checked, KernelFault } from './libc.ts'

const cMount = bind(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
)
const cUmount2 = bind('int umount2(const char *target, int flags)')
const cUnshare = bind('int unshare(int flags)')
const cSetns = bind('int setns(int fd, int nstype)')
const cFchdir = bind('int fchdir(int fd)')
const cChdir = bind('int chdir(const char *path)')

export const MOUNT = {
  readOnly: 1,
  noSuid: 2,
  noDevices: 4,
  noExec: 8,
  remount: 32,
  bind: 4096,
  recursive: 16384,
  move: 8192,
  private: 1 << 18,
  slave: 1 << 19,
} as const

const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8
const CLONE_FS = 0x200
const CLONE_NEWNS = 0x20000
const NSFS_MAGIC = 0x6e736673
const ENOENT = 2
const EINVAL = 22
const OF_THIS_THREAD = '/proc/thread-self/ns/mnt'

export const mount = (
  source: string,
  target: string,
  type: string | null,
  flags: number,
  data: string | null = null,
): void => {
  checked(`mount ${target}`, cMount(source, target, type, flags, data))
}

/** Moves what is mounted at `from`, with what is mounted below it. */
export const moveMount = (from: string, to: string): void => {
  mount(from, to, null, MOUNT.move)
}

/** Takes away what is mounted there, and what is mounted below it; says false when nothing is. */
export const unmount = (target: string): boolean => {
  try {
    checked(`umount ${target}`, cUmount2(target, MNT_DETACH | UMOUNT_NOFOLLOW))
    return true
  } catch (error) {
    if (error instanceof KernelFault && (error.errno === EINVAL || error.errno === ENOENT)) return false
    throw error
  }
}

/** Takes away all that was ever mounted there: a crash may have mounted twice. */
export const unmountAll = (target: string): void => {
  while (unmount(target));
}

/** Runs `work` in that directory, so that mount options can name its entries briefly. Only inside a MountNamespace. */
export const inDirectory = <T>(path: string, work: () => T): T => {
  checked(`chdir ${path}`, cChdir(path))
  return work()
}

const isNamespace = (path: string): boolean => {
  try {
    return statfsSync(path).type === NSFS_MAGIC
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/**
 * A mount namespace pinned to a file, so that it outlives this process. Mounts made inside are not seen outside; those
 * made outside appear inside only where the host shares them.
 */
export class MountNamespace {
  readonly path: string
  readonly #home: number
  readonly #there: number

  /** Opens the one that is pinned there, or makes it; `prepare` runs once inside a new one, before it is pinned. */
  constructor(path: string, prepare: () => void) {
    this.path = path
    this.#home = openSync(OF_THIS_THREAD, 'r')
    if (!isNamespace(path)) this.#make(prepare)
    this.#there = openSync(path, 'r')
  }

  /**
   * Runs `work` inside, with "/" as working directory. `work` must not be asynchronous, and must not start threads:
   * the rest of the process would go on in here with it.
   */
  inside<T>(work: () => T): T {
    return this.#comeBackAfter(() => {
      checked('setns', cSetns(this.#there, CLONE_NEWNS))
      return work()
    })
  }

  /** Lets go of the namespace; it goes away with all its mounts once no process is inside. */
  remove(): void {
    this.close()
    unmountAll(this.path)
    try {
      unlinkSync(this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    unmountAll(dirname(this.path))
  }

  close(): void {
    closeSync(this.#there)
    closeSync(this.#home)
  }

  #make(prepare: () => void): void {
    const folder = dirname(this.path)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // The kernel refuses to pin a mount namespace on a mount that is shared, as "/" is where systemd runs.
    mount(folder, folder, null, MOUNT.bind)
    mount('none', folder, null, MOUNT.private)
    closeSync(openSync(this.path, 'a', 0o600))
    let made = -1
    try {
      this.#comeBackAfter(() => {
        checked('unshare', cUnshare(CLONE_NEWNS))
        mount('none', '/', null, MOUNT.slave | MOUNT.recursive)
        // Else the namespace would be pinned inside itself and never go away.
        unmount(folder)
        prepare()
        made = openSync(OF_THIS_THREAD, 'r')
      })
      mount(`/proc/self/fd/${made}`, this.path, null, MOUNT.bind)
    } finally {
      if (made >= 0) closeSync(made)
    }
  }

  #comeBackAfter<T>(work: () => T): T {
    // A thread that shares its working directory with others may not change namespace; new threads share it anew.
    checked('unshare', cUnshare(CLONE_FS))
    const directory = openSync('.', constants.O_DIRECTORY)
    try {
      return work()
    } finally {
      // Going on in a foreign namespace would put files where nobody finds them: dying is the lesser harm.
      if (Number(cSetns(this.#home, CLONE_NEWNS)) < 0 || Number(cFchdir(directory)) < 0) process.abort()
      closeSync(directory)
    }
  }
}
