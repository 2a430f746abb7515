// For host tests only: a Linux network in the private host, an "internet" beside it, and real packets as probes.

import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { run, runToEnd } from '#base/run.ts'
import type { NamespaceHandle, NetworkKernel } from '#linux/network-kernel.ts'
import { datagramSocket, listeningSocket } from '#linux/network-socket.ts'
import { API_ADDRESS, METADATA_ADDRESS, RESOLVER_ADDRESS } from '../addresses.ts'
import {
  INTERNET,
  INTERNET_IPV6,
  type ConformanceProbe,
  type HarnessOptions,
  type NetworkHarness,
} from '../conformance-world.ts'
import { LinuxNetwork } from './linux-network.ts'

const PATIENCE_SECONDS = 1
const ANYWHERE = '0.0.0.0'
/** Of both families. */
const ANYWHERE_AT_ALL = '::'
/** Between the host and the internet beside it. */
export const WAN = {
  host: '203.0.113.2',
  internet: '203.0.113.1',
  hostIpv6: '3fff:0:0:1::2',
  internetIpv6: '3fff:0:0:1::1',
} as const

/** An address and a port. */
type Place = readonly [string, number]

/** Sockets held in namespaces, one set per namespace however often it is asked for. */
class Servers {
  readonly #open = new Map<number, (Server | Socket)[]>()

