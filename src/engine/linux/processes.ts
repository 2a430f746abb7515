// Processes of containers: is it still the one we mean, and make all of them end.

import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { cgroupFolders, processesIn, removeFolders, type CgroupLayout } from './cgroups.ts'
import { KILL_SECONDS } from './limits.ts'

const FIRST_PAUSE_SECONDS = 0.001
const LONGEST_PAUSE_SECONDS = 0.1

const proc = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw error
  }
}

/** True while `pid` is a process of that container; a number that was given to another process since does not count. */
export const isInContainer = (pid: number, containerId: string): boolean => proc(pid, 'cgroup').includes(containerId)

/** True while `pid` is a program that was started with that id among its arguments: a conmon, or a runtime at work. */
export const isWorkingFor = (pid: number, containerId: string): boolean => proc(pid, 'cmdline').includes(containerId)

/** Every conmon or runtime that works for the container; looks at all processes of the machine. */
export const workersOf = (containerId: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && /(^|\/)(conmon|crun|runc|runsc)\0/.test(proc(pid, 'cmdline').slice(0, 200)))
    .filter((pid) => isWorkingFor(pid, containerId))

/** False when it was gone already. */
export const sendSignal = (pid: number, signal: number): boolean => {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Asks again and again, ever more slowly. Fault "timeout" when it stays false. */
export const until = async (what: string, clock: Clock, isDone: () => boolean): Promise<void> => {
  let waited = 0
  for (let pause = FIRST_PAUSE_SECONDS; !isDone(); pause = Math.min(pause * 2, LONGEST_PAUSE_SECONDS)) {
    if (waited > KILL_SECONDS) throw new Fault('timeout', `${what} did not end within ${KILL_SECONDS} s`)
    await clock.sleep(pause)
    waited += pause
  }
}

const SIGKILL = 9

/** Kills everything in that cgroup until nothing is left, then removes the cgroup. */
export const endCgroup = async (layout: CgroupLayout, cgroup: string, clock: Clock): Promise<void> => {
  await until(`cgroup ${cgroup}`, clock, () => {
    // Mostly all have ended already, and the kernel itself tells where not.
    const busy = removeFolders(cgroupFolders(layout, cgroup))
    for (const pid of processesIn(busy)) sendSignal(pid, SIGKILL)
    return busy.length === 0
  })
}

/** Kills the conmons and runtimes that still try to make the container. */
export const endWorkers = async (containerId: string, clock: Clock): Promise<void> => {
  await until(`the making of ${containerId}`, clock, () => {
    const workers = workersOf(containerId)
    for (const pid of workers) sendSignal(pid, SIGKILL)
    return workers.length === 0
  })
}
