// conmon: one small process per container that outlives us, keeps its output and its exit code, and asks the runtime
// to make it.

import { closeSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { pipe, spawnProcess } from '#linux/spawn.ts'
import type { ContainerFolders, Folders } from './folders.ts'
import { CREATE_SECONDS, OUTPUT_FILE_BYTES } from './limits.ts'
import type { LaunchSpace } from './launch-space.ts'
import type { Runtime } from './runtime.ts'
import { startFault, type Attempt } from './start-fault.ts'

export interface Supervision {
  readonly conmon: string
  readonly runtime: Runtime
  readonly launch: LaunchSpace
  readonly clock: Clock
  readonly folders: Folders
}

export interface Supervised {
  readonly containerId: string
  readonly folders: ContainerFolders
  /** What the runtime needs that is mounted for the task. */
  readonly places: readonly string[]
  readonly tty: boolean
  readonly interactive: boolean
  /** For the words of what goes wrong. */
  readonly attempt: Attempt
}

const LINE_BYTES = 64 * 1024
const SYNC_DESCRIPTOR = 3
/** A reason of our own: making the default one costs more than the rest. */
const ENOUGH = 'enough'

/** The first line that comes out of a pipe, or all of it when it ends or the time is over. */
const firstLine = async (fd: number, seconds: number, clock: Clock): Promise<string> => {
  const socket = new Socket({ fd, readable: true, writable: false })
  const enough = new AbortController()
  const stop = (): void => enough.abort(ENOUGH)
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    if (text.length < LINE_BYTES) text += chunk
    if (text.includes('\n')) stop()
  })
  socket.on('end', stop)
  socket.on('error', stop)
  await clock.sleep(seconds, enough.signal)
  socket.destroy()
  return text.split('\n')[0] ?? ''
}

/** Has the container made. Returns its first process, which waits to be started. Faults as `create` of the contract. */
export const createSupervised = (by: Supervision, made: Supervised): Promise<number> =>
  by.launch.bringing(made.places, () => create(by, made))

const create = async (by: Supervision, made: Supervised): Promise<number> => {
  const { folders, containerId } = made
  const sync = pipe()
  const settings: Readonly<Record<string, string>> = {
    'api-version': '1',
    cid: containerId,
    cuuid: containerId,
    name: containerId,
    runtime: by.runtime.path,
    bundle: folders.root,
    'container-pidfile': folders.pid,
    'conmon-pidfile': folders.conmonPid,
    'log-path': `k8s-file:${folders.output}`,
    'log-size-max': String(OUTPUT_FILE_BYTES),
    'exit-dir': by.folders.exits,
    'persist-dir': folders.root,
    'socket-dir-path': by.folders.sockets,
    'log-level': 'error',
  }
  const args = [
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ...by.runtime.globalArguments.flatMap((argument) => ['--runtime-arg', argument]),
    '--no-sync-log',
    ...(made.tty ? ['--terminal'] : []),
    ...(made.interactive ? ['--stdin', '--leave-stdin-open'] : []),
  ]
  let child
  try {
    child = spawnProcess(by.conmon, args, {
      within: by.launch.within,
      descriptors: new Map([[SYNC_DESCRIPTOR, sync.write]]),
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', _OCI_SYNCPIPE: String(SYNC_DESCRIPTOR) },
    })
  } finally {
    closeSync(sync.write)
  }
  const line = await firstLine(sync.read, CREATE_SECONDS, by.clock)
  const exitCode = await child.exited
  if (line === '') {
    throw new Fault('failed', `conmon ended with ${exitCode} and made nothing: ${child.output().trim()}`)
  }
  const answer = JSON.parse(line) as { readonly data: number; readonly message?: string }
  if (answer.data <= 0) throw startFault(answer.message ?? child.output(), made.attempt)
  return answer.data
}

/** Undefined when there is no such file, or nothing in it yet. */
export const pidIn = (file: string): number | undefined => {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim())
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
