// Network: packets between two tasks in different subnets beside a plain pair of veths through one router namespace
// without rules, interleaved in one run; how long a change of membership, a change of a rule and an interface take.
// Everything happens in namespaces that it makes, in a network namespace of its own.

import '#network/linux/private-host.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { LinuxNetwork } from '#network/linux/linux-network.ts'
import type { InterfacePlan, SecurityGroupPlan, SecurityRule, VpcPlan } from '#network/network.ts'
import { table } from './statistics.ts'

const GROUPS = 50
const RULES = 20
const INTERFACES = 500
const ROUNDS = 4
const SECONDS = 1
const PORT = 8080
const SUBNETS = ['10.0.0.0/20', '10.0.16.0/20'] as const
const PUMP = fileURLToPath(new URL('./network-pump.ts', import.meta.url))

const everything: SecurityRule = { protocol: '-1', cidr: '0.0.0.0/0' }

/** The tasks measured are in groups 0 and 1: what lets them talk is the last of their rules. */
const securityGroups = (shift = 0): SecurityGroupPlan[] =>
  Array.from({ length: GROUPS }, (_, group) => ({
    id: `sg-${group}`,
    egress: [everything],
    ingress: Array.from({ length: RULES }, (_, rule): SecurityRule => {
      if (rule === RULES - 1) return { protocol: 'tcp', fromPort: PORT, toPort: PORT, groupId: 'sg-0' }
      const port = 1000 + rule + (group === GROUPS - 1 ? shift : 0)
      const other = rule % 2 === 0 ? { cidr: `10.0.${rule}.0/24` } : { groupId: `sg-${(group + rule) % GROUPS}` }
      return { protocol: 'tcp', fromPort: port, toPort: port, ...other }
    }),
  }))

const vpc = (shift = 0): VpcPlan => ({
  id: 'vpc-bench',
  cidrs: ['10.0.0.0/16'],
  subnets: SUBNETS.map((cidr, number) => ({ id: `subnet-${number}`, cidr, routes: [] })),
  securityGroups: securityGroups(shift),
})

const hex = (value: number): string => value.toString(16).padStart(2, '0')

const eni = (number: number, groups: readonly number[]): InterfacePlan => ({
  id: `eni-${number}`,
  vpcId: 'vpc-bench',
  subnetId: `subnet-${number % 2}`,
  privateIp: `10.0.${(number % 2) * 16 + 1 + (number >> 9)}.${(number >> 1) % 256}`,
  mac: `0a:00:00:00:${hex(number >> 8)}:${hex(number % 256)}`,
  securityGroupIds: groups.map((group) => `sg-${group % GROUPS}`),
})

/** Two namespaces and a router between them that knows no rule. */
const plainPair = async (directory: string): Promise<void> => {
  const path = (name: string): string => join(directory, name)
  await inProcessKernel.createNamespace(path('router'), { 'ipv4/ip_forward': '1' })
  const router = await inProcessKernel.open(path('router'))
  for (const [number, name] of ['left', 'right'].entries()) {
    await inProcessKernel.createNamespace(path(name), {})
    const end = await inProcessKernel.open(path(name))
    const near = `near${number}`
    await router.change([
      { do: 'add-veth', name: near, peer: { name: 'eth0', namespacePath: path(name) }, mtuBytes: 1500 },
      { do: 'add-address', name: near, prefix: { address: `10.9.${number}.1`, length: 24 } },
      { do: 'set-up', name: near },
    ])
    await end.change([
      { do: 'add-address', name: 'eth0', prefix: { address: `10.9.${number}.2`, length: 24 } },
      { do: 'set-up', name: 'eth0' },
      { do: 'add-route', to: { address: '0.0.0.0', length: 0 }, name: 'eth0', via: `10.9.${number}.1` },
    ])
    end.close()
  }
  router.close()
}

