// What flow logs are told of, with real packets: who sent how much to whom, who refused it, and that no count is lost.

import './private-host.ts'
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '#base/run.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { datagramSocket } from '#linux/network-socket.ts'
import { ANY, eni, everything, group, SUBNETS, tcp, vpc } from '../conformance-world.ts'
import type { CountedFlow, FlowCounts } from '../flow-counter.ts'
import { FLOWS_PER_SPAN } from '../limits.ts'
import type { FlowLogPlan, InterfacePlan, NetworkAclPlan, SecurityRule, VpcPlan } from '../network.ts'
import { linuxHarness, type LinuxHarness } from './linux-harness.ts'

const ALL: FlowLogPlan = { blocks: ['10.0.0.0/16'], tcpFlags: true, sinceSeconds: 1_700_000_000 }
const udp = (port: number): SecurityRule => ({ protocol: 'udp', fromPort: port, toPort: port, cidr: ANY })
const IP_AND_UDP_BYTES = 28

let harness: LinuxHarness
let seconds: number

const namespace = (plan: InterfacePlan): string => join(harness.runDir, 'netns', plan.id)
const end = (): Promise<readonly { startSeconds: number; endSeconds: number }[]> => {
  seconds += 60
  return harness.network.endFlowSpan('vpc-a', new Date(seconds * 1000))
}
/** What was counted since the last call. */
const counted = async (): Promise<FlowCounts> => {
  const spans = await end()
  const span = spans.at(-1)!
  const counts = await harness.network.flowCounts('vpc-a', span)
  await harness.network.forgetFlowSpan('vpc-a', span)
  return counts
}
const line = (flow: CountedFlow): string => {
  const { verdict, source, destination, protocol, destinationPort, packets, bytes } = flow
  return `${verdict} ${source} ${destination}:${destinationPort} ${protocol} ${packets} ${bytes}`
}
/** Datagrams from one port to another; nobody has to listen there. */
const sent = async (from: InterfacePlan, to: string, ports: readonly number[], body = 'hello'): Promise<void> => {
  const socket = createSocket('udp4')
  // A refused datagram is an answer like silence.
  socket.on('error', () => {})
  await new Promise<void>((done) => socket.bind({ fd: datagramSocket(namespace(from), '0.0.0.0', 5000) }, done))
  for (const port of ports) await new Promise<void>((done) => socket.send(body, port, to, () => done()))
  socket.close()
}
const fromPort5000 = ({ flows }: FlowCounts): string[] =>
  flows
    .filter(({ sourcePort }) => sourcePort === 5000)
    .map(line)
    .toSorted()

const applied = async (plan: VpcPlan): Promise<void> => {
  await harness.network.applyVpc(plan)
  await end()
}
const mute = group('sg-mute', [], [])
const web = group('sg-web', [
  udp(80),
  tcp(80, { cidr: ANY }),
  { protocol: 'icmp', cidr: ANY, fromPort: -1, toPort: -1 },
])
const client = group('sg-client', [])

beforeEach(async () => {
  seconds = 1_700_000_000
  harness = await linuxHarness(inProcessKernel, { egress: true })
})
afterEach(async () => {
  await harness.close()
})

