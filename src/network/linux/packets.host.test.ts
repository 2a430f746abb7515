// What only the real network can show: established flows, forged packets, the host's own services, other instances.

import './private-host.ts'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run, runToEnd } from '#base/run.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { METADATA_ADDRESS } from '../addresses.ts'
import { INTERNET, type ConformanceProbe } from '../conformance-world.ts'
import { explainPath } from '../explain.ts'
import type { InterfacePlan, SecurityRule, VpcPlan } from '../network.ts'
import { linuxHarness, type LinuxHarness } from './linux-harness.ts'
import { LinuxNetwork } from './linux-network.ts'

const open: SecurityRule = { protocol: '-1', cidr: '0.0.0.0/0' }
const vpc = (ingress: readonly SecurityRule[], natIp = '198.18.0.101'): VpcPlan => ({
  id: 'vpc-a',
  cidrs: ['10.0.0.0/16'],
  subnets: [
    { id: 'subnet-nat', cidr: '10.0.1.0/24', routes: [{ destination: '0.0.0.0/0', target: 'nat-1' }] },
    { id: 'subnet-igw', cidr: '10.0.2.0/24', routes: [{ destination: '0.0.0.0/0', target: 'internet-gateway' }] },
  ],
  natGateways: [{ id: 'nat-1', subnetId: 'subnet-igw', publicIp: natIp }],
  securityGroups: [{ id: 'sg-1', ingress, egress: [open] }],
})
const eni = (number: number): InterfacePlan => ({
  id: `eni-${number}`,
  vpcId: 'vpc-a',
  subnetId: 'subnet-nat',
  privateIp: `10.0.1.${number}`,
  mac: `0a:00:00:00:00:${number}`,
  securityGroupIds: ['sg-1'],
})
const [a, b, c] = [eni(10), eni(11), eni(12)]

let harness: LinuxHarness
const children: ChildProcess[] = []
beforeEach(async () => {
  harness = await linuxHarness(inProcessKernel, { egress: true })
  await harness.network.applyVpc(vpc([open]))
  for (const plan of [a, b, c]) await harness.network.attach(plan)
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await harness.close()
})

const path = (id: string): string => join(harness.runDir, 'netns', id)
const inTask = (plan: InterfacePlan, ...command: readonly string[]): Promise<string> =>
  run('nsenter', [`--net=${path(plan.id)}`, ...command])
const tcp = (from: InterfacePlan, to: string, port = 80): ConformanceProbe => ({
  from: from.id,
  to,
  protocol: 'tcp',
  port,
})
const reaches = (from: InterfacePlan, to: string, port = 80): Promise<boolean> => harness.reaches(tcp(from, to, port))

/** A connection that stays open; asks for one echo and says whether it came. */
const connection = async (from: InterfacePlan, to: InterfacePlan): Promise<() => Promise<boolean>> => {
  expect(await reaches(from, to.privateIp)).toBe(true)
  const child = spawn('nsenter', [`--net=${path(from.id)}`, 'busybox', 'nc', to.privateIp, '80'])
  children.push(child)
  let echoed = ''
  child.stdout.on('data', (bytes: Buffer) => {
    echoed += bytes.toString()
  })
  let count = 0
  return async () => {
    const line = `line ${count++}\n`
    child.stdin.write(line)
    for (let wait = 0; wait < 20 && !echoed.endsWith(line); wait++) await new Promise((done) => setTimeout(done, 50))
    return echoed.endsWith(line)
  }
}