const pump = (namespacePath: string, ...args: readonly string[]): ChildProcess =>
  spawn('nsenter', [`--net=${namespacePath}`, process.execPath, PUMP, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** What a client counts in one second: bytes of one stream, or connections that were opened, used and closed. */
const measured = async (from: string, to: string, address: string, what: 'stream' | 'connect'): Promise<number> => {
  const server = pump(to, 'serve', `${PORT}`)
  await once(server.stdout!, 'data')
  const client = pump(from, what, address, `${PORT}`, `${SECONDS}`)
  let text = ''
  client.stdout?.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  await once(client, 'exit')
  server.kill()
  await once(server, 'exit')
  return Number(text)
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Milliseconds of each of so many calls. */
const timed = async (count: number, work: (number: number) => Promise<unknown>): Promise<number[]> => {
  const samples: number[] = []
  for (let number = 0; number < count; number++) {
    const start = performance.now()
    await work(number)
    samples.push(performance.now() - start)
  }
  return samples
}

interface Side {
  readonly name: string
  readonly ends: readonly [from: string, to: string, address: string]
  /** Done before each of its rounds. */
  readonly before?: () => Promise<void>
}

const compare = async (what: 'stream' | 'connect', [first, second]: readonly [Side, Side]): Promise<void> => {
  const [name, unit, scale] =
    what === 'stream'
      ? (['throughput', 'Gbit/s', (SECONDS * 1e9) / 8] as const)
      : (['connections', 'per s', SECONDS] as const)
  const results = new Map<Side, number[]>([
    [first, []],
    [second, []],
  ])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [side, values] of results) {
      await side.before?.()
      values.push((await measured(...side.ends, what)) / scale)
    }
  }
  const [one, other] = [...results.values()].map(median)
  const shown = (value = Number.NaN): string => `${value.toFixed(1)} ${unit}`
  const ratio = ((other ?? Number.NaN) / (one ?? Number.NaN)).toFixed(2)
  console.log(`${name}: ${first.name} ${shown(one)}, ${second.name} ${shown(other)} (${ratio}×)`)
}

const opened = (runDir: string): LinuxNetwork =>
  new LinuxNetwork({ instance: `b${process.pid}`.slice(0, 16), runDir, kernel: inProcessKernel, egress: false })

/** What it costs packets that a flow log of the VPC counts them, beside the same VPC without one. */
export const flowLogs = async (): Promise<void> => {
  const runDir = mkdtempSync(join(tmpdir(), 'ng-bench-'))
  const network = opened(runDir)
  const path = (number: number): string => join(runDir, 'netns', `eni-${number}`)
  try {
    await network.applyVpc(vpc())
    for (const number of [0, 1]) await network.attach(eni(number, [number]))
    const logged = { ...vpc(), flowLogs: { blocks: ['10.0.0.0/16'], tcpFlags: false, sinceSeconds: 1 } }
    const ends = [path(0), path(1), eni(1, []).privateIp] as const
    const sides = [
      { name: 'without a flow log', ends, before: () => network.applyVpc(vpc()) },
      { name: 'with one', ends, before: () => network.applyVpc(logged) },
    ] as const
    await compare('stream', sides)
    await compare('connect', sides)
    const spans = await network.endFlowSpan('vpc-bench', new Date(60_000))
    const start = performance.now()
    const { flows } = await network.flowCounts('vpc-bench', spans[0]!)
    console.log(`${flows.length} flows read in ${(performance.now() - start).toFixed(0)} ms`)
  } finally {
    await network.destroy()
    rmSync(runDir, { recursive: true })
  }
}

export const run = async (): Promise<void> => {
  const runDir = mkdtempSync(join(tmpdir(), 'ng-bench-'))
  const plain = join(runDir, 'plain')
  const network = opened(runDir)
  try {
    await network.applyVpc(vpc())
    const path = (number: number): string => join(runDir, 'netns', `eni-${number}`)
    await network.attach(eni(0, [0]))
    await network.attach(eni(1, [1]))
    const setUp = await timed(INTERFACES - 2, (number) => network.attach(eni(number + 2, [number, number + 1])))
    const known = await timed(50, (number) => network.attach(eni(INTERFACES + number, [number, number + 1])))
    const membership = await timed(50, (number) => network.update(eni(number + 2, [number + 2, number + 5])))
    const rule = await timed(20, (number) => network.applyVpc(vpc(number + 1)))
    const gone = await timed(50, (number) => network.detach(`eni-${INTERFACES + number}`))
    console.log(`${GROUPS} groups of ${RULES} rules, ${INTERFACES} interfaces`)
    console.log(
      table({
        'set-up of an interface': setUp,
        '  with all 500 there': known,
        'change of membership': membership,
        'change of a rule': rule,
        'removal of an interface': gone,
      }),
    )
    await plainPair(plain)
    const sides = [
      { name: 'plain', ends: [join(plain, 'left'), join(plain, 'right'), '10.9.1.2'] },
      { name: 'VPC', ends: [path(0), path(1), eni(1, []).privateIp] },
    ] as const
    await compare('stream', sides)
    await compare('connect', sides)
  } finally {
    for (const name of ['left', 'right', 'router']) await inProcessKernel.removeNamespace(join(plain, name))
    await network.destroy()
    rmSync(runDir, { recursive: true })
  }
}
