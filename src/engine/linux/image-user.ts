// Who a container runs as: names resolved in the image's own passwd and group files, and never outside of it.

import { closeSync, constants, fstatSync, readSync } from 'node:fs'
import { Fault } from '#base/fault.ts'
import { isErrno, openInRoot } from '#linux/files.ts'
import { RANGE_IDS } from '#linux/user-namespace.ts'
import { ACCOUNT_FILE_BYTES } from './limits.ts'

export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  readonly additionalGids: readonly number[]
  readonly home: string
}

const ENOENT = 2
const ENOTDIR = 20
const ELOOP = 40
const NUMBER = /^\d{1,10}$/

/** Empty when the image has no such file. `root` is an open directory. */
const linesOf = (root: number, path: string): string[][] => {
  let file: number
  try {
    file = openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isErrno(error, ENOENT, ENOTDIR, ELOOP)) return []
    throw error
  }
  try {
    // A pipe or a device in its place has no lines.
    const seen = fstatSync(file)
    if (!seen.isFile()) return []
    const buffer = Buffer.alloc(Math.min(seen.size, ACCOUNT_FILE_BYTES))
    const length = readSync(file, buffer, 0, buffer.length, 0)
    return buffer
      .toString('utf8', 0, length)
      .split('\n')
      .map((line) => line.split(':'))
  } finally {
    closeSync(file)
  }
}

const idOf = (text: string, what: string): number => {
  const id = Number(text)
  if (id >= RANGE_IDS)
    throw new Fault('invalid', `${what} ${text} is above ${RANGE_IDS - 1}, the highest that a container has`)
  return id
}

/**
 * Resolves "", "user", "uid", "user:group", "uid:gid" and their mixtures. Fault "invalid" with containerd's words for
 * unknown names.
 */
export const resolveUser = (root: number, wanted: string): ContainerUser => {
  const [userPart = '', groupPart = ''] = wanted.split(':')
  const user = userPart === '' ? '0' : userPart
  const accounts = linesOf(root, '/etc/passwd')
  const account =
    accounts.find(([name]) => name === user) ??
    (NUMBER.test(user) ? accounts.find(([, , uid]) => uid !== undefined && Number(uid) === Number(user)) : undefined)
  const [name, , uidText, gidText = '0', , home = ''] = account ?? []
  if (account === undefined && !NUMBER.test(user)) {
    throw new Fault('invalid', `unable to find user ${user}: no matching entries in passwd file`)
  }
  const uid = idOf(uidText !== undefined && NUMBER.test(uidText) ? uidText : user, 'user id')
  const groups = linesOf(root, '/etc/group')
  const named = groupPart === '' ? undefined : groups.find(([group]) => group === groupPart)
  if (groupPart !== '' && named === undefined && !NUMBER.test(groupPart)) {
    throw new Fault('invalid', `unable to find group ${groupPart}: no matching entries in group file`)
  }
  const gid = idOf(groupPart === '' ? (NUMBER.test(gidText) ? gidText : '0') : (named?.[2] ?? groupPart), 'group id')
  const memberships =
    groupPart === '' && name !== undefined
      ? groups.filter(([, , , members = '']) => members.trim().split(',').includes(name)).map(([, , id = '']) => id)
      : []
  // The first group is among them, so that dropping it does not open what denies that group (CVE-2022-2989).
  const additionalGids = [...new Set([gid, ...memberships.filter((id) => NUMBER.test(id)).map(Number)])].filter(
    (id) => id < RANGE_IDS,
  )
  return { uid, gid, additionalGids, home: home === '' ? '/' : home }
}