describe('flows', () => {
  const named: SecurityRule = { protocol: 'tcp', fromPort: 80, toPort: 80, cidr: `${a.privateIp}/32` }

  it('go on when they are tracked and their rule goes, and when a new server writes all rules anew', async () => {
    await harness.network.applyVpc(vpc([named]))
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.applyVpc(vpc([]))
    expect(await echo()).toBe(true)
    harness.restart()
    await harness.network.applyVpc(vpc([]))
    for (const plan of [a, b, c]) await harness.network.attach(plan)
    expect(await echo()).toBe(true)
    expect(await reaches(a, b.privateIp)).toBe(false)
  })

  it('are cut with their rule when they passed untracked, by a rule for everyone', async () => {
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.applyVpc(vpc([open, named]))
    expect(await echo()).toBe(true)
    await harness.network.applyVpc(vpc([{ ...named, cidr: '10.0.1.12/32' }]))
    expect(await echo()).toBe(false)
    await harness.network.applyVpc(vpc([open]))
    expect(await echo()).toBe(true)
  })

  it('are cut by a change of groups when untracked, and only those of that interface', async () => {
    const [echo, other] = [await connection(a, b), await connection(a, c)]
    expect([await echo(), await other()]).toEqual([true, true])
    await harness.network.update({ ...b, securityGroupIds: [] })
    expect([await echo(), await other()]).toEqual([false, true])
  })

  it('are cut by a network ACL, tracked or not', async () => {
    const across = { ...eni(20), subnetId: 'subnet-igw', privateIp: '10.0.2.20' }
    await harness.network.attach(across)
    await harness.network.applyVpc(vpc([named]))
    const echo = await connection(a, across)
    expect(await echo()).toBe(true)
    const plan = vpc([named])
    const subnets = plan.subnets.map((subnet) => ({ ...subnet, networkAclId: 'acl-1' }))
    await harness.network.applyVpc({ ...plan, subnets, networkAcls: [{ id: 'acl-1', entries: [] }] })
    expect(await echo()).toBe(false)
    await harness.network.applyVpc(plan)
    expect(await echo()).toBe(true)
  })

  it('end when their interface is detached, though its namespace lives on', async () => {
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.detach(b.id)
    expect(await echo()).toBe(false)
  })

  it('are not inherited by the next interface with the address', async () => {
    await harness.network.applyVpc(vpc([named]))
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    const tracked = (): Promise<string> => run('nsenter', [`--net=${path('vpc-a')}`, 'cat', '/proc/net/nf_conntrack'])
    await harness.network.detach(b.id)
    await harness.network.attach({ ...b, id: 'eni-heir', mac: '0a:00:00:00:00:99', securityGroupIds: [] })
    expect(await tracked()).not.toMatch(new RegExp(`dst=${b.privateIp} .*dport=80`))
    await harness.network.detach('eni-heir')
    expect(await connection(a, c).then((other) => other())).toBe(true)
    await harness.network.detach(c.id)
    // Nor after a restart, when nobody remembers whose it was.
    expect(await tracked()).toMatch(new RegExp(`dst=${c.privateIp} `))
    harness.restart()
    await harness.network.applyVpc(vpc([named]))
    expect(await tracked()).not.toMatch(new RegExp(`dst=${c.privateIp} `))
  })

  it('end when their VPC is removed', async () => {
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.removeVpc('vpc-a')
    expect(await echo()).toBe(false)
  })
})

describe('packets', () => {
  it('are counted as the task sees them', async () => {
    const before = [await harness.network.counters(a.id), await harness.network.counters(b.id)] as const
    await inTask(a, 'busybox', 'ping', '-c', '1', '-s', '1000', '-q', b.privateIp)
    const after = [await harness.network.counters(a.id), await harness.network.counters(b.id)] as const
    const grown = (at: 0 | 1, what: 'sentBytes' | 'receivedBytes'): number =>
      (after[at]?.[what] ?? 0) - (before[at]?.[what] ?? 0)
    // Echo and reply: 1000 bytes, 8 of ICMP, 20 of IP, 14 of Ethernet; ARP may add its own.
    expect([grown(0, 'sentBytes'), grown(1, 'receivedBytes')].every((bytes) => bytes >= 1042)).toBe(true)
    expect([grown(0, 'receivedBytes'), grown(1, 'sentBytes')].every((bytes) => bytes >= 1042)).toBe(true)
    expect(await harness.network.counters('eni-unknown')).toBeUndefined()
  })
})

describe('a task', () => {
  it('sees its address as on AWS, and asks for no neighbour, there or not', async () => {
    const late = eni(13)
    await runToEnd('nsenter', [`--net=${path(a.id)}`, 'busybox', 'ping', '-c', '1', '-W', '1', late.privateIp])
    expect(await inTask(a, 'ip', '-4', '-brief', 'address', 'show', 'eth0')).toMatch(/10\.0\.1\.10\/24/)
    const neighbours = (await inTask(a, 'ip', '-4', 'neighbour', 'show')).trim().split('\n')
    expect(neighbours).toEqual([expect.stringMatching(/^10\.0\.1\.1 .*PERMANENT/)])
    await harness.network.attach(late)
    expect(await reaches(a, late.privateIp)).toBe(true)
  })
})

