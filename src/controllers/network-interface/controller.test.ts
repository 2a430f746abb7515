import { afterEach, beforeEach, expect, test } from 'vitest'
import { knownCidr } from '#apis/ec2/model/cidr.ts'
import { isRefused, plannedInterface, releasedInterface } from '#apis/ec2/model/interface-plan.ts'
import { ADDRESS_REST_SECONDS } from '#apis/ec2/model/limits.ts'
import type { NetworkInterfaceRecord, SecurityGroupRecord, SubnetRecord, VpcRecord } from '#apis/ec2/model/records.ts'
import { authorized } from '#apis/ec2/model/security-group.ts'
import { newSubnet } from '#apis/ec2/model/subnet.ts'
import { newVpc } from '#apis/ec2/model/vpc.ts'
import {
  departedInterfaces,
  ec2Key,
  flowLogs,
  networkInterfaces,
  releasedAddresses,
  routeTables,
  securityGroups,
  subnets,
  takenAddresses,
  vpcs,
} from '#apis/ec2/tables.ts'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { settle, SimulatedClock } from '#base/simulated-clock.ts'
import { FakeNetwork, type FakeWorld } from '#network/fake/fake-network.ts'
import type { AttachedInterface, InterfacePlan } from '#network/network.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { NetworkInterfaceController } from './controller.ts'
import { ATTACH_ATTEMPTS, RESYNC_SECONDS } from './limits.ts'
import type { VpcServices } from './vpc-services.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }

/** The fake network, with a fault to throw on the next attachments. */
class FaultyNetwork extends FakeNetwork {
  readonly faults: Fault[] = []
  attachments = 0
  /** Attachments wait for it. */
  gate: Promise<void> = Promise.resolve()
  override async attach(plan: InterfacePlan): Promise<AttachedInterface> {
    this.attachments++
    const fault = this.faults.shift()
    if (fault !== undefined) throw fault
    await this.gate
    return super.attach(plan)
  }
}

let store: Store
let world: FakeWorld
let network: FaultyNetwork
let clock: SimulatedClock
let services: string[]
let abort: AbortController
let running: Promise<void>
let vpc: VpcRecord
let subnet: SubnetRecord
let group: SecurityGroupRecord
const random = seededRandom(1)

const start = (): void => {
  abort = new AbortController()
  network = new FaultyNetwork({}, world)
  const vpcServices: VpcServices = {
    setVpc: async (plan) => void services.push(`set ${plan.dnsAddress}`),
    removeVpc: async (id) => void services.push(`remove ${id}`),
  }
  const options = { store, network, services: vpcServices, clock, random: seededRandom(2), log: silentLog }
  running = new NetworkInterfaceController(options).run(abort.signal)
}

const stop = async (): Promise<void> => {
  abort.abort()
  await running
}

beforeEach(async () => {
  store = memoryStore()
  world = { vpcs: new Map(), interfaces: new Map() }
  clock = new SimulatedClock()
  services = []
  const made = newVpc({ scope, cidr: knownCidr('10.0.0.0/16'), isDefault: true, tags: [], random })
  vpc = made.vpc
  group = made.securityGroup
  subnet = newSubnet({
    vpc,
    others: [],
    cidr: knownCidr('10.0.1.0/24'),
    availabilityZone: 'eu-west-1a',
    defaultForAz: true,
    tags: [],
    random,
  })
  await store.write(async (tx) => {
    await tx.put(vpcs, vpc)
    await tx.put(routeTables, made.routeTable)
    await tx.put(securityGroups, group)
    await tx.put(subnets, subnet)
  })
  start()
  await settle()
})

afterEach(stop)

