// Goal: what is recorded of a load balancer becomes what it does, and how its targets are is recorded in AWS's words.
// Method: rows as the operations write them, a fake balancer and network, simulated time.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addresses, ec2Key, networkInterfaces, subnets, vpcs } from '#apis/ec2/tables.ts'
import type { ForwardAction } from '#apis/elbv2/model/action.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { HEALTH, type TargetRecord } from '#apis/elbv2/model/target.ts'
import { listeners, loadBalancers, targetGroups, targetKey, targets } from '#apis/elbv2/tables.ts'
import { listenerArn, loadBalancerArn, targetGroupArn } from '#aws/arn.ts'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { settle, SimulatedClock } from '#base/simulated-clock.ts'
import { FakeBalancer } from '#dataplane/balancer/fake/fake-balancer.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { BALANCER_PATH, balancerRow, CREATED_AT, groupRow, listenerRow, SCOPE, targetRow } from '#test/balancer/rows.ts'
import { LoadBalancerController } from './controller.ts'

let store: Store
let clock: SimulatedClock
let balancer: FakeBalancer
let life: AbortController

const start = (): void => {
  life = new AbortController()
  const options = {
    store,
    balancer,
    clock,
    random: seededRandom(1),
    log: silentLog,
  }
  void new LoadBalancerController(options).run(life.signal)
}

/** As the network-interface controller does it. */
const attachAll = async (): Promise<void> => {
  await store.write(async (tx) => {
    for (const row of await tx.list(networkInterfaces)) {
      if (row.spec.deleteRequested) await tx.delete(networkInterfaces, networkInterfaces.key(row))
      else if (row.status.state !== 'attached') {
        await tx.put(networkInterfaces, {
          ...row,
          status: { state: 'attached', namespacePath: `/run/${row.id}`, attachedAt: CREATED_AT },
        })
      }
    }
  })
  await settle()
}

const row = () => store.read((reader) => reader.get(loadBalancers, balancerRow.arn))
const healthOf = async (id: string) =>
  (await store.read((reader) => reader.get(targets, targetKey(targetRow(id)))))?.status
const plan = () => balancer.plans.get('app-web-0123456789abcdef')

beforeEach(async () => {
  store = memoryStore()
  clock = new SimulatedClock()
  balancer = new FakeBalancer()
  await store.write(async (tx) => {
    await tx.put(vpcs, {
      id: 'vpc-1',
      scope: SCOPE,
      cidrs: ['10.0.0.0/16'],
      isDefault: false,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: [],
    })
    for (const [index, zone] of ['a', 'b'].entries()) {
      await tx.put(subnets, {
        id: `subnet-${zone}`,
        scope: SCOPE,
        vpcId: 'vpc-1',
        cidr: `10.0.${index}.0/24`,
        availabilityZone: `eu-west-1${zone}`,
        mapPublicIpOnLaunch: false,
        defaultForAz: false,
        tags: [],
      })
    }
    await tx.put(loadBalancers, balancerRow)
    await tx.put(targetGroups, groupRow)
    await tx.put(listeners, listenerRow)
    await tx.put(targets, targetRow('10.0.0.9'))
  })
  start()
  await settle()
})
afterEach(() => life.abort())

