// Network namespaces from inside this process: made, pinned to a file, entered for the length of one call.

import { closeSync, mkdirSync, openSync, readFileSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { bind, bindLater, checked, KernelFault } from './libc.ts'

const unshare = bind('int unshare(int flags)')
const setns = bind('int setns(int fd, int nstype)')
const mount = bind(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
)
const umountLater = bindLater('int umount2(const char *target, int flags)')

const CLONE_NEWNET = 0x40000000
const MS_BIND = 4096
const MNT_DETACH = 2
const NSFS_MAGIC = 0x6e736673
const ENOENT = 2
const EINVAL = 22
const SETTINGS = '/proc/sys/net'
const SELF = '/proc/thread-self/ns/net'

/** Where this thread lives; read before anything else may have moved it. */
const home = openSync(SELF, 'r')

const returnHome = (): void => {
  // Code that goes on in the wrong namespace would talk to the wrong network: dying is the lesser harm.
  if (Number(setns(home, CLONE_NEWNET)) < 0) process.abort()
}

/**
 * Runs `work` inside the namespace of that descriptor. `work` must not be asynchronous: the whole process would go on
 * in the foreign namespace while it waits. Work on the thread pool (fs.promises, dns) happens at home, always.
 */
export const inside = <T>(descriptor: number, work: () => T): T => {
  checked('setns', setns(descriptor, CLONE_NEWNET))
  try {
    return work()
  } finally {
    returnHome()
  }
}

/** True when a network namespace is mounted on that file. */
export const isPinned = (path: string): boolean => {
  try {
    return statfsSync(path).type === NSFS_MAGIC
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** A descriptor of the namespace pinned to `path`. Fault "not-found" when there is none. */
export const openNamespace = (path?: string): number => {
  if (path === undefined) return openSync(SELF, 'r')
  if (!isPinned(path)) throw new Fault('not-found', `no network namespace is pinned to ${path}`)
  return openSync(path, 'r')
}

const asFault = (what: string, error: unknown): Fault => {
  const { code } = error as NodeJS.ErrnoException
  return new Fault(code === 'ENOENT' ? 'not-found' : 'failed', `${what}: ${code ?? String(error)}`, { cause: error })
}

/** Values below /proc/sys/net/ of the namespace that this thread is in. Fault "not-found" for an unknown name. */
export const writeSettings = (settings: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(settings)) {
    try {
      writeFileSync(join(SETTINGS, name), value)
    } catch (error) {
      throw asFault(`set ${name}`, error)
    }
  }
}

export const readSetting = (name: string): string => {
  try {
    return readFileSync(join(SETTINGS, name), 'utf8').trim()
  } catch (error) {
    throw asFault(`get ${name}`, error)
  }
}

/** Makes a namespace and pins it to the file `path`. Leaves one that is pinned already as it is and says false. */
export const createNamespace = (path: string, settings: Readonly<Record<string, string>>): boolean => {
  if (isPinned(path)) return false
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  closeSync(openSync(path, 'a', 0o444))
  checked('unshare', unshare(CLONE_NEWNET))
  try {
    // Settings first: once pinned, it is complete, whenever this process dies.
    writeSettings(settings)
    checked(`mount ${path}`, mount(SELF, path, 'none', MS_BIND, null))
  } finally {
    returnHome()
  }
  return true
}

/** Unpins the namespace and removes its file; does nothing when there is none. On another thread: it takes its time. */
export const removeNamespace = async (path: string): Promise<void> => {
  // A crash between mount and record may have pinned it twice; each pin hides the one below.
  for (;;) {
    try {
      await umountLater(`umount ${path}`, path, MNT_DETACH)
    } catch (error) {
      if (!(error instanceof KernelFault) || (error.errno !== EINVAL && error.errno !== ENOENT)) throw error
      break
    }
  }
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