describe('an interface that forwards', () => {
  const nat = { ...eni(20), subnetId: 'subnet-igw', privateIp: '10.0.2.20', publicIp: '198.18.0.20' }
  const web: SecurityRule = { protocol: 'tcp', fromPort: 80, toPort: 80, cidr: '10.0.1.0/24' }
  const everywhere = '0.0.0.0/0'
  const plan = (ingress: readonly SecurityRule[] = [web], more: Partial<VpcPlan> = {}): VpcPlan => {
    const base = vpc([open])
    return {
      ...base,
      subnets: base.subnets.map((subnet) =>
        subnet.id === 'subnet-nat'
          ? { ...subnet, routes: [{ destination: everywhere, target: nat.id as 'eni-1' }] }
          : subnet,
      ),
      securityGroups: [...base.securityGroups, { id: 'sg-nat', ingress, egress: [open] }],
      forwarders: [{ id: nat.id, subnetId: nat.subnetId, privateIp: nat.privateIp }],
      ...more,
    }
  }
  /** Makes a NAT instance of the interface. */
  const attachNat = async (): Promise<void> => {
    await harness.network.attach({ ...nat, securityGroupIds: ['sg-nat'] })
    await inTask(nat, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1')
    const rules = ['add table ip n', 'add chain ip n out { type nat hook postrouting priority srcnat; }']
    for (const rule of [...rules, 'add rule ip n out masquerade']) await inTask(nat, 'nft', rule)
  }
  const verdict = (of: VpcPlan, attached: readonly InterfacePlan[]): boolean =>
    explainPath(
      { vpcs: [of], interfaces: attached, egressAllowed: true },
      { from: { interfaceId: a.id }, to: INTERNET, protocol: 'tcp', port: 80 },
    ).allowed
  const all = [a, { ...nat, securityGroupIds: ['sg-nat'] }]

  it('carries what a route leads to it, as its groups and network ACL allow', async () => {
    await harness.network.applyVpc(plan())
    expect([await reaches(a, INTERNET), verdict(plan(), [a])]).toEqual([false, false])
    await attachNat()
    expect([await reaches(a, INTERNET), verdict(plan(), all)]).toEqual([true, true])
    await harness.network.applyVpc(plan([]))
    expect([await reaches(a, INTERNET), verdict(plan([]), all)]).toEqual([false, false])
    const entry = { protocol: '-1', cidr: everywhere, action: 'allow' } as const
    const guarded = (from: string): VpcPlan => {
      const bare = plan()
      const subnets = bare.subnets.map((one) => (one.id === nat.subnetId ? { ...one, networkAclId: 'acl-1' } : one))
      const entries = [
        { ...entry, direction: 'egress' as const },
        { ...entry, direction: 'ingress' as const, cidr: from },
      ]
      return { ...bare, subnets, networkAcls: [{ id: 'acl-1', entries }] }
    }
    for (const [from, passes] of [
      [`${INTERNET}/32`, false],
      ['10.0.1.0/24', false],
      [everywhere, true],
    ] as const) {
      await harness.network.applyVpc(guarded(from))
      expect([await reaches(a, INTERNET), verdict(guarded(from), all)]).toEqual([passes, passes])
    }
    harness.restart()
    await harness.network.applyVpc(plan())
    expect(await reaches(a, INTERNET)).toBe(true)
    await harness.network.detach(nat.id)
    expect(await reaches(a, INTERNET)).toBe(false)
  })

  it('begins nothing under the address of another', async () => {
    await harness.network.applyVpc(plan())
    await attachNat()
    await inTask(nat, 'nft', 'flush ruleset')
    await inTask(nat, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'lo')
    const ping = ['busybox', 'ping', '-c1', '-W1', '-I', b.privateIp, a.privateIp]
    const before = await harness.network.counters(a.id)
    await runToEnd('nsenter', [`--net=${path(nat.id)}`, ...ping])
    expect((await harness.network.counters(a.id))?.receivedPackets).toBe(before?.receivedPackets)
  })
})

describe('a hostile task', () => {
  it('sends from no other address', async () => {
    expect(await reaches(a, c.privateIp)).toBe(true)
    await inTask(a, 'ip', 'address', 'add', '10.0.1.99/32', 'dev', 'eth0')
    await inTask(a, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'lo')
    const ping = (...more: string[]): Promise<{ exitCode: number }> =>
      runToEnd('nsenter', [`--net=${path(a.id)}`, 'busybox', 'ping', '-c1', '-W1', ...more, c.privateIp])
    expect((await ping()).exitCode).toBe(0)
    expect((await ping('-I', '10.0.1.99')).exitCode).toBe(1)
    expect((await ping('-I', b.privateIp)).exitCode).toBe(1)
  })

  it('sends from no other IPv6 address', async () => {
    const six = (number: number): InterfacePlan => ({
      ...eni(number),
      ipv6Address: `2001:db8:1::${number}`,
    })
    const plan = vpc([open, { protocol: '-1', cidr: '::/0' }])
    await harness.network.applyVpc({
      ...plan,
      ipv6Cidrs: ['2001:db8:1::/56'],
      subnets: plan.subnets.map((subnet, at) => ({ ...subnet, ipv6Cidr: `2001:db8:1:${at}::/64` })),
      securityGroups: [
        { id: 'sg-1', ingress: [{ protocol: '-1', cidr: '::/0' }], egress: [{ protocol: '-1', cidr: '::/0' }] },
      ],
    })
    const [d, e] = [six(30), six(31)]
    await harness.network.attach(d)
    await harness.network.attach(e)
    await inTask(d, 'ip', 'address', 'add', '2001:db8:1::99/128', 'dev', 'lo')
    const ping = (...more: string[]): Promise<{ exitCode: number }> =>
      runToEnd('nsenter', [`--net=${path(d.id)}`, 'busybox', 'ping', '-c1', '-W1', ...more, e.ipv6Address ?? ''])
    expect((await ping()).exitCode).toBe(0)
    expect((await ping('-I', '2001:db8:1::99')).exitCode).toBe(1)
  })

  it("asks for metadata under nobody else's address", async () => {
    expect(await reaches(a, METADATA_ADDRESS)).toBe(true)
    await inTask(a, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'lo')
    await inTask(a, 'ip', 'route', 'replace', 'default', 'via', '10.0.1.1', 'src', b.privateIp)
    expect(await reaches(a, METADATA_ADDRESS)).toBe(false)
    await inTask(a, 'ip', 'route', 'replace', 'default', 'via', '10.0.1.1', 'src', a.privateIp)
    expect(await reaches(a, METADATA_ADDRESS)).toBe(true)
  })

  it('sends from no other MAC address', async () => {
    await inTask(a, 'ip', 'link', 'set', 'eth0', 'address', b.mac)
    expect(await reaches(a, c.privateIp)).toBe(false)
  })

  it("takes nobody's packets by announcing his address", async () => {
    await inTask(a, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'eth0')
    await runToEnd('nsenter', [`--net=${path(a.id)}`, 'busybox', 'arping', '-U', '-c2', '-I', 'eth0', b.privateIp])
    children.push(
      spawn('nsenter', [`--net=${path(a.id)}`, 'busybox', 'nc', '-ll', '-p', '8000', '-e', 'true'], {
        stdio: 'ignore',
      }),
    )
    await expect.poll(() => reaches(c, a.privateIp, 8000), { timeout: 5000 }).toBe(true)
    expect(await reaches(c, b.privateIp, 8000)).toBe(false)
    expect(await reaches(c, b.privateIp)).toBe(true)
  })

  it('finds no service of the host, under any of its addresses', async () => {
    const server = createServer((socket) => socket.end())
    await new Promise<void>((done) => server.listen(5555, '0.0.0.0', done))
    const transit = /169\.254\.\d+\.\d+/.exec(await run('ip', ['-4', 'address', 'show']))?.[0] ?? ''
    expect(await harness.reaches({ from: 'host', to: transit, protocol: 'tcp', port: 5555 })).toBe(true)
    const addresses = ['203.0.113.2', transit, '127.0.0.1', '10.0.1.1']
    expect(await Promise.all(addresses.map((address) => reaches(a, address, 5555)))).toEqual(addresses.map(() => false))
    expect(await reaches(a, INTERNET)).toBe(true)
    server.close()
  })

  it('does not get out with an address it took', async () => {
    await inTask(a, 'ip', 'address', 'add', '203.0.113.9/32', 'dev', 'lo')
    await inTask(a, 'ip', 'route', 'replace', 'default', 'via', '10.0.1.1', 'src', '203.0.113.9')
    expect(await reaches(a, INTERNET)).toBe(false)
  })
})

describe('a host', () => {
  it('carries several instances that share nothing', async () => {
    const runDir = mkdtempSync(join(tmpdir(), 'ng-second-'))
    const second = new LinuxNetwork({ instance: `s${process.pid}`, runDir, kernel: inProcessKernel, egress: true })
    const publicIp = '198.18.0.77'
    await second.applyVpc(vpc([open], '198.18.0.102'))
    const other = { ...a, id: 'eni-other', subnetId: 'subnet-igw', privateIp: '10.0.2.20', publicIp }
    const { namespacePath } = await second.attach(other)
    const out = async (): Promise<boolean> =>
      (await runToEnd('nsenter', [`--net=${namespacePath}`, 'busybox', 'nc', '-w1', INTERNET, '80', '-e', 'true']))
        .exitCode === 0
    expect([await reaches(a, INTERNET), await out()]).toEqual([true, true])
    expect(await reaches(a, '10.0.2.20')).toBe(false)
    await harness.network.removeVpc('vpc-a')
    await harness.network.destroy()
    expect(await out()).toBe(true)
    await second.destroy()
    rmSync(runDir, { recursive: true })
  })

  it('keeps no address of a NAT gateway that is gone, whether the way out stays or not', async () => {
    const natAddress = vpc([]).natGateways?.[0]?.publicIp ?? ''
    const onHost = async (): Promise<string> => `${await run('nft', ['list', 'ruleset'])}${await run('ip', ['route'])}`
    const without = (subnets: VpcPlan['subnets']): VpcPlan => ({ ...vpc([open]), natGateways: [], subnets })
    const bare = vpc([]).subnets.map((subnet) => ({ ...subnet, routes: [] }))
    expect(await reaches(a, INTERNET)).toBe(true)
    expect(await onHost()).toContain(natAddress)
    await harness.network.applyVpc(without(bare.map((subnet, at) => vpc([]).subnets[at === 1 ? at : -1] ?? subnet)))
    expect(await onHost()).not.toContain(natAddress)
    await harness.network.applyVpc(vpc([open]))
    expect(await onHost()).toContain(natAddress)
    await harness.network.applyVpc(without(bare))
    expect(await onHost()).not.toContain(natAddress)
    expect(await reaches(a, INTERNET)).toBe(false)
  })

  it('with Docker lets tasks out, and is left as it was', async () => {
    await harness.network.removeVpc('vpc-a')
    const rules = [
      ['-N', 'DOCKER-USER'],
      ['-A', 'DOCKER-USER', '-j', 'RETURN'],
      ['-A', 'FORWARD', '-j', 'DOCKER-USER'],
      ['-P', 'FORWARD', 'DROP'],
    ]
    for (const rule of rules) await run('iptables', rule)
    const before = await run('iptables', ['-S'])
    await harness.network.applyVpc(vpc([open]))
    await harness.network.attach(a)
    expect(await reaches(a, INTERNET)).toBe(true)
    await harness.network.destroy()
    expect(await run('iptables', ['-S'])).toBe(before)
    for (const rule of [['-P', 'FORWARD', 'ACCEPT'], ['-F'], ['-X']]) await run('iptables', rule)
    await run('nft', ['flush', 'ruleset'])
  })

  it('forwards nothing for others that it did not before', async () => {
    expect(await run('sysctl', ['-n', 'net.ipv4.ip_forward'])).toBe('0\n')
    const side = join(harness.runDir, 'side')
    await inProcessKernel.createNamespace(side, {})
    const [neighbour, host] = [await inProcessKernel.open(side), await inProcessKernel.open()]
    await host.change([
      { do: 'add-veth', name: 'lan0', peer: { name: 'eth0', namespacePath: side }, mtuBytes: 1500 },
      { do: 'add-address', name: 'lan0', prefix: { address: '192.168.50.1', length: 24 } },
      { do: 'set-up', name: 'lan0' },
    ])
    await neighbour.change([
      { do: 'add-address', name: 'eth0', prefix: { address: '192.168.50.2', length: 24 } },
      { do: 'set-up', name: 'eth0' },
      { do: 'add-route', to: { address: '0.0.0.0', length: 0 }, name: 'eth0', via: '192.168.50.1' },
    ])
    const internet = await inProcessKernel.open(harness.internetPath)
    const lan = { address: '192.168.50.0', length: 24 }
    await internet.change([{ do: 'add-route', to: lan, name: 'eth0', via: '203.0.113.2' }])
    const ping = (file: string, to: string): Promise<{ exitCode: number }> =>
      runToEnd('nsenter', [`--net=${file}`, 'busybox', 'ping', '-c1', '-W1', to])
    await expect.poll(async () => (await ping(side, '192.168.50.1')).exitCode, { timeout: 10_000 }).toBe(0)
    expect((await ping(side, INTERNET)).exitCode).toBe(1)
    expect((await ping(harness.internetPath, '192.168.50.2')).exitCode).toBe(1)
    expect(await reaches(a, '192.168.50.2')).toBe(false)
    await host.change([{ do: 'delete-link', name: 'lan0' }])
    for (const handle of [neighbour, host, internet]) handle.close()
    await inProcessKernel.removeNamespace(side)
  })
})
