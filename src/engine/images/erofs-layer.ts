// Layers as EROFS files: made by mkfs.erofs from the tar as it streams in, mounted by the kernel, never unpacked.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, readSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { Fault, isFault } from '#base/fault.ts'
import { runToEnd } from '#base/run.ts'
import { mountDetached } from '#linux/detached-mount.ts'
import { openAt } from '#linux/files.ts'
import { EROFS_FINISH_SECONDS, LAYER_LIMITS, type LayerLimits } from './limits.ts'
import { tarOf } from './tar-writer.ts'
import { TarReader, type TarEntry } from './tar-reader.ts'
import type { LayerSink } from './unpack-layer.ts'

/** What older ones lack: reading a tar without seeking, and aufs whiteouts in it. */
const UTILS_VERSION = [1, 8]
/** The first kernel that mounts EROFS from a file instead of a block device. */
const KERNEL_VERSION = [6, 12]
/** Bytes of the program's complaint that are kept. */
const COMPLAINT_BYTES = 2000

/** `path` is made; it must not exist. Our reader goes over the tar first, so that limits hold here too. */
export const erofsSink = (path: string, limits: LayerLimits): LayerSink => {
  const reader = new TarReader(limits)
  // mkfs.erofs spins when its input ends early, as it does when we are killed: it has to die with us.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'mkfs.erofs', '--quiet', '--tar=f', '--aufs', path], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_BYTES)
  })
  const closed = new Promise<number>((resolve) => {
    child.on('error', () => resolve(-1))
    child.on('close', (code) => resolve(code ?? -1))
  })
  // It stops reading at the end mark, so the last write may find the pipe closed; the exit code is what counts.
  child.stdin.on('error', () => {})
  let length = 0
  const give = async (bytes: Uint8Array): Promise<void> => {
    if (child.stdin.destroyed || child.stdin.write(bytes)) return
    await Promise.race([once(child.stdin, 'drain').catch(() => {}), closed])
  }
  return {
    write: async (chunk) => {
      for (const event of reader.feed(chunk)) if (event.is === 'entry') refuseOverlaysOwn(event.entry)
      length += chunk.length
      await give(chunk)
    },
    finish: async () => {
      reader.finish()
      // Some builders leave the end mark out, and a half block at the end.
      await give(Buffer.alloc(((512 - (length % 512)) % 512) + 1024))
      child.stdin.end()
      const late = once(child, 'close', { signal: AbortSignal.timeout(EROFS_FINISH_SECONDS * 1000) })
      await Promise.race([closed, late])
      const code = await closed
      if (code !== 0) throw new Fault('invalid', `mkfs.erofs exited with ${code}: ${complaint.trim()}`)
      return statSync(path).blocks * 512
    },
    close: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}

/** Overlay trusts these attributes: an image that brings them could point at files of other layers. */
const refuseOverlaysOwn = (entry: TarEntry): void => {
  for (const [name] of entry.attributes) {
    if (name.startsWith('trusted.') || name.startsWith('user.overlay.')) {
      throw new Fault('invalid', `archive/tar: attribute ${name} is not an image's to set`)
    }
  }
}

/** Really builds and mounts a small one in `scratch`. Undefined when it works; else what is missing, for people. */
export const whyNoErofs = async (scratch: string): Promise<string | undefined> => {
  if (!atLeast(release(), KERNEL_VERSION)) return `kernel ${release()} is older than ${KERNEL_VERSION.join('.')}`
  try {
    const { stdout, stderr } = await runToEnd('mkfs.erofs', ['--version'], { timeoutSeconds: 10 })
    const version = /\b([0-9]+\.[0-9]+(?:\.[0-9]+)?)\b/.exec(stdout + stderr)?.[1] ?? '0'
    if (!atLeast(version, UTILS_VERSION)) return `mkfs.erofs ${version} is older than ${UTILS_VERSION.join('.')}`
    const path = join(scratch, 'probe.erofs')
    const sink = erofsSink(path, LAYER_LIMITS)
    try {
      await sink.write(tarOf([{ path: 'probe', content: 'works' }]))
      await sink.finish()
    } finally {
      await sink.close()
    }
    return readBack(path) === 'works' ? undefined : 'a mounted EROFS file reads back wrong'
  } catch (error) {
    if (isFault(error)) return error.message
    throw error
  }
}

const readBack = (path: string): string => {
  const root = mountDetached('erofs', path)
  try {
    const file = openAt(root, 'probe', constants.O_RDONLY)
    try {
      const content = Buffer.alloc(16)
      return content.toString('latin1', 0, readSync(file, content))
    } finally {
      closeSync(file)
    }
  } finally {
    closeSync(root)
  }
}

const atLeast = (version: string, wanted: readonly number[]): boolean => {
  const has = version.split(/[.-]/).map(Number)
  for (const [at, least] of wanted.entries()) {
    const part = has[at] ?? 0
    if (part !== least) return part > least
  }
  return true
}
