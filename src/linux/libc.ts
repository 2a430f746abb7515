// The C library in this process: how every kernel call of src/linux/ is made, and how its failures become faults.

import koffi from 'koffi'
import { Fault, type FaultKind } from '#base/fault.ts'

const library = koffi.load('libc.so.6')

/** Binds one C function by its prototype, e.g. `int setns(int fd, int nstype)`. */
export const bind = (prototype: string): ((...args: unknown[]) => unknown) => library.func(prototype)

/** Errors that callers decide on; all others are told by number. */
const ERRNO: Readonly<Record<number, readonly [name: string, kind: FaultKind]>> = {
  1: ['EPERM', 'denied'],
  2: ['ENOENT', 'not-found'],
  3: ['ESRCH', 'not-found'],
  4: ['EINTR', 'busy'],
  11: ['EAGAIN', 'busy'],
  12: ['ENOMEM', 'no-space'],
  13: ['EACCES', 'denied'],
  16: ['EBUSY', 'busy'],
  17: ['EEXIST', 'failed'],
  19: ['ENODEV', 'unsupported'],
  22: ['EINVAL', 'invalid'],
  28: ['ENOSPC', 'no-space'],
  38: ['ENOSYS', 'unsupported'],
  95: ['EOPNOTSUPP', 'unsupported'],
  122: ['EDQUOT', 'no-space'],
}

export class KernelFault extends Fault {
  /** The positive errno. */
  readonly errno: number

  constructor(call: string, errno: number) {
    const [name, kind] = ERRNO[errno] ?? [`errno ${errno}`, 'failed' as const]
    super(kind, `${call}: ${name}`)
    this.errno = errno
  }
}

/** Passes a result of zero or more through; throws the KernelFault of `errno` otherwise. */
export const checked = (call: string, result: unknown): number => {
  const value = Number(result)
  if (value < 0) throw new KernelFault(call, koffi.errno())
  return value
}

/**
 * Binds one that is called on a thread of the pool: for what may wait in the kernel, and needs nothing that this thread
 * has for itself, such as a namespace. `call` names it in the KernelFault that a negative result rejects with.
 */
export const bindLater = (prototype: string): ((call: string, ...args: unknown[]) => Promise<number>) => {
  const bound = library.func(prototype) as unknown as { async(...args: unknown[]): void }
  return (call, ...args) =>
    new Promise((resolve, reject) => {
      bound.async(...args, (error: unknown, result: unknown) => {
        if (error !== null && error !== undefined) return reject(new Fault('failed', call, { cause: error }))
        const value = Number(result)
        if (value < 0) reject(new KernelFault(call, koffi.errno()))
        else resolve(value)
      })
    })
}
