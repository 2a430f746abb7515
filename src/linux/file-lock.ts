// A lock on an open file. Whoever inherits the file holds it too, hence also a child that is being made and has not come
// to be its own program yet: none of /proc tells of those.

import { isErrno } from './files.ts'
import { bind, checked } from './libc.ts'

const cFlock = bind('int flock(int fd, int operation)')

const EXCLUSIVE_WITHOUT_WAITING = 2 | 4
const EWOULDBLOCK = 11

/** False while somebody else holds it. It is let go when the last of those that have the file closes it. */
export const tryLock = (fd: number): boolean => {
  try {
    checked('flock', cFlock(fd, EXCLUSIVE_WITHOUT_WAITING))
    return true
  } catch (error) {
    if (isErrno(error, EWOULDBLOCK)) return false
    throw error
  }
}
