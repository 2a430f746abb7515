// One HAProxy: started so that it outlives us, found again, loaded anew without losing a connection, ended.

import { closeSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault, isFault } from '#base/fault.ts'
import { inside, openNamespace } from '#linux/network-namespace.ts'
import { spawnProcess } from '#linux/spawn.ts'
import type { BalancerPlan } from '../balancer.ts'
import { KEPT_MEMORY_BYTES, MEMORY_STEP_BYTES, START_SECONDS } from '../limits.ts'
import { command } from './command-socket.ts'
import { CONFIGURATION_FILE, STATES_FILE } from './configuration.ts'
import { named } from './quoting.ts'
import type { Stage } from './stage.ts'

/**
 * For the C library: what is freed is kept for the next request. HAProxy keeps half a megabyte for each thread, which is 16
 * buffers of this size, and all beyond that was given back to the kernel and taken again with each request.
 */
const ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  MALLOC_TRIM_THRESHOLD_: String(KEPT_MEMORY_BYTES),
  MALLOC_TOP_PAD_: String(MEMORY_STEP_BYTES),
}

const POLL_SECONDS = 0.01
/** The master's socket answers a reload with silence and stays open. */
const RELOAD_ANSWER_SECONDS = 0.02

/** Process ids, and how many reloads in a row have failed. */
interface Family {
  readonly master: number
  readonly worker: number
  readonly failed: number
}

const PROGRAMS = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy']

const program = (): string => {
  const found = PROGRAMS.find((path) => existsSync(path))
  if (found === undefined) throw new Fault('unsupported', 'load balancers need HAProxy; install the package "haproxy"')
  return found
}

export interface ProcessPlaces {
  readonly runDir: string
  readonly stage: () => Stage
  readonly clock: Clock
}

export class HaproxyProcess {
  readonly #places: ProcessPlaces
  readonly #id: string
  readonly socket: string
  readonly #master: string
  /** The master's process id: its socket comes after it. */
  readonly #pidFile: string

  constructor(places: ProcessPlaces, id: string) {
    this.#places = places
    this.#id = named(id)
    const folder = join(places.runDir, 'balancer', 'sockets')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.socket = join(folder, `${this.#id}.sock`)
    this.#master = join(folder, `${this.#id}.master`)
    this.#pidFile = join(folder, `${this.#id}.pid`)
  }

  ask(words: string): Promise<string> {
    return command(this.socket, words, this.#places.clock)
  }

  /** The process id of the one that serves now; undefined when none does. */
  async worker(): Promise<number | undefined> {
    try {
      const [, pid] = /^Pid: (\d+)$/m.exec(await this.ask('show info')) ?? []
      return pid === undefined ? undefined : Number(pid)
    } catch (error) {
      if (isFault(error, 'not-found') || isFault(error, 'busy')) return undefined
      throw error
    }
  }

  /** Its files are in place, its namespaces pinned. Resolves when it serves. */
  async start({ doors }: BalancerPlan): Promise<void> {
    const haproxy = program()
    const stage = this.#places.stage()
    await this.end()
    stage.write(this.#id, { [STATES_FILE]: '1\n' })
    const network = openNamespace(doors[0].namespacePath)
    const configuration = join(stage.folder(this.#id), CONFIGURATION_FILE)
    let child
    try {
      child = spawnProcess(haproxy, ['-W', '-S', `${this.#master},mode,600`, '-f', configuration], {
        within: (work) => inside(network, () => stage.within(work)),
        env: ENVIRONMENT,
      })
    } finally {
      closeSync(network)
    }
    writeFileSync(this.#pidFile, `${child.pid}\n`, { mode: 0o600 })
    let exitCode: number | undefined
    void child.exited.then((code) => (exitCode = code))
    await this.#until(async () => {
      if (exitCode !== undefined) throw new Fault('invalid', `HAProxy does not start: ${child.output().trim()}`)
      return (await this.worker()) !== undefined && (await this.#family()) !== undefined
    })
  }

  /** Loads the configuration that is in place now; the old process finishes what it has. Fault "invalid" if it cannot. */
  async reload(): Promise<void> {
    this.#places.stage().write(this.#id, { [STATES_FILE]: `${await this.ask('show servers state')}\n` })
    let before: Family | undefined
    await this.#until(async () => (before = await this.#family()) !== undefined)
    await this.#askMaster('reload', RELOAD_ANSWER_SECONDS)
    let hasFailed = false
    await this.#until(async () => {
      const now = await this.#family()
      hasFailed = now !== undefined && now.failed !== (before?.failed ?? 0)
      return hasFailed || (now !== undefined && now.worker !== before?.worker && now.worker === (await this.worker()))
    })
    if (hasFailed) throw new Fault('invalid', `HAProxy goes on with what it had: ${await this.#complaint()}`)
  }

  /** All of its processes. Does nothing when there is none. */
  async end(): Promise<void> {
    // One that was killed right after it had started HAProxy has written down nothing.
    const master = this.#recordedMaster() ?? (await this.#family())?.master
    if (master !== undefined) {
      process.kill(master, 'SIGTERM')
      await this.#until(() => Promise.resolve(!existsSync(`/proc/${master}/exe`)))
    }
    for (const file of [this.socket, this.#master, this.#pidFile]) rmSync(file, { force: true })
  }

  /** Undefined when it is not there any more: its number may be another's by now. */
  #recordedMaster(): number | undefined {
    try {
      const pid = Number(readFileSync(this.#pidFile, 'utf8'))
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.#master) ? pid : undefined
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
      throw error
    }
  }

  /** Undefined when there is none, or it is just being made anew. */
  async #family(): Promise<Family | undefined> {
    const listed = (await this.#askMaster('show proc;quit')) ?? ''
    const [, master, failed] = /^(\d+)\s+master\s+\d+(?: \[failed: (\d+)\])?/m.exec(listed) ?? []
    const [, worker] = /^# workers\n(\d+)/m.exec(listed) ?? []
    if (master === undefined || worker === undefined) return undefined
    return { master: Number(master), worker: Number(worker), failed: Number(failed ?? 0) }
  }

  async #askMaster(words: string, seconds?: number): Promise<string | undefined> {
    try {
      return await command(this.#master, words, this.#places.clock, seconds)
    } catch (error) {
      if (isFault(error, 'not-found') || isFault(error, 'busy')) return undefined
      throw error
    }
  }

  /** What HAProxy says of the configuration in place. */
  async #complaint(): Promise<string> {
    const stage = this.#places.stage()
    const configuration = join(stage.folder(this.#id), CONFIGURATION_FILE)
    const child = spawnProcess(program(), ['-c', '-f', configuration], { within: (work) => stage.within(work) })
    await child.exited
    return child.output().trim()
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    const { clock } = this.#places
    for (let waited = 0; !(await isSo()); waited += POLL_SECONDS) {
      if (waited > START_SECONDS) throw new Fault('timeout', `HAProxy did not serve within ${START_SECONDS} s`)
      await clock.sleep(POLL_SECONDS)
    }
  }
}
