// The control plane's side of the edge: starts it when it is not there, tells it all it knows on every connection and
// single changes after that. What it was told last is what it serves, whether anyone is connected or not.

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '#base/clock.ts'
import { Fault, isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import { NODE_FLAGS } from '#base/node-flags.ts'
import {
  socketPath,
  type AgentAnswer,
  type AgentQuestion,
  type EdgeChange,
  type EdgeInterface,
  type EdgeQuestion,
  type EdgeReply,
  type EdgeState,
  type EdgeVpc,
  type FrontEntry,
  type RelayEntry,
} from './contract.ts'
import * as limits from './limits.ts'
import { readLines, writeLine } from './lines.ts'

export interface EdgeClientOptions {
  /** Names what belongs to this Neargate in the kernel, its tasks' cgroups among it. */
  readonly instance: string
  readonly runDir: string
  readonly clock: Clock
  readonly log: Log
  /** False: questions that a VPC's resolver cannot answer itself are refused instead of forwarded. */
  readonly egress: boolean
}

interface Waiting {
  readonly resolve: (reply: EdgeReply) => void
  readonly reject: (error: Error) => void
}

const MAIN = fileURLToPath(new URL('./edge-main.ts', import.meta.url))
const LOG_MODE = 0o600

const interfaceKey = (vpcId: string, privateIp: string): string => `${vpcId} ${privateIp}`

export class EdgeClient {
  readonly #options: EdgeClientOptions
  readonly #vpcs = new Map<string, EdgeVpc>()
  readonly #interfaces = new Map<string, EdgeInterface>()
  readonly #waiting = new Map<number, Waiting>()
  /** Undefined until it was told: an edge that runs keeps what it has. */
  #front: readonly FrontEntry[] | undefined
  #relays: readonly RelayEntry[] | undefined
  #socket: Socket | undefined
  #connecting: Promise<Socket> | undefined
  #closed = false
  #agent: ((question: AgentQuestion) => Promise<AgentAnswer>) | undefined
  /** Whether what we know is all there is; until then the edge keeps what an earlier client told it. */
  #isComplete = false
  #number = 0
  /** Connections lost or not had since the last good one. */
  #failures = 0

  /** `state` is what is known so far: what else a running edge serves stays until replaceAll or a removal. */
  constructor(options: EdgeClientOptions, state: EdgeState) {
    this.#options = options
    this.#remember(state)
  }

  /** Resolves when the edge serves exactly this. Fault "failed" with what it could not. */
  async replaceAll(state: EdgeState): Promise<void> {
    this.#remember(state)
    this.#isComplete = true
    await this.#tell({ do: 'replace-all', state })
  }

  /** Resolves when the VPC's services answer. */
  async setVpc(vpc: EdgeVpc): Promise<void> {
    this.#vpcs.set(vpc.id, vpc)
    await this.#tell({ do: 'set-vpc', vpc })
  }

  /** Resolves when nothing of the edge is left in the VPC's namespace. To be called before that is removed. */
  async removeVpc(id: string): Promise<void> {
    this.#vpcs.delete(id)
    for (const [key, { vpcId }] of this.#interfaces) if (vpcId === id) this.#interfaces.delete(key)
    await this.#tell({ do: 'remove-vpc', id })
  }

  /** Resolves when the interface can ask for its metadata. */
  async setInterface(each: EdgeInterface): Promise<void> {
    this.#interfaces.set(interfaceKey(each.vpcId, each.privateIp), each)
    await this.#tell({ do: 'set-interface', interface: each })
  }

  async removeInterface(vpcId: string, privateIp: string): Promise<void> {
    this.#interfaces.delete(interfaceKey(vpcId, privateIp))
    await this.#tell({ do: 'remove-interface', vpcId, privateIp })
  }

  /** Resolves to the ports that the edge has of them; those of other programs come once they are free. */
  async setFront(entries: readonly FrontEntry[]): Promise<readonly number[]> {
    this.#front = entries
    return (await this.#tell({ do: 'set-front', entries })).ports ?? []
  }

  /** The same, of what it was told last. */
  async frontPorts(): Promise<readonly number[]> {
    return this.#front === undefined ? [] : this.setFront(this.#front)
  }

  /** Resolves to those that the edge has, as "address:port"; those of other programs come once they are free. */
  async setRelays(entries: readonly RelayEntry[]): Promise<readonly string[]> {
    this.#relays = entries
    return (await this.#tell({ do: 'set-relays', entries })).relays ?? []
  }

  /** The same, of what it was told last. */
  async relays(): Promise<readonly string[]> {
    return this.#relays === undefined ? [] : this.setRelays(this.#relays)
  }

  /** From now on, answers what a task asks of its agent; nobody does before. */
  answerTasks(agent: (question: AgentQuestion) => Promise<AgentAnswer>): void {
    this.#agent = agent
  }

  /** Starts the edge if need be and brings it to the state given so far. */
  async connect(): Promise<void> {
    await this.#connected()
  }

  /** Leaves the edge as it is, serving. */
  close(): void {
    this.#closed = true
    this.#socket?.destroy()
  }

  /** Ends the edge, if there is one; every service of it ends too. */
  async shutDown(): Promise<void> {
    const socket = this.#socket ?? (await opened(socketPath(this.#options.runDir)))
    this.#closed = true
    if (socket === undefined) return
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    writeLine(socket, { number: 0, egress: this.#options.egress, change: { do: 'shut-down' } })
    socket.resume()
    await gone
  }

  #remember(state: EdgeState): void {
    this.#vpcs.clear()
    this.#interfaces.clear()
    for (const vpc of state.vpcs) this.#vpcs.set(vpc.id, vpc)
    for (const each of state.interfaces) this.#interfaces.set(interfaceKey(each.vpcId, each.privateIp), each)
  }

  async #tell(change: EdgeChange): Promise<EdgeReply> {
    // A new connection begins with all there is, this change among it; telling it again does no harm.
    return this.#sent(await this.#connected(), change)
  }

  #sent(socket: Socket, change: EdgeChange): Promise<EdgeReply> {
    const number = ++this.#number
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject })
      // An answer is worth staying alive for; an idle connection is not.
      socket.ref()
      writeLine(socket, { number, egress: this.#options.egress, change })
    })
  }

  #connected(): Promise<Socket> {
    if (this.#socket !== undefined) return Promise.resolve(this.#socket)
    if (this.#closed) return Promise.reject(new Fault('failed', 'the edge client is closed'))
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<Socket> {
    const path = socketPath(this.#options.runDir)
    let socket = await opened(path)
    if (socket === undefined) this.#start()
    const attempts = limits.START_SECONDS / limits.RECONNECT_SECONDS
    for (let attempt = 0; socket === undefined && attempt < attempts; attempt++) {
      await this.#options.clock.sleep(limits.RECONNECT_SECONDS)
      socket = await opened(path)
    }
    if (socket === undefined) throw new Fault('timeout', `no edge listens on ${path}`)
    this.#use(socket)
    const state = { vpcs: [...this.#vpcs.values()], interfaces: [...this.#interfaces.values()] }
    try {
      await this.#sent(socket, { do: this.#isComplete ? 'replace-all' : 'merge', state })
      if (this.#front !== undefined) await this.#sent(socket, { do: 'set-front', entries: this.#front })
      if (this.#relays !== undefined) await this.#sent(socket, { do: 'set-relays', entries: this.#relays })
    } catch (error) {
      // One VPC that cannot be served is told to whoever sets it, and is no reason not to serve the others.
      if (!isFault(error, 'failed')) throw error
      this.#options.log.warn('edge-state-incomplete', { error: error.message })
    }
    this.#failures = 0
    return socket
  }

  #use(socket: Socket): void {
    this.#socket = socket
    socket.unref()
    socket.on('error', (error) => this.#options.log.warn('edge-connection-failed', { error: error.message }))
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined
      for (const { reject } of this.#waiting.values()) reject(new Fault('unreachable', 'the edge went away'))
      this.#waiting.clear()
      if (!this.#closed) this.#reconnect()
    })
    readLines(socket, limits.CONTROL_LINE_BYTES, (value) => {
      if (isQuestion(value)) return void this.#answer(socket, value)
      const reply = value as EdgeReply
      const { number, failed } = reply
      const waiting = this.#waiting.get(number)
      this.#waiting.delete(number)
      if (this.#waiting.size === 0) socket.unref()
      if (failed === undefined) waiting?.resolve(reply)
      else waiting?.reject(new Fault('failed', `edge: ${failed}`))
    })
  }

  async #answer(socket: Socket, { question, asked }: EdgeQuestion): Promise<void> {
    try {
      const answer = await this.#agent?.(asked)
      writeLine(socket, { answered: question, ...(answer === undefined ? {} : { answer }) })
    } catch (error) {
      this.#options.log.bug('edge-question-failed', error, { task: asked.taskArn })
      writeLine(socket, { answered: question })
    }
  }

  /** An edge that died takes metadata and names from every task: a new one is started at once. */
  #reconnect(): void {
    const seconds = Math.min(limits.RECONNECT_MOST_SECONDS, limits.RECONNECT_SECONDS * 2 ** this.#failures++)
    this.#options.clock
      .sleep(seconds)
      .then(() => (this.#closed ? undefined : this.#connected()))
      .catch((error: unknown) => {
        this.#options.log.warn('edge-not-restarted', { error: String(error) })
        if (!this.#closed) this.#reconnect()
      })
  }

  #start(): void {
    const { runDir, instance } = this.#options
    mkdirSync(runDir, { recursive: true })
    const log = openSync(join(runDir, 'edge.log'), 'a', LOG_MODE)
    const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, '--run-dir', runDir, '--instance', instance], {
      detached: true,
      stdio: ['ignore', 'ignore', log],
      cwd: '/',
      env: {},
    })
    closeSync(log)
    child.on('error', (error) => this.#options.log.warn('edge-not-started', { error: error.message }))
    child.unref()
  }
}

const isQuestion = (value: unknown): value is EdgeQuestion =>
  typeof value === 'object' && value !== null && 'question' in value

/** undefined when nobody listens. */
const opened = (path: string): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path)
    const failed = (): void => resolve(undefined)
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      resolve(socket)
    })
  })