const record = async (groupIds = [group.id]): Promise<NetworkInterfaceRecord> => {
  const planned = await store.write(async (tx) => {
    const made = plannedInterface({
      scope,
      subnet,
      taken: await takenAddresses(tx, subnet, clock.now()),
      securityGroupIds: groupIds,
      assignPublicIp: false,
      description: 'test',
      now: clock.now(),
      random,
    })
    if (isRefused(made)) throw new Error(made.message)
    await tx.put(networkInterfaces, made)
    return made
  })
  await settle()
  return planned
}

const find = (one: NetworkInterfaceRecord): Promise<NetworkInterfaceRecord | undefined> =>
  store.read((reader) => reader.get(networkInterfaces, ec2Key(scope, one.id)))

const release = async (one: NetworkInterfaceRecord): Promise<void> => {
  await store.write(async (tx) => {
    const row = await tx.get(networkInterfaces, ec2Key(scope, one.id))
    if (row !== undefined) await tx.put(networkInterfaces, releasedInterface(row))
  })
  await settle()
}

test('a recorded interface is attached to a router that is made for it, with its resolver', async () => {
  const one = await record()
  expect((await find(one))?.status).toEqual({
    state: 'attached',
    namespacePath: `/fake/netns/${one.id}`,
    attachedAt: '2026-01-01T00:00:00.000Z',
  })
  expect([...world.vpcs.keys()]).toEqual([vpc.id])
  expect(services).toEqual(['set 10.0.0.2'])
})

test('a hundred interfaces at once get a hundred addresses and one router', async () => {
  await Promise.all(Array.from({ length: 100 }, () => record()))
  await settle()
  expect(new Set([...world.interfaces.values()].map((plan) => plan.privateIp)).size).toBe(100)
  expect(services).toEqual(['set 10.0.0.2'])
  const rows = await store.read((reader) => reader.list(networkInterfaces))
  expect(rows.every((row) => row.status.state === 'attached')).toBe(true)
})

test('an interface that is no longer wanted is detached and forgotten, and its address rests for a minute', async () => {
  const one = await record()
  await release(one)
  expect(world.interfaces.size).toBe(0)
  expect(await find(one)).toBeUndefined()
  const taken = (): Promise<Set<string>> => store.read((reader) => takenAddresses(reader, subnet, clock.now()))
  expect(await taken()).toEqual(new Set([one.spec.privateIp]))
  await clock.advance(ADDRESS_REST_SECONDS)
  expect(await taken()).toEqual(new Set())
  await release(await record())
  expect(await store.read((reader) => reader.count(releasedAddresses))).toBe(1)
})

test('a new rule and a change of groups reach the network', async () => {
  const one = await record()
  const wish = { protocol: 'tcp', fromPort: 80, toPort: 80, cidrIpv4: '10.0.0.0/8' }
  await store.write((tx) => tx.put(securityGroups, authorized(group, 'ingress', [wish], [], random).group))
  await settle()
  expect(world.vpcs.get(vpc.id)?.securityGroups[0]?.ingress).toContainEqual({
    id: expect.any(String),
    protocol: 'tcp',
    fromPort: 80,
    toPort: 80,
    cidr: '10.0.0.0/8',
  })
  const row = (await find(one))!
  await store.write((tx) => tx.put(networkInterfaces, { ...row, spec: { ...row.spec, securityGroupIds: [] } }))
  await settle()
  expect(world.interfaces.get(one.id)?.securityGroupIds).toEqual([])
})

test('an interface in a group made a moment ago finds the group in the router', async () => {
  await record()
  const fresh = { ...group, id: 'sg-00000000000000001', name: 'fresh' }
  const made = store.write((tx) => tx.put(securityGroups, fresh))
  const one = await record([fresh.id])
  await made
  expect((await find(one))?.status.state).toBe('attached')
})

