// Starts programs by posix_spawn: a fork by way of Node blocks the event loop in proportion to the heap, this never.

import { closeSync, openSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import koffi from 'koffi'
import { bind, checked, KernelFault } from './libc.ts'

const cPosixSpawn = bind(
  'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **args, const char **env)',
)
const cWaitpid = bind('int waitpid(int pid, _Out_ int *status, int options)')
const cPipe2 = bind('int pipe2(_Out_ int *fds, int flags)')
const cActionsInit = bind('int posix_spawn_file_actions_init(void *actions)')
const cActionsDup2 = bind('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)')
const cActionsDestroy = bind('int posix_spawn_file_actions_destroy(void *actions)')
const cAttributesInit = bind('int posix_spawnattr_init(void *attributes)')
const cSetFlags = bind('int posix_spawnattr_setflags(void *attributes, short flags)')
const cSetSignalDefaults = bind('int posix_spawnattr_setsigdefault(void *attributes, const void *set)')
const cSetSignalMask = bind('int posix_spawnattr_setsigmask(void *attributes, const void *set)')

/** Bytes; more than any C library's structures for these. */
const STRUCTURE_BYTES = 1024
const SIGNAL_SET_BYTES = 128
const SET_SIGNAL_DEFAULTS = 4
const SET_SIGNAL_MASK = 8
const SET_SESSION = 0x80
const O_CLOEXEC = 0o2000000
const WNOHANG = 1
const UNKNOWN_EXIT_CODE = 255
const EAGAIN = 'EAGAIN'
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const READ_BYTES = 16 * 1024

export interface SpawnOptions {
  /** Default: PATH only. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard output and error together; default 16 KiB. What comes after is read and dropped. */
  readonly outputLimitBytes?: number
  /** More descriptors for the child: its number to ours. Ours stay open. */
  readonly descriptors?: ReadonlyMap<number, number>
  /** Gives the child an input to write to with `write`; absent: it reads nothing. */
  readonly input?: 'pipe'
  /** Makes the spawn itself happen elsewhere, such as inside a mount namespace. */
  readonly within?: <T>(work: () => T) => T
}

export interface SpawnedProcess {
  readonly pid: number
  /** The exit code, or 128 + n when ended by signal n. Does not wait for heirs that hold the output open. */
  readonly exited: Promise<number>
  /** What it has written so far. */
  output(): string
  /** Resolves at its next output. */
  nextOutput(): Promise<void>
  write(text: string): void
  kill(): void
}

const buffer = (bytes: number): unknown => koffi.alloc('uint8_t', bytes)
const actions = buffer(STRUCTURE_BYTES)
const attributes = buffer(STRUCTURE_BYTES)
let attributesReady = false

const failIf = (call: string, errno: unknown): void => {
  // posix_spawn and its kin return the error number instead of setting errno.
  if (Number(errno) !== 0) throw new KernelFault(call, Number(errno))
}

const prepareAttributes = (): void => {
  if (attributesReady) return
  failIf('posix_spawnattr_init', cAttributesInit(attributes))
  failIf('posix_spawnattr_setflags', cSetFlags(attributes, SET_SIGNAL_DEFAULTS | SET_SIGNAL_MASK | SET_SESSION))
  // Node ignores SIGPIPE and may have signals blocked: the child shall start as from a shell.
  const all = Buffer.alloc(SIGNAL_SET_BYTES, 0xff)
  failIf('posix_spawnattr_setsigdefault', cSetSignalDefaults(attributes, all))
  failIf('posix_spawnattr_setsigmask', cSetSignalMask(attributes, Buffer.alloc(SIGNAL_SET_BYTES)))
  attributesReady = true
}

/** Both ends are closed on exec; the child gets copies. */
export const pipe = (): { readonly read: number; readonly write: number } => {
  const ends = [0, 0]
  checked('pipe2', cPipe2(ends, O_CLOEXEC))
  return { read: ends[0] ?? -1, write: ends[1] ?? -1 }
}

const waiting = new Map<number, (exitCode: number) => void>()

const reap = (): void => {
  for (const [pid, resolve] of waiting) {
    const status = [0]
    const result = Number(cWaitpid(pid, status, WNOHANG))
    if (result === 0) continue
    waiting.delete(pid)
    // Somebody else has taken its exit code: all that is known is that it is gone.
    resolve(result < 0 ? UNKNOWN_EXIT_CODE : exitCodeOf(status[0] ?? 0))
  }
}

const exitCodeOf = (status: number): number => {
  const signal = status & 0x7f
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal
}

let listening = false

/** To be done before the spawn: a child may be gone before posix_spawn returns. */
const listen = (): void => {
  // Node's own children are waited for by their ids too, so neither takes the other's.
  if (!listening) process.on('SIGCHLD', reap)
  listening = true
}

const untilExit = (pid: number): Promise<number> =>
  new Promise((resolve) => {
    waiting.set(pid, resolve)
  })

const spawned = (program: string, args: readonly string[], descriptors: ReadonlyMap<number, number>, env: object) => {
  prepareAttributes()
  listen()
  failIf('posix_spawn_file_actions_init', cActionsInit(actions))
  try {
    for (const [theirs, ours] of descriptors) failIf('adddup2', cActionsDup2(actions, ours, theirs))
    const pid = [0]
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const result = cPosixSpawn(pid, program, actions, attributes, [program, ...args, null], [...words, null])
    failIf(`spawn ${program}`, result)
    return pid[0] ?? -1
  } finally {
    cActionsDestroy(actions)
  }
}

/** Shared by all pipes: what is read is copied before anything else runs. */
const chunk = Buffer.alloc(READ_BYTES)

/** Takes what is left in the pipe without waiting for more. */
const drain = (fd: number, take: (chunk: Buffer) => void): void => {
  for (;;) {
    let count = 0
    try {
      count = readSync(fd, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== EAGAIN) throw error
    }
    if (count === 0) return
    take(Buffer.from(chunk.subarray(0, count)))
  }
}

/** Throws KernelFault "not-found" when there is no such program (an absolute path). */
export const spawnProcess = (program: string, args: readonly string[], options: SpawnOptions = {}): SpawnedProcess => {
  const limit = options.outputLimitBytes ?? READ_BYTES
  const output = pipe()
  const input = options.input === 'pipe' ? pipe() : undefined
  const nothing = input === undefined ? openSync('/dev/null', 'r') : -1
  const within = options.within ?? ((work) => work())
  let pid = -1
  try {
    const descriptors = new Map([
      ...(options.descriptors ?? []),
      [0, input?.read ?? nothing] as const,
      [1, output.write] as const,
      [2, output.write] as const,
    ])
    pid = within(() => spawned(program, args, descriptors, options.env ?? { PATH: SEARCH_PATH }))
  } catch (error) {
    closeSync(output.read)
    closeSync(output.write)
    if (input !== undefined) closeSync(input.write)
    throw error
  } finally {
    if (input !== undefined) closeSync(input.read)
    if (nothing >= 0) closeSync(nothing)
  }
  const kept: Buffer[] = []
  let keptBytes = 0
  const told: (() => void)[] = []
  const take = (chunk: Buffer): void => {
    const part = chunk.subarray(0, Math.max(0, limit - keptBytes))
    keptBytes += part.length
    if (part.length > 0) kept.push(part)
    for (const tell of told.splice(0)) tell()
  }
  // We hold the writing end too, until the exit: the open pipe keeps this process alive as long as a child is waited for.
  const reader = new Socket({ fd: output.read, readable: true, writable: false })
  const writer = input === undefined ? undefined : new Socket({ fd: input.write, readable: false, writable: true })
  reader.on('data', take)
  // A program may close its output or stop reading its input before it ends.
  reader.on('error', () => {})
  writer?.on('error', () => {})
  let gone = false
  const exited = untilExit(pid).then((exitCode) => {
    gone = true
    reader.pause()
    // What the stream has taken but not told of yet comes before what is still in the pipe.
    for (let chunk = reader.read() as Buffer | null; chunk !== null; chunk = reader.read() as Buffer | null) take(chunk)
    drain(output.read, take)
    reader.destroy()
    closeSync(output.write)
    writer?.destroy()
    for (const tell of told.splice(0)) tell()
    return exitCode
  })
  return {
    pid,
    exited,
    output: () => Buffer.concat(kept).toString('utf8'),
    nextOutput: () => new Promise((resolve) => (gone ? resolve() : told.push(resolve))),
    write: (text) => void writer?.write(text),
    kill: () => {
      if (!gone) process.kill(pid, 'SIGKILL')
    },
  }
}
