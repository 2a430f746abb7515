// Goal: a Network Load Balancer hands datagrams on as AWS's does, but for the client's address, with nothing of ours alive,
// and leaves the host as it was. Method: the kernel's own packets between network namespaces, and real HAProxy for health.

import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, when } from '#test/balancer/plans.ts'
import { ADDRESS, BalancerWorld } from '#test/balancer/world.ts'
import type { BalancerPlan, GroupPlan } from './balancer.ts'
import type { ConformanceTarget } from './conformance-world.ts'

const PATIENCE = { timeout: 60_000, interval: 100 }

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

const plan = (targets: readonly ConformanceTarget[], more: Partial<GroupPlan> = {}): BalancerPlan =>
  balancerPlan(
    world,
    [group('tg', targets, { protocol: 'UDP', ...more })],
    [listener([when(forward(['tg', 1]))], { protocol: 'UDP' })],
    { id: 'net-test', kind: 'network' },
  )

const answererOf = async (client: string): Promise<string | undefined> =>
  (await (await world.clientNamed(client)).ask(ADDRESS, PORT))?.name

const FORWARD = 'ipv4/ip_forward'
const TIMEOUTS = ['netfilter/nf_conntrack_udp_timeout', 'netfilter/nf_conntrack_udp_timeout_stream']

/** Of the namespace that is asked from; what nobody has needed yet may be missing. */
const settings = (): Record<string, string> =>
  Object.fromEntries(
    [FORWARD, ...TIMEOUTS]
      .map((name) => [name, `/proc/sys/net/${name}`] as const)
      .flatMap(([name, path]) => (existsSync(path) ? [[name, readFileSync(path, 'utf8').trim()]] : [])),
  )

describe('datagrams', () => {
  it('come and go under the load balancer’s address', async () => {
    await world.apply(plan([await world.target('well')]))
    const client = await world.clientNamed('one')
    expect(await client.ask(ADDRESS, PORT)).toMatchObject({
      from: `${ADDRESS}:${PORT}`,
      seen: expect.stringMatching(`^${ADDRESS}:`),
    })
  })

  it('may be larger than a packet', async () => {
    await world.apply(plan([await world.target('well')]))
    const client = await world.clientNamed('one')
    expect(await client.ask(ADDRESS, PORT, 'x'.repeat(20_000))).toMatchObject({ from: `${ADDRESS}:${PORT}` })
  })

  it('do not go to targets of another address family', async () => {
    const a = await world.target('well')
    await world.apply(plan([a, { ...a, address: 'fd00::9' }]), 1)
    expect(await answererOf('one')).toBe(`${a.address}:${a.port}`)
  })

  it('rest for 120 seconds at the load balancer, and the host’s own settings stay', async () => {
    const host = settings()
    await world.apply(plan([await world.target('well')]))
    const set = Object.fromEntries(TIMEOUTS.map((name) => [name, '120']))
    expect(world.inside(settings)).toEqual({ [FORWARD]: '1', ...set })
    expect(settings()).toMatchObject(host)
    await world.balancer().apply({ ...plan([]), listeners: [] })
    expect(world.inside(settings)[FORWARD]).toBe('0')
    expect(settings()).toMatchObject(host)
  })

  it('are counted: flows and bytes, both ways, anew with each process of the load balancer', async () => {
    const made = plan([await world.target('well')])
    await world.apply(made)
    const count = async () => (await world.balancer().counters('net-test'))?.datagrams
    expect(await count()).toEqual([{ door: 0, activeFlows: 0, newFlows: 0, receivedBytes: 0, sentBytes: 0 }])
    for (const client of ['one', 'one', 'two']) await answererOf(client)
    await expect.poll(count, PATIENCE).toMatchObject([{ activeFlows: 2, newFlows: 2 }])
    const [counted] = (await count()) ?? []
    // Each asks in 35 bytes, headers and all, and hears more than that.
    expect(counted?.receivedBytes).toBe(3 * 35)
    expect(counted?.sentBytes).toBeGreaterThan(3 * 35)
    await world.balancer().apply({ ...made, idleTimeoutSeconds: made.idleTimeoutSeconds + 1 })
    expect(await count()).toMatchObject([{ newFlows: 0, receivedBytes: 0, sentBytes: 0 }])
  })

  it('of one address go to one target, where that is wished', async () => {
    const targets = [await world.target('well'), await world.target('well'), await world.target('well')]
    await world.apply(plan(targets, { stickiness: { by: 'source_ip' } }))
    const found = new Set<string | undefined>()
    for (let index = 0; index < 20; index++) found.add(await answererOf(`client-${index}`))
    expect(found.size).toBe(1)
    expect([...found][0]).toBeDefined()
  })

  it('are carried on while HAProxy and the control plane are dead, and their flows outlive both', async () => {
    const targets = [await world.target('well'), await world.target('well')]
    const same = plan(targets)
    await world.apply(same)
    const clients = Array.from({ length: 12 }, (_, index) => `client-${index}`)
    const before = await Promise.all(clients.map(answererOf))
    world.restart()
    await world.kill()
    expect(await Promise.all(clients.map(answererOf))).toEqual(before)
    expect(await answererOf('new')).toBeDefined()
    await world.apply(same)
    expect(await Promise.all([...clients, 'new'].map(answererOf))).not.toContain(undefined)
  })
})
