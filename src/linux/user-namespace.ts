// User namespaces pinned to files, and clones of file trees in which every owner is shifted into such a namespace.

import { closeSync, openSync, writeFileSync } from 'node:fs'
import { Fault } from '#base/fault.ts'
import { bind, checked } from './libc.ts'
import { mount, MOUNT } from './mount.ts'
import { spawnProcess } from './spawn.ts'

const cOpenTree = bind('long syscall(long number, int fd, const char *path, unsigned int flags)')
const cMountSetattr = bind(
  'long syscall(long number, int fd, const char *path, unsigned int flags, const void *attributes, size_t size)',
)
const cMoveMount = bind(
  'long syscall(long number, int fromFd, const char *from, int toFd, const char *to, unsigned int flags)',
)

/** The numbers of these calls are the same on every architecture. */
const SYS_OPEN_TREE = 428
const SYS_MOVE_MOUNT = 429
const SYS_MOUNT_SETATTR = 442
const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const OPEN_TREE_CLONE_CLOEXEC = 0x80001
const AT_RECURSIVE = 0x8000
const MOVE_MOUNT_F_EMPTY_PATH = 4
const MOUNT_ATTR_IDMAP = 0x100000n
const MOUNT_ATTR_READONLY_NODEV = 0x1n | 0x4n

/** Ids in a namespace, from 0 on: all that Linux programs commonly use. */
export const RANGE_IDS = 65536

/**
 * Makes a user namespace in which ids 0 to 65535 are `firstId` and the following outside. Returns its descriptor, which
 * the caller closes; it lives as long as somebody holds it or it is pinned.
 */
export const makeUserNamespace = async (firstId: number): Promise<number> => {
  // A process of one thread has to make it; `cat` answers once it is inside.
  const maker = spawnProcess('/usr/bin/unshare', ['--user', '/bin/cat'], { input: 'pipe' })
  try {
    const answer = maker.nextOutput()
    maker.write('.')
    await answer
    if (maker.output() !== '.')
      throw new Fault('unsupported', `no user namespace can be made: ${maker.output().trim()}`)
    writeFileSync(`/proc/${maker.pid}/uid_map`, `0 ${firstId} ${RANGE_IDS}`)
    writeFileSync(`/proc/${maker.pid}/gid_map`, `0 ${firstId} ${RANGE_IDS}`)
    return openSync(`/proc/${maker.pid}/ns/user`, 'r')
  } finally {
    maker.kill()
    await maker.exited
  }
}

/** Pins a namespace to a file. */
export const pinNamespace = (namespace: number, path: string): void => {
  closeSync(openSync(path, 'a', 0o600))
  mount(`/proc/self/fd/${namespace}`, path, null, MOUNT.bind)
}

/** A clone of a mounted tree that is nowhere in the file tree; the caller closes the descriptor. */
export const cloneTree = (path: string): number =>
  checked(`open_tree ${path}`, cOpenTree(SYS_OPEN_TREE, AT_FDCWD, path, OPEN_TREE_CLONE_CLOEXEC))

/** The same with all that is mounted below it. */
export const cloneTrees = (path: string): number =>
  checked(`open_tree ${path}`, cOpenTree(SYS_OPEN_TREE, AT_FDCWD, path, OPEN_TREE_CLONE_CLOEXEC | AT_RECURSIVE))

/** Makes a detached tree read-only and shows its owners as the namespace maps them. */
export const shiftOwners = (tree: number, userNamespace: number): void => {
  const attributes = Buffer.alloc(32)
  attributes.writeBigUInt64LE(MOUNT_ATTR_IDMAP | MOUNT_ATTR_READONLY_NODEV, 0)
  attributes.writeBigUInt64LE(BigInt(userNamespace), 24)
  checked('mount_setattr', cMountSetattr(SYS_MOUNT_SETATTR, tree, '', AT_EMPTY_PATH, attributes, attributes.length))
}

/** Attaches a detached tree. */
export const attachTree = (tree: number, target: string): void => {
  checked(`move_mount ${target}`, cMoveMount(SYS_MOVE_MOUNT, tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH))
}
