// What every load balancer promises. The fake answers from its plan, the real one by packets.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { forward, group, listener, PORT, respond, when } from '#test/balancer/plans.ts'
import type { BalancerPlan } from './balancer.ts'
import { ruleConformance } from './conformance-rules.ts'
import { targetConformance } from './conformance-targets.ts'
import { addressOf, type BalancerHarness, balancerTools, ID, PATIENCE } from './conformance-world.ts'

export const balancerConformance = (name: string, open: () => Promise<BalancerHarness>): void => {
  describe(`balancer, ${name}`, { timeout: 120_000 }, () => {
    let harness: BalancerHarness
    beforeEach(async () => {
      harness = await open()
    })
    afterEach(() => harness.close())

    const tools = balancerTools(() => harness)
    const { plan, apply, send, health, until, answerers, untilAnsweredBy } = tools
    targetConformance(tools)
    ruleConformance(tools)

    it('is told what cannot be had, and goes on as it was', async () => {
      await apply([], when(respond(200, 'before')))
      const good = plan([], when(respond(200, 'after')))
      const [first] = good.listeners
      const broken: readonly BalancerPlan[] = [
        plan([], when(forward(['nobody', 1]))),
        plan([group('a b', [])], when(respond(200))),
        plan([group('tg', []), group('tg', [])], when(respond(200))),
        plan([], when(respond(200), { on: 'path', patterns: ['/'] })),
        { ...good, listeners: [first!, { ...first!, id: 'again' }] },
        { ...good, listeners: [listener([])] },
      ]
      for (const one of broken) await expect(harness.balancer().apply(one)).rejects.toMatchObject({ kind: 'invalid' })
      expect(await send('/')).toMatchObject({ body: 'before' })
    })

    it('listens where the plan says, and only there', async () => {
      await apply([], when(respond(200, 'one')))
      expect(await harness.send(ID, { port: PORT + 1, path: '/' })).toBeUndefined()
      const both = plan([], when(respond(200, 'two')))
      const [first] = both.listeners
      await harness.balancer().apply({ ...both, listeners: [first!, { ...first!, id: 'more', port: PORT + 1 }] })
      expect(await harness.send(ID, { port: PORT + 1, path: '/' })).toMatchObject({ body: 'two' })
      await apply([], when(respond(200, 'three')))
      await vi.waitFor(
        async () => expect(await harness.send(ID, { port: PORT + 1, path: '/' })).toBeUndefined(),
        PATIENCE,
      )
    })

    it('goes on while nobody applies anything, and is known to whoever comes next', async () => {
      const [a, b] = [await harness.target('well'), await harness.target('well')]
      await apply([group('tg', [a])], when(forward(['tg', 1])))
      await untilAnsweredBy(a)
      harness.restart()
      expect(await harness.balancer().observe()).toEqual([ID])
      expect(await answerers(2)).toEqual([addressOf(a)])
      expect(await health()).toEqual({ [addressOf(a)]: 'healthy' })
      // What is applied next is another plan: its first target serves without a pause.
      await apply([group('tg', [a, b])], when(forward(['tg', 1]), { on: 'path', patterns: ['/*'] }), when(respond(404)))
      expect(await answerers(3)).not.toContain('503')
      await untilAnsweredBy(a, b)
    })

    it('that has died is told of, and serves again at once with the next plan, as it did', async () => {
      const [a, sick] = [await harness.target('well'), await harness.target('wrongly')]
      const same = [[group('tg', [a, sick])], when(forward(['tg', 1]))] as const
      await apply(...same)
      await until([
        [a, 'healthy'],
        [sick, 'unhealthy mismatch'],
      ])
      await untilAnsweredBy(a)
      const told: string[] = []
      harness.balancer().watch((id) => told.push(id))
      await harness.kill(ID)
      await vi.waitFor(() => expect(told).toContain(ID), PATIENCE)
      expect(await harness.balancer().targets(ID)).toBeUndefined()
      expect(await harness.balancer().counters(ID)).toBeUndefined()
      await apply(...same)
      expect(await health()).toEqual({ [addressOf(a)]: 'healthy', [addressOf(sick)]: 'unhealthy mismatch' })
      expect(await answerers(4)).toEqual([addressOf(a)])
    })

    it('counts what it has been asked and what was answered', async () => {
      const a = await harness.target('well')
      const rules = [when(respond(404), { on: 'path', patterns: ['/no'] }), when(forward(['tg', 1]))]
      await apply([group('tg', [a])], ...rules)
      await untilAnsweredBy(a)
      const before = await harness.balancer().counters(ID)
      for (const path of ['/', '/', '/no']) await send(path)
      await vi.waitFor(async () => {
        const after = await harness.balancer().counters(ID)
        const grown = (of: (counters: NonNullable<typeof after>) => number | undefined): number =>
          (of(after!) ?? 0) - (of(before!) ?? 0)
        expect({
          connections: grown(({ doors }) => doors[0]?.newConnections),
          answers: grown(({ doors }) => doors[0]?.answers),
          ofGroup: grown(({ groups }) => groups['tg']?.requests),
        }).toEqual({ connections: 3, answers: 3, ofGroup: 2 })
      }, PATIENCE)
    })

    it('is gone when it is removed; removing what is not there does nothing', async () => {
      await apply([], when(respond(200)))
      await harness.balancer().remove(ID)
      await harness.balancer().remove(ID)
      await harness.balancer().remove('app-nobody')
      expect(await harness.balancer().observe()).toEqual([])
      expect(await harness.balancer().targets(ID)).toBeUndefined()
      expect(await send('/')).toBeUndefined()
    })
  })
}
