// The network kernel by spawning ip(8), nft(8), nsenter(1) and friends: for hosts where libnftables is not installed.
// Slower by an order of magnitude, and equal in everything else.

import { closeSync, mkdirSync, openSync, rmSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '#base/fault.ts'
import { run, runToEnd } from '#base/run.ts'
import { forgetConnections, trackedConnections } from './conntrack.ts'
import { inside } from './network-namespace.ts'
import type {
  CountedElement,
  ElementChange,
  ElementField,
  LinkAddress,
  LinkChange,
  LinkCounters,
  NamespaceHandle,
  NetworkKernel,
  Prefix,
  TrackedConnection,
} from './network-kernel.ts'

const NSFS_MAGIC = 0x6e736673
const SELF = '/proc/self/ns/net'
/** More pins than that on one file are no accident of ours. */
const PINS = 8

const isPinned = (path: string): boolean => {
  try {
    return statfsSync(path).type === NSFS_MAGIC
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

const text = ({ address, length }: Prefix): string => `${address}/${length}`

/** Before the main table's, 32766. */
const RULE_PRIORITY = 1000
const inTable = (table: number | undefined): string => (table === undefined ? '' : ` table ${table}`)

/** One line of `ip -batch`. */
const line = (change: LinkChange): string => {
  switch (change.do) {
    case 'add-veth': {
      const mac = (end: { readonly mac?: string }): string => (end.mac === undefined ? '' : ` address ${end.mac}`)
      const { name, peer, mtuBytes } = change
      const far = `peer name ${peer.name}${mac(peer)} mtu ${mtuBytes} netns ${peer.namespacePath}`
      return `link add ${name} up${mac(change)} mtu ${mtuBytes} type veth ${far}`
    }
    case 'delete-link':
      return `link delete ${change.name}`
    case 'set-up':
      return `link set ${change.name} up`
    case 'add-address': {
      const flags = `${change.prefix.address.includes(':') ? ' nodad' : ''}${change.isAlone === true ? ' noprefixroute' : ''}`
      return `address replace ${text(change.prefix)} dev ${change.name}${flags}`
    }
    case 'delete-address':
      return `address delete ${text(change.prefix)} dev ${change.name}`
    case 'add-route': {
      const way = change.via === undefined ? '' : `via ${change.via} `
      return `route replace ${text(change.to)} ${way}dev ${change.name} proto static${inTable(change.table)}`
    }
    case 'add-blackhole':
      return `route replace blackhole ${text(change.to)} proto static`
    case 'delete-route':
      return `route delete ${text(change.to)}${inTable(change.table)}`
    case 'add-rule':
      return `rule add priority ${RULE_PRIORITY} fwmark ${change.mark} table ${change.table}`
    case 'add-neighbour':
      return `neighbour replace ${change.address} lladdr ${change.mac} nud permanent dev ${change.name}`
  }
}

/** What ip says of a rule that is there. */
const THERE = /File exists/
/** What ip says when there is nothing to delete. */
const GONE =
  /FIB table does not exist|Cannot find device|No such process|Cannot assign requested address|Address not found|does not exist/
const UNKNOWN_LINK = /Cannot find device|does not exist|No such device/

interface IpLink {
  readonly ifname: string
  readonly stats64?: { readonly rx: IpCounters; readonly tx: IpCounters }
}
interface IpCounters {
  readonly bytes: number
  readonly packets: number
  readonly errors: number
  readonly dropped: number
}

class SpawningNamespace implements NamespaceHandle {
  /** Programs join by the path in `#file`. */
  readonly #descriptor: number
  readonly #file: string

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
    this.#file = `/proc/${process.pid}/fd/${this.#descriptor}`
  }

  async change(changes: readonly LinkChange[]): Promise<void> {
    let batch: LinkChange[] = []
    const flush = async (): Promise<void> => {
      if (batch.length > 0) await this.#batch(batch)
      batch = []
    }
    for (const change of changes) {
      const harmless = change.do === 'add-rule' ? THERE : change.do.startsWith('delete-') ? GONE : undefined
      if (harmless === undefined) batch.push(change)
      else {
        await flush()
        await this.#batch([change], harmless)
      }
    }
    await flush()
  }

  async #batch(changes: readonly LinkChange[], harmless?: RegExp): Promise<void> {
    const result = await this.#run('ip', ['-batch', '-'], changes.map(line).join('\n'))
    if (result.exitCode === 0 || harmless?.test(result.stderr) === true) return
    throw new Fault(UNKNOWN_LINK.test(result.stderr) ? 'not-found' : 'failed', `ip: ${result.stderr.slice(0, 2000)}`)
  }

  async linkNames(): Promise<string[]> {
    return (await this.#json<IpLink[]>('ip', ['-json', 'link', 'show'])).map((link) => link.ifname)
  }

  async linkCounters(name: string): Promise<LinkCounters | undefined> {
    const result = await this.#run('ip', ['-json', '-stats', 'link', 'show', 'dev', name])
    if (UNKNOWN_LINK.test(result.stderr)) return undefined
    const [link] = JSON.parse(result.stdout) as IpLink[]
    if (link?.stats64 === undefined) throw new Fault('failed', `ip tells no counters of ${name}`)
    const { rx, tx } = link.stats64
    return {
      receivedBytes: rx.bytes,
      receivedPackets: rx.packets,
      receivedErrors: rx.errors,
      receivedDropped: rx.dropped,
      sentBytes: tx.bytes,
      sentPackets: tx.packets,
      sentErrors: tx.errors,
      sentDropped: tx.dropped,
    }
  }

  async addresses(): Promise<LinkAddress[]> {
    interface Listed {
      readonly ifname: string
      readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[]
    }
    const links = await this.#json<Listed[]>('ip', ['-4', '-json', 'address', 'show'])
    return links.flatMap(({ ifname, addr_info }) =>
      addr_info.map(({ local, prefixlen }) => ({ name: ifname, address: local, length: prefixlen })),
    )
  }

  async blackholes(): Promise<Prefix[]> {
    const routes = await this.#json<{ readonly dst: string }[]>('ip', [
      '-4',
      '-json',
      'route',
      'show',
      'type',
      'blackhole',
    ])
    return routes.map(({ dst }) => {
      // A single address is listed without its length.
      const [address = '', length = '32'] = dst.split('/')
      return { address, length: Number(length) }
    })
  }

  async defaultRouteLinks(family: 'ip' | 'ip6' = 'ip'): Promise<string[]> {
    const version = family === 'ip' ? '-4' : '-6'
    const routes = await this.#json<{ readonly dev?: string }[]>('ip', [version, '-json', 'route', 'show', 'default'])
    return [...new Set(routes.flatMap(({ dev }) => dev ?? []))]
  }

  async filter(commands: string): Promise<string> {
    const result = await this.#run('nft', ['-f', '-'], commands)
    if (result.exitCode !== 0) throw new Fault('failed', `nft: ${result.stderr.trim().slice(0, 2000)}`)
    return result.stdout
  }

  async changeElements(table: string, changes: readonly ElementChange[]): Promise<void> {
    const lines = changes.map(({ do: verb, set, key, value }) => {
      const element = verb === 'delete' || value === undefined ? key : `${key} : ${value}`
      return `${verb} element ${table} ${set} { ${element} }`
    })
    const result = await this.#run('nft', ['-f', '-'], lines.join('\n'))
    if (result.exitCode === 0) return
    const kind = /No such file/.test(result.stderr) ? 'not-found' : 'failed'
    throw new Fault(kind, `nft: ${result.stderr.trim().slice(0, 2000)}`)
  }

  async countedElements(table: string, set: string, fields: readonly ElementField[]): Promise<CountedElement[]> {
    interface Listed {
      readonly set?: { readonly elem?: readonly unknown[] }
    }
    const listing = await this.#json<{ readonly nftables: readonly Listed[] }>('nft', [
      '-j',
      '-y',
      '-n',
      'list',
      'set',
      ...table.split(' '),
      set,
    ])
    const elements = listing.nftables.flatMap((each) => each.set?.elem ?? [])
    return elements.map((element) => listedElement(element, fields))
  }

  async connections(): Promise<TrackedConnection[]> {
    return inside(this.#descriptor, trackedConnections)
  }

  /** Called from this process: conntrack(8) is a package that few hosts have. */
  async forgetConnections(isOne: (connection: TrackedConnection) => boolean): Promise<void> {
    inside(this.#descriptor, () => forgetConnections(isOne))
  }

  async set(settings: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `net/${name}=${value}`)
    const result = await this.#run('sysctl', ['-q', '-p', '-'], lines.join('\n'))
    if (result.exitCode !== 0 || result.stderr !== '') throw settingFault(result.stderr)
  }

  async get(setting: string): Promise<string> {
    const result = await this.#run('sysctl', ['-n', `net/${setting}`])
    if (result.exitCode !== 0) throw settingFault(result.stderr)
    return result.stdout.trim()
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  async #run(program: string, args: readonly string[], input = ''): ReturnType<typeof runToEnd> {
    return runToEnd('nsenter', [`--net=${this.#file}`, program, ...args], { input })
  }

  async #json<T>(program: string, args: readonly string[]): Promise<T> {
    const result = await this.#run(program, args)
    if (result.exitCode !== 0) throw new Fault('failed', `${program}: ${result.stderr.slice(0, 2000)}`)
    return JSON.parse(result.stdout === '' ? '[]' : result.stdout) as T
  }
}

