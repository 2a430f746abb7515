// Flow logs in simulated time, with flows that a test says there were: which lines are written, when, and how often.

import type * as sdk from '@aws-sdk/client-ec2'
import { beforeEach, expect, it } from 'vitest'
import { ec2 } from '#apis/ec2/index.ts'
import { isRefused, plannedInterface } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { departedInterfaces, ec2Key, interfaceDeparts, networkInterfaces, subnets } from '#apis/ec2/tables.ts'
import { logGroupNamed, logStreamsOf } from '#apis/logs/tables.ts'
import type { Call, Operations } from '#aws/operation.ts'
import { Fault } from '#base/fault.ts'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { FakeFlowCounter } from '#network/fake/fake-flow-counter.ts'
import { FakeNetwork } from '#network/fake/fake-network.ts'
import type { CountedFlow } from '#network/flow-counter.ts'
import { asking, testCall } from '#test/call.ts'
import { FlowLogController } from './controller.ts'

let call: Call
let clock: SimulatedClock
let counter: FakeFlowCounter
let network: FakeNetwork
let controller: FlowLogController
let vpcId: string
let subnetId: string
const ask = asking<Operations<typeof sdk>>(ec2, () => call)

const opened = (parts: Partial<ConstructorParameters<typeof FlowLogController>[0]> = {}): FlowLogController =>
  new FlowLogController({ store: call.store, logs: call.logs, network, clock, log: call.log, ...parts })

/** 2026-01-01T00:00:00Z */
const START = 1_767_225_600

