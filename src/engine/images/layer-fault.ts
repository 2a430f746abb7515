// Turns what the kernel, the decompressor or the disk said about a layer into a fault that says whose problem it is.

import { Fault, isFault, type FaultKind } from '#base/fault.ts'
import { KernelFault } from '#linux/libc.ts'
import { shownPath } from './tar-path.ts'

/** Errors that only the content of a layer can cause, in a folder that is ours alone. */
const CONTENT_ERRNOS = new Set([1, 2, 17, 18, 20, 21, 22, 31, 36, 39, 40])
const CONTENT_CODES = new Set(['EPERM', 'ENOENT', 'EEXIST', 'ENOTDIR', 'EISDIR', 'EINVAL', 'ENAMETOOLONG', 'ELOOP'])

const hasCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** Faults pass, errors of system calls are named, everything else is a bug and stays what it is. */
export const layerFault = (error: unknown, path: string): unknown => {
  if (error instanceof KernelFault) {
    const kind: FaultKind = CONTENT_ERRNOS.has(error.errno) ? 'invalid' : error.kind
    return new Fault(kind, `unpacking "${shownPath(path)}": ${error.message}`, { cause: error })
  }
  if (isFault(error) || !hasCode(error)) return error
  if (CONTENT_CODES.has(error.code)) {
    return new Fault('invalid', `unpacking "${shownPath(path)}": ${error.code}`, { cause: error })
  }
  return diskFault(error)
}

/** For the store's own files. */
export const diskFault = (error: unknown): unknown => {
  if (isFault(error) || !hasCode(error)) return error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new Fault('no-space', 'failed to write: no space left on device', { cause: error })
  }
  if (/^E[A-Z0-9]+$/.test(error.code) && 'syscall' in error) {
    return new Fault('failed', `the image store's disk: ${error.code}`, { cause: error })
  }
  return error
}

/** Corrupt or truncated compressed data. */
export const decompressionFault = (error: unknown): unknown =>
  hasCode(error) && /^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD|ERR_BUFFER_TOO_LARGE)/.test(error.code)
    ? new Fault('invalid', `the layer cannot be decompressed: ${error.message}`, { cause: error })
    : error
