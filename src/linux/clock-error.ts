// How far this host's clock may be off, as the kernel knows it from whoever disciplines it.

import { bind, checked } from './libc.ts'

const cAdjtimex = bind('int adjtimex(void *timex)')

/** struct timex of 64-bit Linux; with no mode set, nothing is changed. */
const TIMEX_BYTES = 208
const MAX_ERROR_AT = 24
const STATUS_AT = 40
const STATUS_UNSYNCHRONIZED = 0x40

export interface ClockError {
  /** Milliseconds. */
  readonly most: number
  readonly isSynchronized: boolean
}

/** `man 2 adjtimex` */
export const clockError = (): ClockError => {
  const timex = Buffer.alloc(TIMEX_BYTES)
  checked('adjtimex', cAdjtimex(timex))
  return {
    most: Number(timex.readBigInt64LE(MAX_ERROR_AT)) / 1000,
    isSynchronized: (timex.readInt32LE(STATUS_AT) & STATUS_UNSYNCHRONIZED) === 0,
  }
}
