// Runs a command inside a running container and ends it when it takes too long.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { spawnProcess } from '#linux/spawn.ts'
import type { ExecResult } from '../engine.ts'
import { containerFolders } from './folders.ts'
import type { Host } from './host.ts'
import { EXEC_OUTPUT_BYTES } from './limits.ts'
import { isInContainer, sendSignal } from './processes.ts'
import type { ContainerState } from './records.ts'
import { endInSandbox } from './sandbox.ts'
import { pidIn } from './supervisor.ts'

const SIGKILL = 9
/** What a shell answers for a command that does not exist. */
const NOT_FOUND = 127

let count = 0

export const execInContainer = async (
  host: Host,
  { spec }: ContainerState,
  command: readonly string[],
  timeoutSeconds: number,
): Promise<ExecResult> => {
  const folders = containerFolders(host.folders, spec.taskId, spec.id)
  const name = join(folders.root, `exec-${++count}`)
  const files = { process: `${name}.json`, pid: `${name}.pid`, inner: `${name}.inner` }
  const sandboxed = host.runtime.name === 'runsc'
  const config = JSON.parse(readFileSync(folders.config, 'utf8')) as { readonly process: object }
  writeFileSync(files.process, JSON.stringify({ ...config.process, terminal: false, args: command }), { mode: 0o600 })
  try {
    const child = spawnProcess(
      host.runtime.path,
      [
        ...host.runtime.globalArguments,
        'exec',
        '--process',
        files.process,
        '--pid-file',
        files.pid,
        ...(sandboxed ? ['--internal-pid-file', files.inner] : []),
        spec.id,
      ],
      { within: host.launch.within, outputLimitBytes: EXEC_OUTPUT_BYTES },
    )
    const over = new AbortController()
    const late = host.clock.sleep(timeoutSeconds, over.signal).then(() => 'late' as const)
    const first = await Promise.race([child.exited, late])
    over.abort()
    if (first === 'late') {
      if (sandboxed) await endInSandbox(host, spec.id, pidIn(files.inner))
      else endGroup(pidIn(files.pid), spec.id)
      child.kill()
      await child.exited
      throw new Fault('timeout', `${command[0] ?? ''} took more than ${timeoutSeconds} s`)
    }
    const started = pidIn(files.pid) !== undefined
    return { exitCode: started || first === 0 ? first : NOT_FOUND, output: child.output() }
  } finally {
    for (const file of Object.values(files)) rmSync(file, { force: true })
  }
}

/** The runtime makes the command the leader of a session, so its number is that of its process group too. */
const endGroup = (pid: number | undefined, containerId: string): void => {
  if (pid === undefined || !isInContainer(pid, containerId)) return
  if (!sendSignal(-pid, SIGKILL)) sendSignal(pid, SIGKILL)
}
