// A place for tests of load balancers: a network namespace with HAProxy in it, one with targets and clients at the other
// end of its only link, as a router would be, servers that are the test's own process, and an address of the host to ask at.

import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http'
import { connect, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { jsonLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { newAuthority } from '#base/x509/authority.ts'
import type { BalancerPlan } from '#dataplane/balancer/balancer.ts'
import type {
  Behaviour,
  ConformanceAnswer,
  ConformanceRequest,
  ConformanceTarget,
} from '#dataplane/balancer/conformance-world.ts'
import { HaproxyBalancer } from '#dataplane/balancer/haproxy-balancer.ts'
import { createNamespace, inside, openNamespace, removeNamespace } from '#linux/network-namespace.ts'
import type { LinkChange } from '#linux/network-kernel.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { listeningSocket } from '#linux/network-socket.ts'
import { type DatagramClient, datagramClient, datagramServer } from './datagrams.ts'

/** Of the load balancer, of all targets, and of who sends datagrams. */
export const ADDRESS = '10.9.0.5'
export const TARGETS = '10.9.0.11'
/** Of a second door, where one is asked for. */
export const SECOND_ADDRESS = '10.9.0.6'
const CLIENTS = '10.9.0.21'
const LINK = 'eth0'
const MTU_BYTES = 1500
const FIRST_PORT = 8001

let worlds = 0

/** A server of this process that listens in the namespace. */
export interface WorldServer {
  readonly address: string
  readonly port: number
  /** With all of its connections. */
  close(): Promise<void>
}

/** The ids of the HAProxy processes, parents and workers, whose files are below that folder. */
export const haproxyBelow = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`haproxy\0-W\0-S\0${folder}`)
      } catch {
        return false
      }
    })
    .map(Number)
    .toSorted((a, b) => a - b)

