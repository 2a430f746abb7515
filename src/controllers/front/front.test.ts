// Goal: names on the host's loopback lead to the load balancers that are served, and are told when they change.

import { expect, it } from 'vitest'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { listeners, loadBalancers } from '#apis/elbv2/tables.ts'
import { listenerArn, listenerRuleArn, loadBalancerArn } from '#aws/arn.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { settle, SimulatedClock } from '#base/simulated-clock.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { FrontController } from './controller.ts'
import { frontEntries, relayEntries } from './plan.ts'

const balancer = (name: string, account: string, change: Partial<LoadBalancerRecord> = {}): LoadBalancerRecord => {
  const scope = { partition: 'aws', region: 'eu-west-1', account }
  const id = name.padEnd(16, '0')
  return {
    arn: loadBalancerArn(scope, `app/${name}/${id}`),
    scope,
    name,
    id,
    type: 'application',
    scheme: 'internet-facing',
    vpcId: 'vpc-1',
    dnsName: `${name}-1.eu-west-1.elb.amazonaws.com`,
    createdAt: '2026-01-01T00:00:00Z',
    tags: [],
    spec: { subnets: [], securityGroupIds: [], ipAddressType: 'ipv4', attributes: {}, deleteRequested: false },
    status: { state: 'active', addresses: [], hostAddress: '127.64.0.1' },
    ...change,
  }
}
const listener = (of: LoadBalancerRecord, port: number): ListenerRecord => ({
  arn: listenerArn(of.scope, `app/${of.name}/${of.id}`, String(port)),
  scope: of.scope,
  loadBalancerArn: of.arn,
  id: String(port),
  defaultRuleArn: listenerRuleArn(of.scope, `app/${of.name}/${of.id}`, String(port), 'r'),
  createdAt: '2026-01-01T00:00:00Z',
  tags: [],
  spec: { protocol: 'HTTP', port, certificateArns: [], defaultActions: [], attributes: {} },
})
const web = balancer('Web', '000000000001')
const shop = balancer('shop', '000000000001')
const entry = (name: string, port: number) => ({ name: `${name}.eu-west-1.elb.localhost`, port, address: '127.64.0.1' })

it('each listener has an entry under the name of its load balancer', () => {
  const all = [listener(web, 443), listener(web, 80), listener(shop, 80)]
  expect(frontEntries([web, shop], all)).toEqual([entry('shop', 80), entry('web', 80), entry('web', 443)])
})

it.each<[what: string, of: LoadBalancerRecord]>([
  ['an internal one', balancer('web', '1', { scheme: 'internal' })],
  ['one on its way', balancer('web', '1', { status: { ...web.status, state: 'provisioning' } })],
  ['a deleted one', balancer('web', '1', { spec: { ...web.spec, deleteRequested: true } })],
])('%s has none', (_what, of) => {
  expect(frontEntries([of], [listener(of, 80)])).toEqual([])
})

it('of two accounts’ load balancers of one name, the older has it', () => {
  const later = balancer('web', '000000000000', {
    createdAt: '2026-02-02T00:00:00Z',
    status: { ...web.status, hostAddress: '127.64.0.2' },
  })
  expect(frontEntries([later, web], [listener(later, 80), listener(web, 80)])).toEqual([entry('web', 80)])
})

it('datagrams go to the first zone that is there, at the load balancer’s own address alone', () => {
  const zone = (id: string, privateIp: string) =>
    ({ subnetId: `s-${id}`, availabilityZone: 'a', networkInterfaceId: id, privateIp }) as const
  const of = balancer('dns', '000000000001', {
    type: 'network',
    status: { ...web.status, addresses: [zone('eni-1', '10.0.0.4'), zone('eni-2', '10.0.1.4')] },
  })
  const hears = (port: number, protocol: ListenerRecord['spec']['protocol']): ListenerRecord => {
    const row = listener(of, port)
    return { ...row, spec: { ...row.spec, protocol } }
  }
  const interfaces = [{ id: 'eni-2', status: { state: 'attached', namespacePath: '/run/eni-2' } as const }]
  const all = [hears(53, 'TCP_UDP'), hears(514, 'UDP'), hears(80, 'TCP')]
  const door = { namespacePath: '/run/eni-2', address: '10.0.1.4' }
  const entries = (row: LoadBalancerRecord) => relayEntries([row], all, interfaces)
  expect(entries(of)).toEqual([53, 514].map((port) => ({ address: '127.64.0.1', port, door })))
  expect(entries({ ...of, spec: { ...of.spec, deleteRequested: true } })).toEqual([])
  expect(frontEntries([of], all).map(({ port }) => port)).toEqual([53, 80])
})

it('is told at the start, and then only of what has changed', async () => {
  const store = memoryStore()
  const told: unknown[] = []
  const relayed: unknown[] = []
  const life = new AbortController()
  const sink = {
    setFront: async (entries: readonly unknown[]) => void told.push(entries.length),
    setRelays: async (entries: readonly unknown[]) => void relayed.push(entries.length),
  }
  const options = { store, sink, clock: new SimulatedClock(), random: seededRandom(1), log: silentLog }
  const running = new FrontController(options).run(life.signal)
  await settle()
  await store.write(async (tx) => {
    await tx.put(loadBalancers, web)
    await tx.put(listeners, listener(web, 80))
  })
  await settle()
  await store.write((tx) => tx.put(loadBalancers, { ...web, tags: [{ Key: 'a', Value: 'b' }] }))
  await settle()
  life.abort()
  await running
  expect(told).toEqual([0, 1])
  expect(relayed).toEqual([0])
})
