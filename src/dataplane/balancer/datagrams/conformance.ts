// What every load balancer promises of datagrams. The fake answers from its plan, the real one by packets.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, when } from '#test/balancer/plans.ts'
import type { BalancerPlan, GroupPlan, ListenerPlan } from '../balancer.ts'
import { addressOf, type BalancerHarness, type ConformanceTarget, PATIENCE } from '../conformance-world.ts'

const ID = 'net-conformance'
/** So many that no target of two is left out by chance, once in a million times. */
const CLIENTS = Array.from({ length: 20 }, (_, index) => `client-${index}`)

export const datagramConformance = (name: string, open: () => Promise<BalancerHarness>): void => {
  describe(`datagrams, ${name}`, { timeout: 120_000 }, () => {
    let harness: BalancerHarness
    beforeEach(async () => {
      harness = await open()
    })
    afterEach(() => harness.close())

    const datagrams = (id: string, targets: readonly ConformanceTarget[], more: Partial<GroupPlan> = {}): GroupPlan =>
      group(id, targets, { protocol: 'UDP', ...more })
    const plan = (groups: readonly GroupPlan[], more: Partial<ListenerPlan> = {}): BalancerPlan => {
      const rules = [when(forward(...groups.map(({ id }) => [id, 1] as const)))]
      return balancerPlan(harness, groups, [listener(rules, { protocol: 'UDP', ...more })], { id: ID, kind: 'network' })
    }
    const apply = (...args: Parameters<typeof plan>): Promise<void> => harness.balancer().apply(plan(...args))
    const leaving = (stays: readonly ConformanceTarget[], leaves: readonly ConformanceTarget[]): GroupPlan => {
      const drains = leaves.map(({ address, port }) => ({ address, port, isDraining: true }))
      return datagrams('tg', [], { targets: [...datagrams('', stays).targets, ...drains] })
    }

    const ask = (client: string, port = PORT) => harness.datagram(ID, port, client)
    const answerers = async (clients = CLIENTS): Promise<string[]> => {
      const found = new Set<string>()
      for (const client of clients) found.add((await ask(client)) ?? 'nobody')
      return [...found].toSorted()
    }
    const untilAnsweredBy = (...targets: readonly ConformanceTarget[]): Promise<void> =>
      vi.waitFor(async () => {
        // One that nobody answers takes its time.
        expect(await ask(CLIENTS[0]!)).toBeDefined()
        expect(await answerers()).toEqual(targets.map(addressOf).toSorted())
      }, PATIENCE)
    let newcomers = 0
    /** Flows that have been seen stay where they are: each time, another client tries. */
    const untilNewcomersFind = (target: ConformanceTarget): Promise<void> =>
      vi.waitFor(async () => expect(await ask(`newcomer-${newcomers++}`)).toBe(addressOf(target)), PATIENCE)
    const health = async (target: ConformanceTarget) =>
      (await harness.balancer().targets(ID))?.find(({ port }) => port === target.port)?.health
    const two = async (): Promise<[ConformanceTarget, ConformanceTarget]> => [
      await harness.target('well'),
      await harness.target('well'),
    ]

    it('are shared among the healthy targets by flow, and a flow stays with its target', async () => {
      const [a, b] = await two()
      await apply([datagrams('tg', [a, b])])
      await untilAnsweredBy(a, b)
      const first = await Promise.all(CLIENTS.map((client) => ask(client)))
      const c = await harness.target('well')
      await apply([datagrams('tg', [a, b, c])])
      await untilNewcomersFind(c)
      expect(await Promise.all(CLIENTS.map((client) => ask(client)))).toEqual(first)
    })

    it('do not go to a target that drains, but for the flows that it has; those move on when it is gone', async () => {
      const [a, b] = await two()
      await apply([datagrams('tg', [b])])
      await untilAnsweredBy(b)
      await apply([leaving([a], [b])])
      await untilNewcomersFind(a)
      expect(await answerers()).toEqual([addressOf(b)])
      await vi.waitFor(async () => {
        const seen = await harness.balancer().targets(ID)
        expect(seen?.find(({ port }) => port === b.port)?.sessions).toBe(CLIENTS.length)
      }, PATIENCE)
      await apply([datagrams('tg', [a])])
      expect(await answerers()).toEqual([addressOf(a)])
    })

    it('leave a target that is found unhealthy, flows under way as well, and come back when it is well', async () => {
      const [a, b] = await two()
      await apply([datagrams('tg', [a, b])])
      await untilAnsweredBy(a, b)
      await b.behave('wrongly')
      await vi.waitFor(async () => expect(await health(b)).toBe('unhealthy'), PATIENCE)
      await untilAnsweredBy(a)
      await b.behave('well')
      await untilNewcomersFind(b)
      expect(await answerers()).toEqual([addressOf(a)])
    })

    it('go to all targets when none is healthy', async () => {
      const [a, b] = [await harness.target('wrongly'), await harness.target('wrongly')]
      await apply([datagrams('tg', [a, b])])
      await untilAnsweredBy(a, b)
      expect([await health(a), await health(b)]).toEqual(['unhealthy', 'unhealthy'])
    })

    it('are shared by weight: nothing for 0, and silence where a group has no target', async () => {
      const [a, b] = await two()
      const groups = [datagrams('a', [a]), datagrams('b', [b]), datagrams('none', [])]
      const to = (...weights: readonly (readonly [string, number])[]) => ({ rules: [when(forward(...weights))] })
      await apply(groups, to(['a', 1], ['b', 1]))
      await untilAnsweredBy(a, b)
      await apply(groups, to(['a', 0], ['b', 1]))
      expect(await answerers(['new-1', 'new-2', 'new-3', 'new-4', 'new-5', 'new-6'])).toEqual([addressOf(b)])
      await apply(groups, to(['none', 1]))
      expect(await ask('new-1')).toBeUndefined()
    })

    it('and connections are served at one port, by one group', async () => {
      const [a, b] = await two()
      await apply([datagrams('tg', [a, b], { protocol: 'TCP_UDP' })], { protocol: 'TCP_UDP' })
      await untilAnsweredBy(a, b)
      const connected = await harness.send(ID, { port: PORT, path: '/' })
      expect([addressOf(a), addressOf(b)]).toContain(connected?.target)
    })

    it('are heard where the plan says, and only there; connections are not', async () => {
      const a = await harness.target('well')
      await apply([datagrams('tg', [a])])
      await untilAnsweredBy(a)
      expect(await ask('elsewhere', PORT + 1)).toBeUndefined()
      expect(await harness.send(ID, { port: PORT, path: '/' })).toBeUndefined()
      await apply([datagrams('tg', [a])], { port: PORT + 1 })
      expect(await ask('elsewhere', PORT + 1)).toBe(addressOf(a))
      expect(await ask(CLIENTS[0]!)).toBeUndefined()
    })

    it('go on while nobody applies anything, and their flows outlive the next plan', async () => {
      const [a, b] = await two()
      await apply([datagrams('tg', [a, b])])
      await untilAnsweredBy(a, b)
      const before = await Promise.all(CLIENTS.map((client) => ask(client)))
      harness.restart()
      expect(await Promise.all(CLIENTS.map((client) => ask(client)))).toEqual(before)
      await apply([datagrams('tg', [a, b])])
      expect(await Promise.all(CLIENTS.map((client) => ask(client)))).toEqual(before)
    })

    it('are heard no more when it is removed, by whoever comes next', async () => {
      const a = await harness.target('well')
      await apply([datagrams('tg', [a])])
      await untilAnsweredBy(a)
      harness.restart()
      await harness.balancer().remove(ID)
      expect(await ask(CLIENTS[0]!)).toBeUndefined()
      expect(await harness.balancer().observe()).toEqual([])
    })

    it('can be forwarded and nothing else', async () => {
      const broken = plan([], { rules: [when({ do: 'respond', status: 200, contentType: 'text/plain', body: '' })] })
      await expect(harness.balancer().apply(broken)).rejects.toMatchObject({ kind: 'invalid' })
    })
  })
}