export class BalancerWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'neargate-balancer-'))
  readonly namespacePath = join(this.folder, 'netns', 'door')
  readonly outsidePath = join(this.folder, 'netns', 'outside')
  readonly doors = [{ namespacePath: this.namespacePath, address: ADDRESS }] as const
  readonly hostAddress = `127.77.${process.pid % 250}.${(worlds++ % 250) + 1}`
  readonly hostAddresses = [this.hostAddress]
  #balancer: HaproxyBalancer | undefined
  #nextPort = FIRST_PORT
  readonly #clients = new Map<string, Promise<DatagramClient>>()
  readonly #closing: (() => Promise<void>)[] = []

  static async open(): Promise<BalancerWorld> {
    const world = new BalancerWorld()
    const { namespacePath, outsidePath } = world
    createNamespace(namespacePath, {})
    createNamespace(outsidePath, {})
    const addressed = async (path: string, changes: readonly LinkChange[], addresses: readonly string[]) => {
      const handle = await inProcessKernel.open(path)
      await handle.change([
        ...changes,
        { do: 'set-up', name: 'lo' },
        ...addresses.map((address) => ({ do: 'add-address', name: LINK, prefix: { address, length: 24 } }) as const),
        { do: 'set-up', name: LINK },
      ])
      handle.close()
    }
    const peer = { name: LINK, namespacePath: outsidePath }
    await addressed(
      namespacePath,
      [{ do: 'add-veth', name: LINK, peer, mtuBytes: MTU_BYTES }],
      [ADDRESS, SECOND_ADDRESS],
    )
    await addressed(outsidePath, [], [TARGETS, CLIENTS])
    return world
  }

  /** As in two zones, but in one namespace. */
  twoDoors(): BalancerPlan['doors'] {
    const { namespacePath } = this
    return [...this.doors, { namespacePath, address: SECOND_ADDRESS }]
  }

  inside<T>(work: () => T, path = this.namespacePath): T {
    const namespace = openNamespace(path)
    try {
      return inside(namespace, work)
    } finally {
      closeSync(namespace)
    }
  }

  /** Where targets and clients are. */
  outside<T>(work: () => T): T {
    return this.inside(work, this.outsidePath)
  }

  balancer(): HaproxyBalancer {
    this.#balancer ??= new HaproxyBalancer({
      runDir: this.folder,
      kernel: inProcessKernel,
      clock: systemClock,
      log: jsonLog(() => systemClock.now()),
    })
    return this.#balancer
  }

  /** The next `balancer()` is that of a control plane that has just started. */
  restart(): void {
    this.#balancer?.close()
    this.#balancer = undefined
  }

  newPort(): number {
    return this.#nextPort++
  }

  async listen(server: NetServer, port = this.newPort()): Promise<WorldServer> {
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    })
    server.listen({ fd: listeningSocket(this.outsidePath, TARGETS, port) })
    await once(server, 'listening')
    const close = async (): Promise<void> => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
    this.#closing.push(close)
    return { address: TARGETS, port, close }
  }

  /** Brings it to that plan, and waits until so many of its targets are healthy and serve. */
  async apply(plan: BalancerPlan, healthy = plan.groups.flatMap(({ targets }) => targets).length): Promise<void> {
    await this.balancer().apply(plan)
    for (;;) {
      const seen = (await this.balancer().targets(plan.id)) ?? []
      if (seen.filter(({ health }) => health === 'healthy').length >= healthy) break
      await systemClock.sleep(0.02)
    }
    // What has been found healthy is let in now.
    await this.balancer().apply(plan)
  }

  /** A certificate for these names by an authority that `root` is the certificate of. */
  certificate(...names: readonly string[]): { readonly root: string; readonly pem: string } {
    const authority = newAuthority({ clock: systemClock, random: systemRandom })
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    return { root: authority.rootPem, pem: `${authority.issue(publicKey, names, 1)}\n${key}` }
  }

  /** The same one for the same name: its datagrams are one flow. */
  clientNamed(name: string): Promise<DatagramClient> {
    const client = this.#clients.get(name) ?? this.#datagramClient()
    this.#clients.set(name, client)
    return client
  }

  async #datagramClient(): Promise<DatagramClient> {
    const client = await datagramClient({ namespacePath: this.outsidePath, address: CLIENTS })
    this.#closing.push(() => client.close())
    return client
  }

  /** A web server of the test's own, that takes more than a load balancer lets through. */
  web(answer: (...args: Parameters<RequestListener>) => unknown): Promise<WorldServer> {
    return this.listen(createServer({ maxHeaderSize: 256 * 1024 }, (...args) => void answer(...args)))
  }

  /** One that answers with its name, and can be told how. */
  async target(how: Behaviour): Promise<ConformanceTarget> {
    const port = this.newPort()
    let behaviour: Behaviour = 'refuses'
    let running: WorldServer | undefined
    const made = (): Server =>
      createServer((_, response) => {
        if (behaviour === 'never') return
        response.writeHead(behaviour === 'well' ? 200 : 500, { 'x-target': `${TARGETS}:${port}` })
        response.end(JSON.stringify({ target: `${TARGETS}:${port}` }))
      })
    const behave = async (next: Behaviour): Promise<void> => {
      behaviour = next
      if (next !== 'refuses') running ??= await this.listen(made(), port)
      else {
        await running?.close()
        running = undefined
      }
    }
    await behave(how)
    const place = { namespacePath: this.outsidePath, address: TARGETS, port }
    this.#closing.push(await datagramServer(place, `${TARGETS}:${port}`))
    return { address: TARGETS, port, behave }
  }

  /** Undefined when nothing listens there. Each on a connection of its own. */
  async send({ port, path, method = 'GET', headers = {} }: ConformanceRequest): Promise<ConformanceAnswer | undefined> {
    const asked = request({ host: this.hostAddress, port, path, method, headers, agent: false })
    asked.end()
    let response: IncomingMessage
    try {
      ;[response] = (await once(asked, 'response')) as [IncomingMessage]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined
      throw error
    }
    let body = ''
    response.setEncoding('utf8')
    for await (const chunk of response) body += chunk as string
    const { location, 'x-target': target } = response.headers
    return {
      status: response.statusCode ?? 0,
      body,
      ...(target === undefined ? {} : { target: String(target) }),
      ...(location === undefined ? {} : { location }),
    }
  }

  /** All that comes back for these bytes, until the other side ends; "" where it breaks off. */
  async sendRaw(port: number, ...parts: readonly string[]): Promise<string> {
    const socket = connect(port, this.hostAddress)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    for (const part of parts) socket.write(part, 'latin1')
    await closed
    return text
  }

  /** Of the HAProxy of this world: master and workers. */
  processes(): number[] {
    return haproxyBelow(this.folder)
  }

  async kill(): Promise<void> {
    const before = this.processes()
    for (const pid of before) process.kill(pid, 'SIGKILL')
    while (this.processes().length > 0) await systemClock.sleep(0.01)
  }

  async close(): Promise<void> {
    await this.balancer().destroy()
    for (const close of this.#closing) await close()
    for (const path of [this.namespacePath, this.outsidePath]) await removeNamespace(path)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