describe('a load balancer', () => {
  it('has an interface in each of its subnets, shown as ELB’s, and is active once it serves from them', async () => {
    expect((await row())?.status.state).toBe('provisioning')
    const interfaces = await store.read((reader) => reader.list(networkInterfaces))
    expect(interfaces.map(({ spec }) => spec.subnetId).toSorted()).toEqual(['subnet-a', 'subnet-b'])
    for (const { spec } of interfaces) {
      expect(spec).toMatchObject({
        description: 'ELB app/web/0123456789abcdef',
        requesterId: 'amazon-elb',
        securityGroupIds: ['sg-1'],
      })
      expect(spec.publicIp).toMatch(/^198\.1[89]\./)
    }
    await attachAll()
    const { status } = (await row())!
    expect(status.state).toBe('active')
    expect(status.hostAddress).toMatch(/^127\./)
    expect(plan()?.doors.map(({ address }) => address)).toEqual(status.addresses.map(({ privateIp }) => privateIp))
    expect(plan()?.listeners).toMatchObject([
      { port: 80, protocol: 'HTTP', rules: [{ conditions: [], action: { do: 'forward', groups: [{ weight: 1 }] } }] },
    ])
  })

  it.each(['UDP', 'TCP_UDP'] as const)('of %s is told its listener, group and targets', async (protocol) => {
    await store.write(async (tx) => {
      await tx.put(loadBalancers, { ...balancerRow, type: 'network' })
      const [action] = listenerRow.spec.defaultActions
      const defaultActions = [{ ...(action as ForwardAction), stickiness: { enabled: true } }]
      await tx.put(listeners, { ...listenerRow, spec: { ...listenerRow.spec, protocol, port: 53, defaultActions } })
      const { protocolVersion: _, ...group } = groupRow
      const healthCheck = { ...groupRow.spec.healthCheck, protocol: 'TCP', port: 8080 } as const
      await tx.put(targetGroups, { ...group, protocol, port: 53, spec: { ...group.spec, healthCheck } })
    })
    await settle()
    await attachAll()
    const told = balancer.plans.get('net-web-0123456789abcdef')
    expect(told?.listeners[0]?.rules[0]?.action).toHaveProperty('stickySeconds')
    expect(told?.listeners).toMatchObject([
      { port: 53, protocol, rules: [{ conditions: [], action: { do: 'forward', groups: [{ id: groupRow.id }] } }] },
    ])
    expect(told?.groups).toMatchObject([
      { protocol, healthCheck: { protocol: 'TCP', port: 8080 }, targets: [{ address: '10.0.0.9', port: 80 }] },
    ])
    expect((await healthOf('10.0.0.9'))?.state).toBe('healthy')
  })

  it('in front of an application load balancer sends to each of its addresses, also when those change', async () => {
    await attachAll()
    const arn = loadBalancerArn(SCOPE, 'net/front/fedcba9876543210')
    const [first, second] = (await row())!.status.addresses.map(({ privateIp }) => privateIp)
    const group = { ...groupRow, arn: targetGroupArn(SCOPE, 'webs', '1'.repeat(16)), id: '1'.repeat(16), name: 'webs' }
    const { availabilityZone: _, ...target } = targetRow(balancerRow.arn)
    const aimed: TargetRecord = { ...target, targetGroupArn: group.arn }
    await store.write(async (tx) => {
      await tx.put(loadBalancers, { ...balancerRow, arn, name: 'front', id: 'fedcba9876543210', type: 'network' })
      await tx.put(targetGroups, { ...group, targetType: 'alb', protocol: 'TCP' })
      const spec = {
        ...listenerRow.spec,
        protocol: 'TCP' as const,
        defaultActions: [{ type: 'forward' as const, targetGroups: [{ arn: group.arn, weight: 1 }] }],
      }
      const listener = listenerArn(SCOPE, 'net/front/fedcba9876543210', '2'.repeat(16))
      await tx.put(listeners, { ...listenerRow, arn: listener, loadBalancerArn: arn, id: '2'.repeat(16), spec })
      await tx.put(targets, aimed)
    })
    await settle()
    await attachAll()
    const sentTo = () =>
      balancer.plans.get('net-front-fedcba9876543210')?.groups[0]?.targets.map(({ address, port }) => [address, port])
    expect(sentTo()).toEqual([
      [first, 80],
      [second, 80],
    ])
    const state = async () => (await store.read((reader) => reader.get(targets, targetKey(aimed))))?.status.state
    expect(await state()).toBe('healthy')
    balancer.script(`${first}:80`, { health: 'unhealthy', failure: { why: 'refused' } })
    await settle()
    expect(await state()).toBe('healthy')
    balancer.script(`${second}:80`, { health: 'unhealthy', failure: { why: 'refused' } })
    await settle()
    expect(await state()).toBe('unhealthy')
    await store.write(async (tx) => {
      const current = (await tx.get(loadBalancers, balancerRow.arn))!
      const spec = { ...current.spec, subnets: [balancerRow.spec.subnets[1]!] }
      await tx.put(loadBalancers, { ...current, spec })
    })
    await settle()
    expect(sentTo()).toEqual([[second, 80]])
  })

  it('holds the elastic address that it asks for while it is there, and only one that is free', async () => {
    const allocation = { id: 'eipalloc-1', scope: SCOPE, publicIp: '198.19.1.2', tags: [] }
    const wish = { subnetId: 'subnet-a', availabilityZone: 'eu-west-1a', allocationId: allocation.id }
    const net = (name: string): LoadBalancerRecord => ({
      ...balancerRow,
      arn: loadBalancerArn(SCOPE, `net/${name}/0123456789abcdef`),
      name,
      type: 'network',
      spec: { ...balancerRow.spec, subnets: [wish] },
    })
    const held = () => store.read((reader) => reader.get(addresses, ec2Key(SCOPE, allocation.id)))
    const found = (name: string) => store.read((reader) => reader.get(loadBalancers, net(name).arn))
    await store.write(async (tx) => {
      await tx.put(addresses, allocation)
      await tx.put(loadBalancers, net('one'))
    })
    await settle()
    await attachAll()
    const one = (await found('one'))!
    expect(one.status).toMatchObject({ state: 'active', addresses: [{ publicIp: '198.19.1.2' }] })
    expect((await held())?.networkInterfaceId).toBe(one.status.addresses[0]?.networkInterfaceId)
    await store.write((tx) => tx.put(loadBalancers, net('two')))
    await settle()
    expect((await found('two'))?.status).toMatchObject({
      state: 'failed',
      reason: 'The address eipalloc-1 is not available for use',
    })
    await store.write(async (tx) => {
      for (const name of ['one', 'two']) {
        const current = (await tx.get(loadBalancers, net(name).arn))!
        await tx.put(loadBalancers, { ...current, spec: { ...current.spec, deleteRequested: true } })
      }
    })
    await settle()
    await attachAll()
    expect(await held()).toEqual(allocation)
  })

  it('gives an interface back when it leaves a subnet, and all when it is deleted', async () => {
    await attachAll()
    await store.write(async (tx) => {
      const current = (await tx.get(loadBalancers, balancerRow.arn))!
      await tx.put(loadBalancers, {
        ...current,
        spec: { ...current.spec, subnets: [balancerRow.spec.subnets[1]!], securityGroupIds: ['sg-2'] },
      })
    })
    await settle()
    await attachAll()
    const [left, ...none] = await store.read((reader) => reader.list(networkInterfaces))
    expect(none).toEqual([])
    expect(left?.spec).toMatchObject({ subnetId: 'subnet-b', securityGroupIds: ['sg-2'] })
    await store.write(async (tx) => {
      const current = (await tx.get(loadBalancers, balancerRow.arn))!
      await tx.put(loadBalancers, { ...current, spec: { ...current.spec, deleteRequested: true } })
    })
    await settle()
    await attachAll()
    expect(await row()).toBeUndefined()
    expect(balancer.plans.size).toBe(0)
    expect(await store.read((reader) => reader.list(networkInterfaces))).toEqual([])
  })

  it.each(['instance', 'lambda'] as const)('serves with a group of type %s, which has no target here', async (type) => {
    await attachAll()
    const arn = targetGroupArn(SCOPE, 'other', 'cccccccccccccccc')
    await store.write(async (tx) => {
      const { protocol, port: _, ...group } = groupRow
      await tx.put(targetGroups, {
        ...group,
        ...(type === 'instance' ? { protocol: protocol! } : {}),
        arn,
        id: 'cccccccccccccccc',
        targetType: type,
      })
      const defaultActions = [{ type: 'forward' as const, targetGroups: [{ arn, weight: 1 }] }]
      await tx.put(listeners, {
        ...listenerRow,
        arn: listenerArn(SCOPE, BALANCER_PATH, 'dddddddddddddddd'),
        id: 'dddddddddddddddd',
        spec: { ...listenerRow.spec, port: 81, defaultActions },
      })
    })
    await settle()
    expect(plan()?.listeners.map(({ port }) => port)).toEqual([80, 81])
    expect(await balancer.answer('app-web-0123456789abcdef', { port: 80, path: '/' })).toMatchObject({ status: 200 })
    expect(await balancer.answer('app-web-0123456789abcdef', { port: 81, path: '/' })).toMatchObject({ status: 503 })
  })

  it('that has never served is failed, however often it is tried, until it serves', async () => {
    const apply = balancer.apply.bind(balancer)
    let tries = 0
    balancer.apply = async () => {
      throw new Fault('failed', `[${++tries}] no`)
    }
    await attachAll()
    await clock.advance(600)
    expect(tries).toBeGreaterThan(1)
    expect((await row())?.status).toMatchObject({ state: 'failed', reason: expect.stringContaining('no') })
    balancer.apply = apply
    await clock.advance(60)
    expect((await row())?.status).toMatchObject({ state: 'active' })
  })

  it('that cannot be told its plan says why, and is tried ever less often', async () => {
    await attachAll()
    const apply = balancer.apply.bind(balancer)
    let tries = 0
    balancer.apply = async () => {
      tries += 1
      // As of a program whose messages begin with its process id.
      throw new Fault('invalid', `[${tries}] no`)
    }
    await store.write((tx) => tx.put(listeners, { ...listenerRow, spec: { ...listenerRow.spec, port: 81 } }))
    await settle()
    // The listener's and its group's change; not the records of the failures.
    expect(tries).toBeLessThanOrEqual(2)
    expect((await row())?.status).toMatchObject({ state: 'active_impaired', reason: expect.stringContaining('no') })
    await clock.advance(600)
    tries = 0
    await clock.advance(600)
    expect(tries).toBeLessThanOrEqual(40)
    balancer.apply = apply
    await clock.advance(60)
    expect((await row())?.status).toMatchObject({ state: 'active' })
    expect((await row())?.status.reason).toBeUndefined()
    expect(plan()?.listeners[0]?.port).toBe(81)
  })

  it('is brought back when its processes die, also while nobody looked', async () => {
    await attachAll()
    balancer.kill('app-web-0123456789abcdef')
    await settle()
    expect(plan()).toBeDefined()
    life.abort()
    const served = plan()!
    await balancer.remove(served.id)
    await balancer.apply({ ...served, id: 'app-old-1' })
    start()
    await settle()
    expect([...balancer.plans.keys()]).toEqual(['app-web-0123456789abcdef'])
  })
})