beforeEach(async () => {
  call = testCall()
  clock = call.clock as SimulatedClock
  counter = new FakeFlowCounter()
  network = new FakeNetwork({}, { vpcs: new Map(), interfaces: new Map(), flows: counter })
  controller = opened()
  vpcId = (await ask('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!
  subnetId = (await ask('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0/24' })).Subnet!.SubnetId!
  await network.applyVpc({
    id: vpcId,
    cidrs: ['10.0.0.0/16'],
    subnets: [],
    securityGroups: [],
    flowLogs: { blocks: ['10.0.0.0/16'], tcpFlags: true, sinceSeconds: START },
  })
})

const attached = async (privateIp: string, ownerArn?: string): Promise<NetworkInterfaceRecord> => {
  const subnet = (await call.store.read((reader) => reader.get(subnets, ec2Key(call.scope, subnetId))))!
  const now = clock.now()
  const made = plannedInterface({
    scope: call.scope,
    subnet,
    taken: new Set(),
    privateIp,
    securityGroupIds: [],
    assignPublicIp: false,
    ...(ownerArn === undefined ? {} : { ownerArn }),
    description: '',
    now,
    random: call.random,
  })
  if (isRefused(made)) throw new Error(made.message)
  const row: NetworkInterfaceRecord = { ...made, status: { state: 'attached', attachedAt: now.toISOString() } }
  await call.store.write((tx) => tx.put(networkInterfaces, row))
  return row
}

const logged = async (more: Partial<Parameters<typeof ask<'CreateFlowLogs'>>[1]> = {}): Promise<void> => {
  await ask('CreateFlowLogs', {
    ResourceType: 'VPC',
    ResourceIds: [vpcId],
    TrafficType: 'ALL',
    LogGroupName: 'flows',
    DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flows',
    MaxAggregationInterval: 60,
    ...more,
  })
}

const flow = (more: Partial<CountedFlow> = {}): CountedFlow => ({
  verdict: 'accepted',
  source: '10.0.1.10',
  destination: '10.0.1.11',
  protocol: 6,
  sourcePort: 40_000,
  destinationPort: 80,
  packets: 5,
  bytes: 300,
  tcpFlags: 3,
  ...more,
})

const minute = async (collector = controller): Promise<void> => {
  await clock.advance(60)
  await collector.collect()
}

/** By stream, the ids of interfaces written as a, b, …; without what is the same in every line. */
const lines = async (names: Readonly<Record<string, NetworkInterfaceRecord>>, group = 'flows'): Promise<string[]> => {
  const streams = await call.store.read((reader) => logStreamsOf(reader, call.scope, group))
  const { account, region } = call.scope
  const found: string[] = []
  for (const { name: stream } of streams) {
    const events = await call.logs.read({ account, region, group, stream }, { limit: 100, direction: 'forward' })
    found.push(...events.map(({ message }) => `${stream.replace(/^.*-/, '')}: ${message}`))
  }
  const named = Object.entries(names).reduce((texts, [name, { id }]) => texts.replaceAll(id, name), found.join('\n'))
  return named.split('\n').map((line) => line.replace(' 123456789012 ', ' ').replaceAll(String(START).slice(0, 7), '…'))
}

it('tells what each interface saw of a flow: what leaves one arrives at the other, or is refused there', async () => {
  const [a, b] = [await attached('10.0.1.10'), await attached('10.0.1.11')]
  await logged()
  counter.count(vpcId, flow())
  counter.count(vpcId, flow({ source: '10.0.1.11', destination: '10.0.1.10', sourcePort: 80, destinationPort: 40_000 }))
  counter.count(vpcId, flow({ verdict: 'refused-by-receiver', destinationPort: 81, packets: 1, bytes: 60 }))
  counter.count(vpcId, flow({ verdict: 'refused-by-sender', destination: '192.0.2.1', packets: 2, bytes: 120 }))
  counter.count(vpcId, flow({ source: '203.0.113.9', sourcePort: 5, destination: '10.0.1.11', packets: 1, bytes: 50 }))
  await minute()
  expect((await lines({ a, b })).toSorted()).toEqual([
    'all: 2 a 10.0.1.10 10.0.1.11 40000 80 6 5 300 …600 …660 ACCEPT OK',
    'all: 2 a 10.0.1.10 10.0.1.11 40000 81 6 1 60 …600 …660 ACCEPT OK',
    'all: 2 a 10.0.1.10 192.0.2.1 40000 80 6 2 120 …600 …660 REJECT OK',
    'all: 2 a 10.0.1.11 10.0.1.10 80 40000 6 5 300 …600 …660 ACCEPT OK',
    'all: 2 b 10.0.1.10 10.0.1.11 40000 80 6 5 300 …600 …660 ACCEPT OK',
    'all: 2 b 10.0.1.10 10.0.1.11 40000 81 6 1 60 …600 …660 REJECT OK',
    'all: 2 b 10.0.1.11 10.0.1.10 80 40000 6 5 300 …600 …660 ACCEPT OK',
    'all: 2 b 203.0.113.9 10.0.1.11 5 80 6 1 50 …600 …660 ACCEPT OK',
  ])
  expect((await ask('DescribeFlowLogs', {})).FlowLogs).toMatchObject([{ DeliverLogsStatus: 'SUCCESS' }])
  expect(await call.store.read((reader) => logGroupNamed(reader, call.scope, 'flows'))).toBeDefined()
})

it('says so when there was nothing, and when not all was counted', async () => {
  const [a, b] = [await attached('10.0.1.10'), await attached('10.0.1.11')]
  await logged()
  await logged({ TrafficType: 'REJECT' })
  counter.count(vpcId, flow({ destination: '10.0.1.99' }))
  counter.overflow(vpcId, '10.0.1.11')
  await minute()
  expect((await lines({ a, b })).toSorted()).toEqual([
    'all: 2 a 10.0.1.10 10.0.1.99 40000 80 6 5 300 …600 …660 ACCEPT OK',
    'all: 2 b - - - - - - - …600 …660 - SKIPDATA',
    'reject: 2 a - - - - - - - …600 …660 - NODATA',
    'reject: 2 b - - - - - - - …600 …660 - SKIPDATA',
  ])
})

it('writes the fields that a format names, with the highest of their versions', async () => {
  const task = 'arn:aws:ecs:eu-west-1:123456789012:task/web/0123'
  const a = await attached('10.0.1.10', task)
  await logged({
    ResourceType: 'NetworkInterface',
    ResourceIds: [a.id],
    LogFormat:
      '${flow-direction} ${version} ${vpc-id} ${subnet-id} ${tcp-flags} ${type} ${pkt-dstaddr} ${az-id} ' +
      '${instance-id} ${traffic-path} ${action}',
  })
  await logged({ LogGroupName: 'tasks', LogFormat: '${ecs-task-id} ${ecs-cluster-name} ${ecs-task-arn} ${version}' })
  counter.count(vpcId, flow({ destination: '198.51.100.1' }))
  await minute()
  expect(await lines({ a })).toEqual([`all: egress 5 ${vpcId} ${subnetId} 3 IPv4 198.51.100.1 euw1-az1 - 1 ACCEPT`])
  expect(await lines({ a }, 'tasks')).toEqual([`all: 0123 web ${task} 7`.replace(' 123456789012 ', ' ')])
})

it('adds up ten minutes where that is asked for, and keeps them in the kernel until then', async () => {
  const a = await attached('10.0.1.10')
  await logged({ MaxAggregationInterval: 600 })
  for (let minutes = 0; minutes < 9; minutes++) {
    counter.count(vpcId, flow({ packets: 1, bytes: 100, tcpFlags: minutes === 0 ? 2 : 1 }))
    await minute()
  }
  expect(await lines({ a })).toEqual([''])
  // As after a kill -9: nothing was remembered but by the kernel.
  await minute(opened())
  expect(await lines({ a })).toEqual([
    'all: 2 a 10.0.1.10 10.0.1.11 40000 80 6 9 900 …600 …200 ACCEPT OK'.replace('…200', '1767226200'),
  ])
  expect(await network.endFlowSpan(vpcId, clock.now())).toEqual([])
})

it('writes nothing twice when it dies before it could forget, and loses nothing to a log store that refuses', async () => {
  const a = await attached('10.0.1.10')
  await logged()
  counter.count(vpcId, flow())
  const dying = opened({
    network: {
      endFlowSpan: (id, now) => network.endFlowSpan(id, now),
      flowCounts: (id, span) => network.flowCounts(id, span),
      forgetFlowSpan: async () => {
        throw new Fault('failed', 'killed')
      },
    },
  })
  await minute(dying)
  counter.count(vpcId, flow({ packets: 7 }))
  const full = opened({
    logs: { ...call.logs, append: async () => Promise.reject(new Fault('no-space', 'disk full')) },
  })
  await minute(full)
  expect((await ask('DescribeFlowLogs', {})).FlowLogs).toMatchObject([
    { DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: 'Unknown error' },
  ])
  await minute()
  expect(await lines({ a })).toEqual([
    'all: 2 a 10.0.1.10 10.0.1.11 40000 80 6 5 300 …600 …660 ACCEPT OK',
    'all: 2 a 10.0.1.10 10.0.1.11 40000 80 6 7 300 …660 …720 ACCEPT OK',
    'all: 2 a - - - - - - - …720 …780 - NODATA',
  ])
  expect((await ask('DescribeFlowLogs', {})).FlowLogs![0]).not.toHaveProperty('DeliverLogsErrorMessage')
})

it('tells of an interface that has gone meanwhile, for as long as it was there', async () => {
  const a = await attached('10.0.1.10')
  await logged()
  counter.count(vpcId, flow())
  await clock.advance(20)
  await call.store.write(async (tx) => {
    await tx.delete(networkInterfaces, networkInterfaces.key(a))
    await interfaceDeparts(tx, a, clock.now())
  })
  await clock.advance(40)
  await controller.collect()
  await minute()
  expect(await lines({ a })).toEqual(['all: 2 a 10.0.1.10 10.0.1.11 40000 80 6 5 300 …600 …620 ACCEPT OK'])
  for (let minutes = 0; minutes < 31; minutes++) await minute()
  expect(await call.store.read((reader) => reader.list(departedInterfaces))).toEqual([])
})

it('forgets the flow logs of an interface with it', async () => {
  const a = await attached('10.0.1.10')
  await logged({ ResourceType: 'NetworkInterface', ResourceIds: [a.id] })
  await call.store.write((tx) => interfaceDeparts(tx, a, clock.now()))
  expect((await ask('DescribeFlowLogs', {})).FlowLogs).toEqual([])
})

it('works at every full minute until it is stopped', async () => {
  const a = await attached('10.0.1.10')
  await logged()
  const life = new AbortController()
  const running = controller.run(life.signal)
  counter.count(vpcId, flow())
  await clock.advance(59)
  expect(await lines({ a })).toEqual([''])
  await clock.advance(121)
  expect(await lines({ a })).toHaveLength(3)
  life.abort()
  await running
})