test('a fault is tried again, and told to the owner when it stays', async () => {
  network.faults.push(new Fault('busy', 'the kernel is busy'))
  const lucky = await record()
  await clock.advance(1)
  expect((await find(lucky))?.status.state).toBe('attached')
  network.faults.push(...Array.from({ length: ATTACH_ATTEMPTS }, () => new Fault('busy', 'the kernel is busy')))
  const unlucky = await record()
  await clock.advance(10)
  expect((await find(unlucky))?.status).toEqual({ state: 'failed', reason: 'the kernel is busy' })
  await release(unlucky)
  expect(await find(unlucky)).toBeUndefined()
})

test('after a crash what is missing is attached and what nobody owns is taken away', async () => {
  const [kept, lost] = [await record(), await record()]
  await stop()
  world.interfaces.delete(lost.id)
  world.interfaces.set('eni-stray', { ...world.interfaces.get(kept.id)!, id: 'eni-stray', privateIp: '10.0.1.200' })
  world.vpcs.set('vpc-stray', { ...world.vpcs.get(vpc.id)!, id: 'vpc-stray' })
  start()
  await settle()
  expect(new Set(world.interfaces.keys())).toEqual(new Set([kept.id, lost.id]))
  expect([...world.vpcs.keys()]).toEqual([vpc.id])
  expect(services).toContain('remove vpc-stray')
})

test('a router that nobody uses is taken away in time, and made again for the next interface', async () => {
  await release(await record())
  expect(world.vpcs.size).toBe(1)
  await clock.advance(RESYNC_SECONDS)
  expect(world.vpcs.size).toBe(0)
  const one = await record()
  expect((await find(one))?.status.state).toBe('attached')
})

test('a router stays while flow logs have to tell of who was there last', async () => {
  await store.write((tx) =>
    tx.put(flowLogs, {
      id: 'fl-1',
      scope,
      resourceId: vpc.id,
      vpcId: vpc.id,
      trafficType: 'ALL',
      destinationType: 'cloud-watch-logs',
      logGroupName: 'flows',
      maxAggregationIntervalSeconds: 60,
      createdAt: clock.now().toISOString(),
      tags: [],
    }),
  )
  const one = await record()
  expect(world.vpcs.get(vpc.id)?.flowLogs).toMatchObject({ blocks: ['10.0.0.0/16'], tcpFlags: false })
  await release(one)
  await clock.advance(RESYNC_SECONDS)
  expect(world.vpcs.size).toBe(1)
  const [departed] = await store.read((reader) => reader.list(departedInterfaces))
  expect(departed).toMatchObject({ vpcId: vpc.id, addresses: [expect.stringMatching(/^10\.0\.1\./)] })
  await store.write((tx) => tx.delete(departedInterfaces, departedInterfaces.key(departed!)))
  await clock.advance(RESYNC_SECONDS)
  expect(world.vpcs.size).toBe(0)
})

test('a deleted VPC takes its router with it', async () => {
  await release(await record())
  await store.write((tx) => tx.delete(vpcs, ec2Key(scope, vpc.id)))
  await settle()
  expect(world.vpcs.size).toBe(0)
})

test('a deletion that comes while an interface is being attached leaves nothing behind', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  network.gate = promise
  const one = await record()
  await release(one)
  expect((await find(one))?.status.state).toBe('pending')
  resolve()
  await settle()
  expect(await find(one)).toBeUndefined()
  expect(world.interfaces.size).toBe(0)
})

test('rows that go without asking leave nothing in the network', async () => {
  const one = await record()
  const { promise, resolve } = Promise.withResolvers<void>()
  network.gate = promise
  const two = await record()
  await store.write(async (tx) => {
    for (const each of [one, two]) await tx.delete(networkInterfaces, ec2Key(scope, each.id))
    await tx.delete(vpcs, ec2Key(scope, vpc.id))
  })
  resolve()
  await settle()
  expect(world.interfaces.size).toBe(0)
  expect(world.vpcs.size).toBe(0)
})

test('an attached interface is not attached again by the regular look', async () => {
  await record()
  const before = network.attachments
  await clock.advance(3 * RESYNC_SECONDS)
  expect(network.attachments).toBe(before)
})
