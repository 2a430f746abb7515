// Flow logs from CreateFlowLogs to `aws logs filter-log-events`, with real packets, in simulated time.

import '#network/linux/private-host.ts'
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ec2 } from '#apis/ec2/index.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { logs } from '#apis/logs/index.ts'
import { run } from '#base/run.ts'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { datagramSocket } from '#linux/network-socket.ts'
import { ACCOUNT, started, type Started } from '#test/api-server.ts'
import { vpcWorld } from '#test/vpc-world.ts'
import { FlowLogController } from './controller.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: ACCOUNT }
const world = vpcWorld('flow-logs', { scope })
const { call, ask, runDir } = world
const clock = call.clock as SimulatedClock
let server: Started
let vpcId: string
let subnetId: string

const collector = (): FlowLogController =>
  new FlowLogController({ store: call.store, logs: call.logs, network: world.network, clock, log: call.log })

beforeAll(async () => {
  world.start()
  server = await started([ec2, logs], { ...call, auth: 'off', account: ACCOUNT, modelFolders: [] })
  ;({ vpcId, subnetId } = await world.vpc())
  await ask('CreateFlowLogs', {
    ResourceType: 'VPC',
    ResourceIds: [vpcId],
    TrafficType: 'ALL',
    LogGroupName: '/vpc/flows',
    DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flows',
    MaxAggregationInterval: 60,
  })
  await ask('CreateFlowLogs', {
    ResourceType: 'Subnet',
    ResourceIds: [subnetId],
    TrafficType: 'REJECT',
    LogGroupName: 'refused',
    DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flows',
    MaxAggregationInterval: 60,
    LogFormat: '${interface-id} ${flow-direction} ${srcaddr} ${dstport} ${packets}',
  })
})

afterAll(async () => {
  await server.close()
  await world.close()
})

/** Datagrams of five bytes from port 5000; nobody has to listen. */
const sent = async (from: NetworkInterfaceRecord, to: NetworkInterfaceRecord, ports: readonly number[]) => {
  const socket = createSocket('udp4')
  // A refused datagram is an answer like silence.
  socket.on('error', () => {})
  const fd = datagramSocket(from.status.namespacePath!, '0.0.0.0', 5000)
  await new Promise<void>((done) => socket.bind({ fd }, done))
  for (const port of ports) {
    await new Promise<void>((done) => socket.send('hello', port, to.spec.privateIp, () => done()))
  }
  socket.close()
}

/** What the AWS CLI finds in a log group, with interfaces and addresses named. */
const found = async (logGroup: string, names: Readonly<Record<string, NetworkInterfaceRecord>>): Promise<string[]> => {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: runDir,
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDTEST',
    AWS_SECRET_ACCESS_KEY: 'anything',
    AWS_DEFAULT_REGION: scope.region,
    AWS_PAGER: '',
  }
  const args = ['logs', 'filter-log-events', '--log-group-name', logGroup, '--output', 'json']
  const { events } = JSON.parse(await run('aws', args, { env, timeoutSeconds: 60 })) as {
    events: { message: string; logStreamName: string }[]
  }
  const text = events.map(({ message, logStreamName }) => `${logStreamName}| ${message}`).join('\n')
  const named = Object.entries(names).reduce(
    (before, [name, { id, spec }]) => before.replaceAll(id, name).replaceAll(`${spec.privateIp} `, `${name}:ip `),
    text,
  )
  return named
    .split('\n')
    .filter((line) => !line.includes(' 0 0 1 '))
    .toSorted()
}

it('writes ACCEPT and REJECT with the right counts, for the living and the gone, across a restart', async () => {
  const [open, shut] = [await world.group(vpcId, 'open', [80]), await world.group(vpcId, 'shut')]
  const [a, b] = [await world.attached(subnetId, [shut]), await world.attached(subnetId, [open])]
  await sent(a, b, [80, 80, 81])
  // While the server is away, and when it writes its filter anew, the kernel counts on.
  await world.stop()
  await sent(b, a, [80])
  world.start()
  await clock.advance(20)
  await world.detached(a)
  await clock.advance(40)
  await collector().collect()
  const times = '1767225600 1767225660'
  expect(await found('/vpc/flows', { a, b })).toEqual([
    `a-all| 2 ${ACCOUNT} a a:ip b:ip 5000 80 17 2 66 1767225600 1767225620 ACCEPT OK`,
    `a-all| 2 ${ACCOUNT} a a:ip b:ip 5000 81 17 1 33 1767225600 1767225620 ACCEPT OK`,
    `a-all| 2 ${ACCOUNT} a b:ip a:ip 5000 80 17 1 33 1767225600 1767225620 REJECT OK`,
    `b-all| 2 ${ACCOUNT} b a:ip b:ip 5000 80 17 2 66 ${times} ACCEPT OK`,
    `b-all| 2 ${ACCOUNT} b a:ip b:ip 5000 81 17 1 33 ${times} REJECT OK`,
    `b-all| 2 ${ACCOUNT} b b:ip a:ip 5000 80 17 1 33 ${times} ACCEPT OK`,
  ])
  expect(await found('refused', { a, b })).toEqual(['a-reject| a ingress b:ip 80 1', 'b-reject| b ingress a:ip 81 1'])
})

it('writes that there was nothing, and stops counting with the last flow log', async () => {
  const b = await world.attached(subnetId, [await world.group(vpcId, 'other')])
  await clock.advance(60)
  await collector().collect()
  expect((await found('refused', { b })).filter((line) => line.startsWith('b-'))).toEqual(['b-reject| b - - - -'])
  const { FlowLogs } = await ask('DescribeFlowLogs', {})
  await ask('DeleteFlowLogs', { FlowLogIds: FlowLogs!.map(({ FlowLogId }) => FlowLogId!) })
  const vpcPath = join(runDir, 'netns', b.spec.vpcId)
  const tables = (): Promise<string> => run('nsenter', [`--net=${vpcPath}`, 'nft', 'list', 'tables'])
  await expect.poll(tables, { timeout: 10_000 }).toBe('table inet vpc\n')
})