/** The ways in which nft writes protocols although it was asked for numbers. */
const PROTOCOLS: Readonly<Record<string, string>> = { icmp: '1', tcp: '6', udp: '17', 'ipv6-icmp': '58', icmpv6: '58' }

/** A plain value, several with "concat" around them, or either beside a counter. */
const listedElement = (element: unknown, fields: readonly ElementField[]): CountedElement => {
  interface WithCounter {
    readonly elem?: { readonly val: unknown; readonly counter?: { readonly packets: number; readonly bytes: number } }
  }
  const inner = (element as WithCounter).elem
  const value = inner === undefined ? element : inner.val
  const parts = typeof value === 'object' ? (value as { readonly concat: readonly unknown[] }).concat : [value]
  const key = parts.map((part, at) =>
    fields[at] === 'protocol' ? (PROTOCOLS[String(part)] ?? String(part)) : String(part),
  )
  return { key, packets: inner?.counter?.packets ?? 0, bytes: inner?.counter?.bytes ?? 0 }
}

const settingFault = (said: string): Fault =>
  new Fault(/No such file|cannot stat/.test(said) ? 'not-found' : 'failed', `sysctl: ${said.trim().slice(0, 500)}`)

export const spawningKernel: NetworkKernel = {
  kind: 'spawning',
  createNamespace: async (path, settings) => {
    if (isPinned(path)) return false
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
    closeSync(openSync(path, 'a', 0o444))
    // unshare pins the namespace before the settings are made: it is pinned elsewhere first and moved when complete.
    const draft = join(dirname(path), `.${process.pid}-new`)
    closeSync(openSync(draft, 'a', 0o444))
    try {
      await run('unshare', [`--net=${draft}`, 'true'])
      const handle = new SpawningNamespace(draft)
      try {
        if (Object.keys(settings).length > 0) await handle.set(settings)
      } finally {
        handle.close()
      }
      await run('mount', ['--bind', draft, path])
    } finally {
      await spawningKernel.removeNamespace(draft)
    }
    return true
  },
  removeNamespace: async (path) => {
    for (let pin = 0; pin < PINS && isPinned(path); pin++) await run('umount', ['--lazy', path])
    rmSync(path, { force: true })
  },
  open: async (path) => {
    if (path !== undefined && !isPinned(path)) throw new Fault('not-found', `no network namespace is pinned to ${path}`)
    return new SpawningNamespace(path ?? SELF)
  },
}