describe('a target', () => {
  beforeEach(attachAll)

  it('turns from unused to what the load balancer says of it', async () => {
    expect(await healthOf('10.0.0.9')).toMatchObject({ state: 'healthy' })
    balancer.script('10.0.0.9:80', { health: 'unhealthy', failure: { why: 'mismatch', code: 502 } })
    await settle()
    expect(await healthOf('10.0.0.9')).toMatchObject({ state: 'unhealthy', reason: 'Target.ResponseCodeMismatch' })
    balancer.script('10.0.0.9:80', { health: 'unknown' })
    await settle()
    expect(await healthOf('10.0.0.9')).toMatchObject({ state: 'initial', reason: 'Elb.InitialHealthChecking' })
  })

  it('in a zone that the load balancer has not, gets nothing and is unused', async () => {
    await store.write((tx) => tx.put(targets, targetRow('10.0.2.9', 'eu-west-1c')))
    await settle()
    expect(await healthOf('10.0.2.9')).toMatchObject({
      state: 'unused',
      description: HEALTH.zoneNotEnabled.description,
    })
    expect(plan()?.groups[0]?.targets.map(({ address }) => address)).toEqual(['10.0.0.9'])
  })

  it('drains until it is idle, at most for the deregistration delay', async () => {
    balancer.script('10.0.0.9:80', { sessions: 3 })
    await store.write(async (tx) => {
      const target = (await tx.get(targets, targetKey(targetRow('10.0.0.9'))))!
      await tx.put(targets, { ...target, spec: { ...target.spec, deregisteredAt: clock.now().toISOString() } })
    })
    await settle()
    expect(await healthOf('10.0.0.9')).toMatchObject({ state: 'draining', reason: 'Target.DeregistrationInProgress' })
    expect(plan()?.groups[0]?.targets).toMatchObject([{ isDraining: true }])
    await clock.advance(29)
    expect(await healthOf('10.0.0.9')).toBeDefined()
    await clock.advance(2)
    expect(await healthOf('10.0.0.9')).toBeUndefined()

    await store.write((tx) =>
      tx.put(targets, {
        ...targetRow('10.0.0.10'),
        spec: { registeredAt: CREATED_AT, deregisteredAt: clock.now().toISOString() },
      }),
    )
    await clock.advance(1)
    expect(await healthOf('10.0.0.10')).toBeUndefined()
  })

  it('drains also when it is idle in the very moment that it is deregistered', async () => {
    const look = balancer.targets.bind(balancer)
    const told: boolean[] = []
    balancer.targets = async (id) => {
      const seen = await look(id)
      told.push(plan()?.groups[0]?.targets.some(({ isDraining }) => isDraining) === true)
      // It is deregistered while the load balancer, that does not know it yet, is looked at.
      if (told.length === 1) await deregister()
      return seen
    }
    const deregister = async (): Promise<void> =>
      store.write(async (tx) => {
        const target = (await tx.get(targets, targetKey(targetRow('10.0.0.9'))))!
        await tx.put(targets, { ...target, spec: { ...target.spec, deregisteredAt: clock.now().toISOString() } })
      })
    await store.write((tx) => tx.put(targets, targetRow('10.0.0.10')))
    await settle()
    expect(await healthOf('10.0.0.9')).toBeUndefined()
    expect(told).toContain(true)
  })

  it('is unused again when no listener leads to its group', async () => {
    await store.write((tx) => tx.delete(listeners, listenerRow.arn))
    await settle()
    expect(await healthOf('10.0.0.9')).toMatchObject({ state: 'unused', reason: 'Target.NotInUse' })
    expect(plan()?.listeners).toEqual([])
  })
})
