// VPC endpoints with real packets: who reaches the API through one, under which names, and that nothing stays of it.

import '#network/linux/private-host.ts'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { runToEnd } from '#base/run.ts'
import { EdgeClient } from '#dataplane/edge/edge-client.ts'
import { vpcServicesOf } from '#edge-services.ts'
import { vpcWorld } from '#test/vpc-world.ts'

const PATIENCE = { timeout: 20_000 }
const NAME = 'ecs.eu-west-1.amazonaws.com'

const world = vpcWorld('endpoints', { clock: systemClock })
const { ask, runDir } = world
const edge = new EdgeClient(
  { runDir, instance: `e${process.pid}`, clock: systemClock, log: silentLog, egress: false },
  { vpcs: [], interfaces: [] },
)
let api: Server
let vpcId: string
let subnetId: string

beforeAll(async () => {
  // Stands for the API: what matters is who reaches it, and that it hears which name was asked for.
  api = createServer((request, response) => response.end(`the API as ${request.headers.host}`))
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  world.start(vpcServicesOf(edge, runDir, (api.address() as AddressInfo).port))
  ;({ vpcId, subnetId } = await world.vpc())
  await ask('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } })
})

afterAll(async () => {
  await edge.shutDown()
  api.close()
  await world.close()
})

const asked = (one: NetworkInterfaceRecord, host: string): Promise<string> =>
  world.inside(one, 'curl', '-s', '-m', '2', '--noproxy', '*', `http://${host}/`)
/** The address that a task's resolver gives for a name. */
const lookedUp = async (one: NetworkInterfaceRecord, name: string): Promise<string | undefined> => {
  const text = await world.inside(one, 'busybox', 'nslookup', '-type=a', name, '169.254.169.253')
  return /Address: (10\.0\.\S+)\s*$/m.exec(text)?.[1]
}
const endpoint = async (id: string) => (await ask('DescribeVpcEndpoints', { VpcEndpointIds: [id] })).VpcEndpoints![0]!

it('answers with the API to whom its groups let in, under the name of the service, until it is deleted', async () => {
  const clients = await world.group(vpcId, 'clients')
  const strangers = await world.group(vpcId, 'strangers')
  const own = await world.group(vpcId, 'endpoint')
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: clients }] }]
  await ask('AuthorizeSecurityGroupIngress', { GroupId: own, IpPermissions })
  const [client, stranger] = [await world.attached(subnetId, [clients]), await world.attached(subnetId, [strangers])]
  expect(await lookedUp(client, NAME)).toBeUndefined()

  const made = await ask('CreateVpcEndpoint', {
    VpcId: vpcId,
    VpcEndpointType: 'Interface',
    ServiceName: 'com.amazonaws.eu-west-1.ecs',
    SubnetIds: [subnetId],
    SecurityGroupIds: [own],
  })
  const id = made.VpcEndpoint!.VpcEndpointId!
  await expect.poll(async () => (await endpoint(id)).State, PATIENCE).toBe('available')
  const [interfaceId = ''] = (await endpoint(id)).NetworkInterfaceIds!
  const shown = await ask('DescribeNetworkInterfaces', { NetworkInterfaceIds: [interfaceId] })
  expect(shown.NetworkInterfaces).toMatchObject([
    {
      Description: `VPC Endpoint Interface ${id}`,
      InterfaceType: 'vpc_endpoint',
      RequesterManaged: true,
      Status: 'in-use',
      SubnetId: subnetId,
      Groups: [{ GroupId: own }],
    },
  ])
  const address = shown.NetworkInterfaces![0]!.PrivateIpAddress!
  await expect.poll(() => lookedUp(client, NAME), PATIENCE).toBe(address)
  const names = (await endpoint(id)).DnsEntries!.map(({ DnsName = '' }) => DnsName)
  expect(names).toHaveLength(3)
  for (const name of names) expect(await lookedUp(client, name)).toBe(address)

  await expect.poll(() => asked(client, address), PATIENCE).toBe(`the API as ${address}`)
  // The way a task's own resolver would lead it.
  const resolved = `--resolve ${NAME}:80:${address}`.split(' ')
  const byName = await world.inside(client, 'curl', '-s', '-m', '2', '--noproxy', '*', ...resolved, `http://${NAME}/`)
  expect(byName).toBe(`the API as ${NAME}`)
  expect(await asked(stranger, address)).toBe('')

  // Another group, another client.
  await ask('AuthorizeSecurityGroupIngress', {
    GroupId: own,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: strangers }] }],
  })
  await expect.poll(() => asked(stranger, address), PATIENCE).toBe(`the API as ${address}`)

  // A server that begins anew finds the edge serving, and leaves it so.
  await world.stop()
  expect(await asked(client, address)).toBe(`the API as ${address}`)
  world.start(vpcServicesOf(edge, runDir, (api.address() as AddressInfo).port))
  await expect.poll(() => asked(client, address), PATIENCE).toBe(`the API as ${address}`)

  await ask('DeleteVpcEndpoints', { VpcEndpointIds: [id] })
  await expect.poll(() => world.row(interfaceId), PATIENCE).toBeUndefined()
  await expect.poll(() => lookedUp(client, NAME), PATIENCE).toBeUndefined()
  expect(await asked(client, address)).toBe('')
  expect(existsSync(join(runDir, 'netns', interfaceId))).toBe(false)
  const log = await runToEnd('grep', ['-c', '"level":"bug"', join(runDir, 'edge.log')])
  expect(log.stdout.trim()).toBe('0')
})
