// File calls that Node lacks: relative to an open directory, never out of a root, and with what overlay needs.

import { chmodSync, lstatSync, readlinkSync, type Stats } from 'node:fs'
import { bind, bindLater, checked, KernelFault } from './libc.ts'

// Paths go in as Latin-1 strings, one character per byte, because Linux names are bytes and tar files hold any of them.
const bytes = (path: string): Buffer => Buffer.from(path + '\0', 'latin1')

const inDirectory = (directory: number, name: string): Buffer =>
  Buffer.from(`/proc/self/fd/${directory}/${name}`, 'latin1')

const cOpenat2 = bind('long syscall(long number, int fd, const void *path, const void *how, size_t size)')
const cOpenat = bind('int openat(int fd, const void *path, int flags, uint32_t mode)')
const cMkdirat = bind('int mkdirat(int fd, const void *path, uint32_t mode)')
const cSymlinkat = bind('int symlinkat(const void *target, int fd, const void *path)')
const cLinkat = bind('int linkat(int fromFd, const void *from, int toFd, const void *to, int flags)')
const cMknodat = bind('int mknodat(int fd, const void *path, uint32_t mode, uint64_t device)')
const cRenameat = bind('int renameat(int fromFd, const void *from, int toFd, const void *to)')
const cFchownat = bind('int fchownat(int fd, const void *path, uint32_t uid, uint32_t gid, int flags)')
const cFchown = bind('int fchown(int fd, uint32_t uid, uint32_t gid)')
const cFchmod = bind('int fchmod(int fd, uint32_t mode)')
const cUtimensat = bind('int utimensat(int fd, const void *path, const void *times, int flags)')
const cFutimens = bind('int futimens(int fd, const void *times)')
const cFsetxattr = bind('int fsetxattr(int fd, const void *name, const void *value, size_t size, int flags)')
const cSyncfs = bindLater('int syncfs(int fd)')

/** openat2's number is the same on every architecture. */
const SYS_OPENAT2 = 437
const RESOLVE_NO_XDEV = 0x01n
const RESOLVE_NO_MAGICLINKS = 0x02n
const RESOLVE_IN_ROOT = 0x10n
const AT_SYMLINK_NOFOLLOW = 0x100
const S_IFCHR = 0o020000
const S_IFIFO = 0o010000

/**
 * Opens `path` as if `root` were "/": symbolic links, absolute or not, and ".." end inside it; mount points are not
 * crossed. Kernel 5.6 or newer.
 */
export const openInRoot = (root: number, path: string, flags: number): number => {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(flags), 0)
  how.writeBigUInt64LE(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV, 16)
  return checked('openat2', cOpenat2(SYS_OPENAT2, root, bytes(path), how, how.length))
}

export const openAt = (directory: number, name: string, flags: number, mode = 0): number =>
  checked('openat', cOpenat(directory, bytes(name), flags, mode))

export const makeDirectoryAt = (directory: number, name: string, mode: number): void => {
  checked('mkdirat', cMkdirat(directory, bytes(name), mode))
}

export const symlinkAt = (target: string, directory: number, name: string): void => {
  checked('symlinkat', cSymlinkat(bytes(target), directory, bytes(name)))
}

/** A hard link; one to a symbolic link is to the link itself. */
export const linkAt = (fromDirectory: number, from: string, toDirectory: number, to: string): void => {
  checked('linkat', cLinkat(fromDirectory, bytes(from), toDirectory, bytes(to), 0))
}

/** Overlay's mark for "nothing of this name, whatever lower layers say". */
export const makeWhiteoutAt = (directory: number, name: string): void => {
  checked('mknodat', cMknodat(directory, bytes(name), S_IFCHR, 0))
}

export const makeFifoAt = (directory: number, name: string, mode: number): void => {
  checked('mknodat', cMknodat(directory, bytes(name), S_IFIFO, 0))
  // Not left to mknod, whose mode is cut by the process's umask.
  chmodSync(inDirectory(directory, name), mode)
}

export const renameAt = (fromDirectory: number, from: string, toDirectory: number, to: string): void => {
  checked('renameat', cRenameat(fromDirectory, bytes(from), toDirectory, bytes(to)))
}

/** Changes a symbolic link itself, not what it points to. */
export const changeOwnerAt = (directory: number, name: string, uid: number, gid: number): void => {
  checked('fchownat', cFchownat(directory, bytes(name), uid, gid, AT_SYMLINK_NOFOLLOW))
}

export const changeOwner = (fd: number, uid: number, gid: number): void => {
  checked('fchown', cFchown(fd, uid, gid))
}

export const changeMode = (fd: number, mode: number): void => {
  checked('fchmod', cFchmod(fd, mode))
}

export interface FileTime {
  readonly seconds: number
  readonly nanoseconds: number
}

const timespecs = (time: FileTime): Buffer => {
  const both = Buffer.alloc(32)
  for (const at of [0, 16]) {
    both.writeBigInt64LE(BigInt(time.seconds), at)
    both.writeBigInt64LE(BigInt(time.nanoseconds), at + 8)
  }
  return both
}

/** Sets access and modification time of a symbolic link itself, not of what it points to. */
export const setTimesAt = (directory: number, name: string, time: FileTime): void => {
  checked('utimensat', cUtimensat(directory, bytes(name), timespecs(time), AT_SYMLINK_NOFOLLOW))
}

export const setTimes = (fd: number, time: FileTime): void => {
  checked('futimens', cFutimens(fd, timespecs(time)))
}

export const setAttribute = (fd: number, name: string, value: Uint8Array): void => {
  checked('fsetxattr', cFsetxattr(fd, bytes(name), value, value.length, 0))
}

/** Undefined when there is nothing of that name. */
export const lookAt = (directory: number, name: string): Stats | undefined =>
  lstatSync(inDirectory(directory, name), { throwIfNoEntry: false })

export const isWhiteout = (file: Stats): boolean => file.isCharacterDevice() && file.rdev === 0

/** Bytes of the absolute path that an open directory has now. */
export const realPathLength = (fd: number): number => readlinkSync(`/proc/self/fd/${fd}`, 'buffer').length

/** Writes everything of that file system to the disk, without blocking the event loop. */
export const syncFileSystem = async (fd: number): Promise<void> => {
  await cSyncfs('syncfs', fd)
}

export const isErrno = (error: unknown, ...numbers: readonly number[]): error is KernelFault =>
  error instanceof KernelFault && numbers.includes(error.errno)
