// A full disk is the world's failure, not a bug, wherever in the making of a container it is met.

import { Fault } from '#base/fault.ts'

/** Fault "no-space" instead of the kernel's own error. */
export const asNoSpace = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    throw new Fault('no-space', message, { cause: error })
  }
}
