// The isolation class "gvisor": runsc runs each container on a kernel of its own, in user space. Which of its platforms
// works here is found out when the first task wants it, and remembered until the next boot.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import type { EngineTask } from '../engine.ts'
import { NO_END, tryRuntime, versionOf, type ProbeInput } from './capabilities.ts'
import type { Host } from './host.ts'
import { sameSpace } from './launch-space.ts'
import { SANDBOX_PROBE_SECONDS, SANDBOX_SOCKET_SECONDS } from './limits.ts'
import type { OwnerRanges } from './owner-ranges.ts'
import { identityOf, recall, remember } from './remembered.ts'
import type { Runtime } from './runtime.ts'
import { listenProgram } from './tiny-program.ts'

/** The better one first. "kvm" is not tried: inside many virtual machines it does not fail but hang. */
const PLATFORMS = ['systrap', 'ptrace'] as const
type Platform = (typeof PLATFORMS)[number]

interface Found {
  readonly version: string
  readonly platform: Platform
  readonly userNamespaces: boolean
}

export interface GvisorOptions {
  /** With the runtime of all other tasks. */
  readonly host: Host
  readonly input: ProbeInput
  readonly ranges: OwnerRanges
  /** Asked each time: it may be installed while we run. */
  readonly program: () => string | undefined
}

const argumentsFor = (stateFolder: string, platform: Platform): string[] => [
  '--root',
  stateFolder,
  `--platform=${platform}`,
  // The stack of the task's own network namespace (decision 7), never that of the machine.
  '--network=host',
  // What a container writes goes to the task's storage, where it is limited.
  '--overlay2=none',
]

export class Gvisor {
  readonly #options: GvisorOptions
  readonly #stateFolder: string
  #found: { readonly by: string; readonly what: Found } | undefined
  #search: Promise<Found> | undefined

  constructor(options: GvisorOptions) {
    this.#options = options
    this.#stateFolder = join(options.input.folders.runtime, 'runsc')
  }

  /** To look at, end and remove what runs already; tries nothing and never fails. */
  get host(): Host {
    const found = this.#recalled()
    return this.#hostWith(found ?? { version: 'runsc', platform: 'ptrace', userNamespaces: false })
  }

  /** To make something. Fault "unsupported", with reasons, when runsc cannot run this task here. */
  async ready(task: EngineTask): Promise<Host> {
    if (task.pidMode === 'task') {
      throw new Fault(
        'unsupported',
        'pidMode "task": under gVisor each container has a kernel and processes of its own',
      )
    }
    const { userNamespaces, version, platform } = await this.search()
    return this.#hostWith({ userNamespaces, version, platform })
  }

  /** What works here. Fault "unsupported" with everybody's reasons when nothing does. */
  async search(): Promise<Found> {
    const known = this.#recalled()
    if (known !== undefined) return known
    this.#search ??= this.#try().finally(() => (this.#search = undefined))
    return this.#search
  }

  /**
   * False where a program that reads from a socket with read(2) is told to try again instead of being made to wait, as
   * runsc 20221219 does with the host's network stack. Takes some seconds.
   */
  async waitsForPackets(): Promise<boolean> {
    const { input, host } = this.#options
    const { runtime } = this.#hostWith(await this.search())
    const patience = { clock: host.clock, seconds: SANDBOX_SOCKET_SECONDS }
    const said = await tryRuntime(input, runtime, undefined, input.folders.scratch, patience, listenProgram())
    return said?.endsWith(NO_END) === true
  }

  #hostWith({ version, platform, userNamespaces }: Found): Host {
    const { host, ranges } = this.#options
    const { ranges: _others, ...rest } = host
    const stateFolder = this.#stateFolder
    const runtime: Runtime = {
      name: 'runsc',
      version,
      path: this.#options.program() ?? 'runsc',
      stateFolder,
      globalArguments: argumentsFor(stateFolder, platform),
    }
    return { ...rest, runtime, launch: sameSpace(host.within), ...(userNamespaces ? { ranges } : {}) }
  }

  #identity(): string[] {
    const path = this.#options.program()
    return path === undefined || !existsSync(path) ? ['no runsc'] : [identityOf(path)]
  }

  /** Found by this process or an earlier one with the same runsc. */
  #recalled(): Found | undefined {
    const identity = this.#identity()
    const by = identity.join('\n')
    if (this.#found?.by === by) return this.#found.what
    const what = recall<Found>(this.#options.input.folders.gvisorMemory, identity)
    this.#found = what === undefined ? undefined : { by, what }
    return what
  }

  async #try(): Promise<Found> {
    const { input, host, ranges, program } = this.#options
    const path = program()
    if (path === undefined || !existsSync(path)) {
      throw new Fault(
        'unsupported',
        'the isolation class "gvisor" needs runsc, which is not installed; apt-get install runsc',
      )
    }
    const identity = this.#identity()
    const version = await versionOf('runsc', path, input.within)
    mkdirSync(this.#stateFolder, { recursive: true, mode: 0o700 })
    const refusals: string[] = []
    const range = host.ranges === undefined ? undefined : await ranges.take()
    try {
      for (const platform of PLATFORMS) {
        for (const tried of range === undefined ? [undefined] : [range, undefined]) {
          const { runtime } = this.#hostWith({ version, platform, userNamespaces: false })
          const patience = { clock: host.clock, seconds: SANDBOX_PROBE_SECONDS }
          const refusal = await tryRuntime(input, runtime, tried, input.folders.scratch, patience)
          if (refusal === undefined) {
            const found = { version, platform, userNamespaces: tried !== undefined }
            remember(input.folders.gvisorMemory, identity, found)
            return found
          }
          refusals.push(`${platform}: ${refusal.split('\n').at(-1)}`)
        }
      }
    } finally {
      if (range !== undefined) ranges.give(range)
    }
    throw new Fault('unsupported', `runsc runs no container on this host: ${[...new Set(refusals)].join('; ')}`)
  }
}