describe('what is counted for flow logs', () => {
  it('tells who sent how many packets and bytes to whom, and whose groups refused them', async () => {
    const [a, b, c] = [eni(10, ['sg-client']), eni(11, ['sg-web']), eni(12, ['sg-mute'])]
    await applied({ ...vpc([web, client, mute]), flowLogs: ALL })
    for (const each of [a, b, c]) await harness.network.attach(each)
    await sent(a, '10.0.0.11', [80, 80, 80, 81, 81])
    await sent(c, '10.0.0.11', [80, 80])
    const size = IP_AND_UDP_BYTES + 5
    const counts = await counted()
    expect(fromPort5000(counts)).toEqual([
      `accepted 10.0.0.10 10.0.0.11:80 17 3 ${3 * size}`,
      `refused-by-receiver 10.0.0.10 10.0.0.11:81 17 2 ${2 * size}`,
      `refused-by-sender 10.0.0.12 10.0.0.11:80 17 2 ${2 * size}`,
    ])
    expect(counts.incomplete).toEqual([])
    expect(fromPort5000(await counted())).toEqual([])
  })

  it('knows no ports of ICMP, and sees how connections began and ended', async () => {
    const [a, b] = [eni(10, ['sg-client']), eni(11, ['sg-web'])]
    await applied({ ...vpc([web, client]), flowLogs: ALL })
    for (const each of [a, b]) await harness.network.attach(each)
    expect(await harness.reaches({ from: a.id, to: b.privateIp, protocol: 'icmp', port: 8 })).toBe(true)
    expect(await harness.reaches({ from: a.id, to: b.privateIp, protocol: 'tcp', port: 80 })).toBe(true)
    const { flows } = await counted()
    expect(
      flows
        .filter(({ protocol }) => protocol === 1)
        .map(line)
        .toSorted(),
    ).toEqual(['accepted 10.0.0.10 10.0.0.11:0 1 1 84', 'accepted 10.0.0.11 10.0.0.10:0 1 1 84'])
    const there = flows.find(({ destinationPort }) => destinationPort === 80)
    const back = flows.find(({ sourcePort }) => sourcePort === 80)
    expect(back?.destinationPort).toBe(there?.sourcePort)
    // SYN one way, SYN-ACK the other; which side's FIN is seen by now depends on who was faster.
    expect(there!.tcpFlags & 18).toBe(2)
    expect(back!.tcpFlags & 18).toBe(18)
    expect((there!.tcpFlags | back!.tcpFlags) & 1).toBe(1)
    // SYN and the ACK that opened it: what follows may still be on its way when they are counted.
    expect(there!.packets).toBeGreaterThanOrEqual(2)
  })

  it('says which side a network ACL stands on', async () => {
    const acl = (id: string, direction: 'ingress' | 'egress'): NetworkAclPlan => ({
      id,
      entries: [
        { direction, action: 'deny', protocol: 'udp', fromPort: 80, toPort: 80, cidr: ANY },
        { direction: 'ingress', action: 'allow', protocol: '-1', cidr: ANY },
        { direction: 'egress', action: 'allow', protocol: '-1', cidr: ANY },
      ],
    })
    const plan = vpc([group('sg-all', [everything])])
    const subnets = SUBNETS.map((each) => ({
      ...each,
      ...(each.id === 'subnet-none' ? { networkAclId: 'acl-out' } : {}),
      ...(each.id === 'subnet-nat' ? { networkAclId: 'acl-in' } : {}),
    }))
    const [a, b] = [eni(10, ['sg-all']), eni(11, ['sg-all'], { subnetId: 'subnet-nat' })]
    const c = eni(12, ['sg-all'], { subnetId: 'subnet-igw' })
    await applied({
      ...plan,
      subnets,
      networkAcls: [acl('acl-out', 'egress'), acl('acl-in', 'ingress')],
      flowLogs: ALL,
    })
    for (const each of [a, b, c]) await harness.network.attach(each)
    await sent(a, c.privateIp, [80, 81])
    await sent(c, b.privateIp, [80, 81])
    const size = IP_AND_UDP_BYTES + 5
    expect(fromPort5000(await counted())).toEqual([
      `accepted 10.0.0.10 10.0.2.12:81 17 1 ${size}`,
      `accepted 10.0.2.12 10.0.1.11:81 17 1 ${size}`,
      `refused-by-receiver 10.0.2.12 10.0.1.11:80 17 1 ${size}`,
      `refused-by-sender 10.0.0.10 10.0.2.12:80 17 1 ${size}`,
    ])
  })

  it('counts for the blocks that are named only, and loses nothing when the server is killed or rules change', async () => {
    const [a, b] = [eni(10, ['sg-client']), eni(11, ['sg-web'])]
    const c = eni(12, ['sg-client'], { subnetId: 'subnet-nat' })
    const plan = {
      ...vpc([web, client]),
      flowLogs: { blocks: ['10.0.0.10/32'], tcpFlags: false, sinceSeconds: 1_700_000_000 },
    }
    await applied(plan)
    for (const each of [a, b, c]) await harness.network.attach(each)
    await sent(a, b.privateIp, [80, 81])
    await sent(c, b.privateIp, [80, 81])
    harness.restart()
    await harness.network.applyVpc({ ...plan, securityGroups: [group('sg-web', [udp(81)]), client] })
    await sent(a, b.privateIp, [80, 81])
    const size = IP_AND_UDP_BYTES + 5
    expect(fromPort5000(await counted())).toEqual([
      `accepted 10.0.0.10 10.0.0.11:80 17 1 ${size}`,
      `accepted 10.0.0.10 10.0.0.11:81 17 1 ${size}`,
      `refused-by-receiver 10.0.0.10 10.0.0.11:80 17 1 ${size}`,
      `refused-by-receiver 10.0.0.10 10.0.0.11:81 17 1 ${size}`,
    ])
  })

  it('has room for so many flows, and says whose packets it missed', async () => {
    const [a, b, c] = [eni(10, ['sg-client']), eni(11, ['sg-web']), eni(12, ['sg-client'])]
    await applied({ ...vpc([web, client]), flowLogs: ALL })
    for (const each of [a, b, c]) await harness.network.attach(each)
    await sent(c, b.privateIp, [81])
    const ports = Array.from({ length: FLOWS_PER_SPAN + 10 }, (_, at) => 1000 + at)
    await sent(a, b.privateIp, ports)
    const { flows, incomplete } = await counted()
    expect(flows).toHaveLength(FLOWS_PER_SPAN)
    expect(incomplete.toSorted()).toEqual(['10.0.0.10', '10.0.0.11'])
  })

  it('leaves nothing on the way of packets when there is no flow log any more, and what was refused still is', async () => {
    const [a, b] = [eni(10, ['sg-client']), eni(11, ['sg-web'])]
    await applied({ ...vpc([web, client]), flowLogs: ALL })
    for (const each of [a, b]) await harness.network.attach(each)
    const probe = { from: a.id, to: b.privateIp, protocol: 'tcp' } as const
    const filter = (): Promise<string> =>
      run('nsenter', [`--net=${join(harness.runDir, 'netns', 'vpc-a')}`, 'nft', 'list', 'ruleset'])
    expect(await harness.reaches({ ...probe, port: 80 })).toBe(true)
    expect(await harness.reaches({ ...probe, port: 81 })).toBe(false)
    expect(await filter()).toContain('hook forward priority filter + 10')
    // What is marked as refused is dropped by the filter itself, whether anybody counts it or not.
    await run('nsenter', [`--net=${join(harness.runDir, 'netns', 'vpc-a')}`, 'nft', 'delete', 'table', 'inet', 'flows'])
    expect(await harness.reaches({ ...probe, port: 81 })).toBe(false)
    await harness.network.applyVpc(vpc([web, client]))
    expect(await harness.reaches({ ...probe, port: 80 })).toBe(true)
    expect(await harness.reaches({ ...probe, port: 81 })).toBe(false)
    expect([...(await filter()).matchAll(/hook forward/g)]).toHaveLength(1)
  })
})
