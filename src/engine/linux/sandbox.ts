// Reaches processes inside a sandbox: the host sees only the sandbox, so runsc is asked.

import { spawnProcess } from '#linux/spawn.ts'
import { SANDBOX_ANSWER_SECONDS, SANDBOX_LIST_BYTES } from './limits.ts'
import type { Host } from './host.ts'

const SIGKILL = 9

/** What it said; undefined when it refused, or did not answer in time: a sandbox that hangs is killed later, from outside. */
const ask = async (host: Host, ...args: readonly string[]): Promise<string | undefined> => {
  const { runtime, clock, within } = host
  const child = spawnProcess(runtime.path, [...runtime.globalArguments, ...args], {
    within,
    outputLimitBytes: SANDBOX_LIST_BYTES,
  })
  const over = new AbortController()
  const late = clock.sleep(SANDBOX_ANSWER_SECONDS, over.signal).then(() => 'late' as const)
  const first = await Promise.race([child.exited, late])
  over.abort()
  if (first === 'late') {
    child.kill()
    await child.exited
  }
  return first === 0 ? child.output() : undefined
}

/** Sends it to the container's first process, which may have ended meanwhile. runsc knows no real-time signals. */
export const signalSandboxed = async (host: Host, containerId: string, signal: number): Promise<void> => {
  const answer = await ask(host, 'kill', containerId, String(signal))
  if (answer === undefined) host.log.warn('engine.signal-refused', { container: containerId, signal })
}

/** Process and parent out of `runsc ps`: "UID PID PPID C TTY STIME TIME CMD". */
const parentsIn = (table: string): Map<number, number> =>
  new Map(
    table
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => words.length >= 3)
      .map(([, pid, parent]) => [Number(pid), Number(parent)]),
  )

/** `pid` and all that it has started. Whatever the list says, this ends: its names are the container's to choose. */
const withHeirs = (parents: ReadonlyMap<number, number>, pid: number): Set<number> => {
  const found = new Set([pid])
  for (let before = 0; before < found.size;) {
    before = found.size
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child)
  }
  return found
}

/** Kills a process and all that it has started. */
export const endInSandbox = async (host: Host, containerId: string, pid: number | undefined): Promise<void> => {
  if (pid === undefined) return
  const parents = parentsIn((await ask(host, 'ps', containerId)) ?? '')
  for (const one of withHeirs(parents, pid)) await ask(host, 'kill', '--pid', String(one), containerId, String(SIGKILL))
}