  async serve(path: string, tcp: readonly Place[], udp: readonly Place[] = []): Promise<void> {
    const { ino } = statSync(path)
    if (this.#open.has(ino)) return
    const servers: (Server | Socket)[] = []
    this.#open.set(ino, servers)
    for (const [host, port] of tcp) {
      const server = createServer((connection) => {
        connection.on('error', () => {})
        connection.on('data', (bytes) => connection.write(bytes))
      })
      await new Promise<void>((done) => server.listen({ fd: listeningSocket(path, host, port) }, done))
      servers.push(server)
    }
    for (const [host, port] of udp) {
      const socket = await bound(path, port, host)
      socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address))
      servers.push(socket)
    }
  }

  close(): void {
    for (const server of [...this.#open.values()].flat()) server.close()
    this.#open.clear()
  }
}

const bound = async (path: string, port: number, host = ANYWHERE): Promise<Socket> => {
  const socket = createSocket('udp4')
  // A refused or unroutable datagram is an answer like silence.
  socket.on('error', () => {})
  await new Promise<void>((done) => socket.bind({ fd: datagramSocket(path, host, port) }, done))
  return socket
}

const boundOnHost = async (): Promise<Socket> => {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  await new Promise<void>((done) => socket.bind(0, done))
  return socket
}

/** Whether an echo comes back over UDP. */
const echoes = async (socket: Socket, to: string, port: number): Promise<boolean> => {
  const answer = new Promise<boolean>((resolve) => {
    socket.on('message', () => resolve(true))
    void systemClock.sleep(PATIENCE_SECONDS).then(() => resolve(false))
  })
  socket.send('hello', port, to, () => {})
  const result = await answer
  socket.close()
  return result
}

const command = ({ to, protocol, port }: ConformanceProbe): string[] =>
  protocol === 'icmp'
    ? ['busybox', 'ping', '-c', '1', '-W', `${PATIENCE_SECONDS}`, to]
    : ['busybox', 'nc', '-w', `${PATIENCE_SECONDS}`, to, `${port}`, '-e', 'true']

/** A place that knows the way to the host and to nothing else, and answers under INTERNET. */
const madeInternet = async (kernel: NetworkKernel, path: string): Promise<NamespaceHandle> => {
  await kernel.createNamespace(path, {})
  const internet = await kernel.open(path)
  const host = await kernel.open()
  await host.change([
    { do: 'delete-link', name: 'wan0' },
    { do: 'add-veth', name: 'wan0', peer: { name: 'eth0', namespacePath: path }, mtuBytes: 1500 },
    { do: 'add-address', name: 'wan0', prefix: { address: WAN.host, length: 30 } },
    { do: 'add-address', name: 'wan0', prefix: { address: WAN.hostIpv6, length: 64 } },
    { do: 'set-up', name: 'wan0' },
  ])
  const lo = ['192.168.9.9', '10.99.0.1', '169.254.169.254', INTERNET]
  const loIpv6 = ['fd00:99::1', '2001:db8:99::1', INTERNET_IPV6]
  await internet.change([
    { do: 'set-up', name: 'lo' },
    ...lo.map((address) => ({ do: 'add-address', name: 'lo', prefix: { address, length: 32 } }) as const),
    ...loIpv6.map((address) => ({ do: 'add-address', name: 'lo', prefix: { address, length: 128 } }) as const),
    { do: 'add-address', name: 'eth0', prefix: { address: WAN.internet, length: 30 } },
    { do: 'add-address', name: 'eth0', prefix: { address: WAN.internetIpv6, length: 64 } },
    { do: 'set-up', name: 'eth0' },
    // As if the host's owner had them led here.
    { do: 'add-route', to: { address: '2001:db8::', length: 32 }, name: 'eth0', via: WAN.hostIpv6 },
    { do: 'add-route', to: { address: '198.18.0.0', length: 15 }, name: 'eth0', via: WAN.host },
  ])
  const everywhere = { address: ANYWHERE, length: 0 }
  await host.change([
    { do: 'add-route', to: everywhere, name: 'wan0', via: WAN.internet },
    { do: 'add-route', to: { address: '::', length: 0 }, name: 'wan0', via: WAN.internetIpv6 },
  ])
  host.close()
  return internet
}

export interface LinuxHarness extends NetworkHarness {
  readonly network: LinuxNetwork
  readonly runDir: string
  /** The namespace of the internet; probes may come from there. */
  readonly internetPath: string
}

/** What stays in an empty run-time directory. */
const STANDING: readonly string[] = ['internet', 'netns', 'network', 'network/vpcs', 'network/interfaces']

/** What the host shows beside forwarding switched off three times, once the network is gone. */
const leftBehind = async (runDir: string): Promise<string> => {
  const left = [
    ...readdirSync(runDir, { recursive: true }).filter((name) => !STANDING.includes(String(name))),
    await run('nft', ['list', 'ruleset']),
    await run('sysctl', [
      '-n',
      'net.ipv4.ip_forward',
      'net.ipv4.conf.wan0.forwarding',
      'net.ipv6.conf.wan0.force_forwarding',
    ]),
  ]
  // Before its far end, which the kernel reaps whenever it likes.
  await run('ip', ['link', 'delete', 'wan0'])
  return [...left, await run('ip', ['-brief', 'link', 'show', 'type', 'veth'])].join('\n').trim()
}

const SERVICES: readonly Place[] = [
  [METADATA_ADDRESS, 80],
  [API_ADDRESS, 4566],
  [RESOLVER_ADDRESS, 53],
  ['10.0.0.2', 53],
]
const TASK_PORTS = [80, 81, 443].map((port) => [ANYWHERE_AT_ALL, port] as const)

let instances = 0

export const linuxHarness = async (kernel: NetworkKernel, { egress }: HarnessOptions): Promise<LinuxHarness> => {
  const runDir = mkdtempSync(join(tmpdir(), 'ng-network-'))
  const instance = `t${process.pid}x${instances++}`
  const internetPath = join(runDir, 'internet')
  const internet = await madeInternet(kernel, internetPath)
  const servers = new Servers()
  // It has several addresses, and answers under the one that was asked.
  await servers.serve(internetPath, [[ANYWHERE_AT_ALL, 80]], [[INTERNET, 80]])
  const opened = (): LinuxNetwork => new LinuxNetwork({ instance, runDir, kernel, egress })
  let network = opened()

  const serveAll = async (): Promise<void> => {
    const { vpcs, interfaces } = await network.observe()
    for (const { id } of vpcs) await servers.serve(join(runDir, 'netns', id), SERVICES)
    for (const { namespacePath } of interfaces) await servers.serve(namespacePath, TASK_PORTS, [[ANYWHERE, 80]])
  }
  let serving: Promise<void> = Promise.resolve()
  const reaches = async (probe: ConformanceProbe): Promise<boolean> => {
    // Probes run at once: one of them starts what is missing, the others wait for it.
    serving = serving.then(serveAll)
    await serving
    if (probe.from === 'host' && probe.protocol === 'udp') return echoes(await boundOnHost(), probe.to, probe.port)
    if (probe.from === 'host') return (await runToEnd('busybox', command(probe).slice(1))).exitCode === 0
    const path = probe.from === internetPath ? internetPath : join(runDir, 'netns', probe.from)
    if (probe.protocol === 'udp') return echoes(await bound(path, 0), probe.to, probe.port)
    return (await runToEnd('nsenter', [`--net=${path}`, ...command(probe)])).exitCode === 0
  }
  const close = async (): Promise<void> => {
    servers.close()
    await network.destroy()
    await network.destroy()
    const left = await leftBehind(runDir)
    internet.close()
    await kernel.removeNamespace(internetPath)
    rmSync(runDir, { recursive: true })
    if (left !== '0\n0\n0') throw new Error(`left behind: ${left}`)
  }
  return {
    get network() {
      return network
    },
    runDir,
    internetPath,
    reaches,
    restart: () => {
      network.close()
      network = opened()
    },
    close,
  }
}
