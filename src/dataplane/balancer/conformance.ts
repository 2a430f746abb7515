// What every load balancer promises. The fake answers from its plan, the real one by packets.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  balancerPlan,
  draining,
  forward,
  group,
  listener,
  PORT,
  redirect,
  respond,
  when,
} from '#test/balancer/plans.ts'
import type { Balancer, BalancerPlan, ConditionPlan, GroupPlan, RulePlan } from './balancer.ts'

export type Behaviour = 'well' | 'wrongly' | 'never' | 'refuses'

/** A web server that a test has in its hand; at the same port it answers every datagram, however it behaves. */
export interface ConformanceTarget {
  readonly address: string
  readonly port: number
  /** From now on it answers like that, to health checks and to everything else. */
  behave(how: Behaviour): Promise<void>
}

export interface ConformanceRequest {
  readonly port: number
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ConformanceAnswer {
  readonly status: number
  /** "address:port" of the target that answered. */
  readonly target?: string
  readonly location?: string
  readonly body?: string
}

export interface BalancerHarness {
  /** As of a control plane that has just started, after `restart`. */
  balancer(): Balancer
  restart(): void
  readonly doors: BalancerPlan['doors']
  readonly hostAddresses: readonly string[]
  target(how: Behaviour): Promise<ConformanceTarget>
  /** Undefined when nothing listens there. */
  send(id: string, request: ConformanceRequest): Promise<ConformanceAnswer | undefined>
  /** Which target, "address:port", answers a datagram of that client; undefined when nobody does. */
  datagram(id: string, port: number, client: string): Promise<string | undefined>
  /** All of a load balancer's processes die. */
  kill(id: string): Promise<void>
  close(): Promise<void>
}

const ID = 'app-conformance'
/** A health check takes a second, and this machine may be busy. */
const PATIENCE = { timeout: 60_000, interval: 20 }

export const balancerConformance = (name: string, open: () => Promise<BalancerHarness>): void => {
  describe(`balancer, ${name}`, { timeout: 120_000 }, () => {
    let harness: BalancerHarness
    beforeEach(async () => {
      harness = await open()
    })
    afterEach(() => harness.close())

    const plan = (groups: readonly GroupPlan[], ...rules: readonly RulePlan[]): BalancerPlan =>
      balancerPlan(harness, groups, [listener(rules)], { id: ID })
    const apply = (...args: Parameters<typeof plan>): Promise<void> => harness.balancer().apply(plan(...args))
    const send = (path = '/', more: Partial<ConformanceRequest> = {}) => harness.send(ID, { port: PORT, path, ...more })
    const addressOf = ({ address, port }: ConformanceTarget): string => `${address}:${port}`

    const health = async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        ((await harness.balancer().targets(ID)) ?? []).map((seen) => [
          `${seen.address}:${seen.port}`,
          [seen.health, seen.failure?.why].filter((word) => word !== undefined).join(' '),
        ]),
      )
    const until = async (wanted: readonly (readonly [ConformanceTarget, string])[]): Promise<void> =>
      vi.waitFor(
        async () =>
          expect(await health()).toEqual(Object.fromEntries(wanted.map(([target, how]) => [addressOf(target), how]))),
        PATIENCE,
      )
    /** Who answers, of so many requests: targets, and statuses that are nobody's; sorted. */
    const answerers = async (count: number, path = '/'): Promise<string[]> => {
      const found = new Set<string>()
      for (let index = 0; index < count; index++) {
        const answer = await send(path)
        found.add(answer?.target ?? `${answer?.status}`)
      }
      return [...found].toSorted()
    }
    const untilAnsweredBy = (...targets: readonly ConformanceTarget[]): Promise<void> =>
      vi.waitFor(
        async () => expect(await answerers(targets.length * 3)).toEqual(targets.map(addressOf).toSorted()),
        PATIENCE,
      )

    it('shares requests among healthy targets, and tells how each is', async () => {
      const [a, b, wrong, dead] = [
        await harness.target('well'),
        await harness.target('well'),
        await harness.target('wrongly'),
        await harness.target('refuses'),
      ]
      await apply([group('tg', [a, b, wrong, dead])], when(forward(['tg', 1])))
      await until([
        [a, 'healthy'],
        [b, 'healthy'],
        [wrong, 'unhealthy mismatch'],
        [dead, 'unhealthy refused'],
      ])
      await untilAnsweredBy(a, b)
      const silent = await harness.target('never')
      await apply([group('tg', [a, silent])], when(forward(['tg', 1])))
      await until([
        [a, 'healthy'],
        [silent, 'unhealthy timeout'],
      ])
      expect(await answerers(6)).toEqual([addressOf(a)])
    })

    it('takes a target out when it fails and in when it is well again, and tells of it', async () => {
      const [a, b] = [await harness.target('well'), await harness.target('well')]
      await apply([group('tg', [a, b])], when(forward(['tg', 1])))
      await untilAnsweredBy(a, b)
      const told: string[] = []
      const stop = harness.balancer().watch((id) => told.push(id))
      await b.behave('wrongly')
      await until([
        [a, 'healthy'],
        [b, 'unhealthy mismatch'],
      ])
      await vi.waitFor(() => expect(told).toContain(ID), PATIENCE)
      await untilAnsweredBy(a)
      await b.behave('well')
      await untilAnsweredBy(a, b)
      stop()
    })

    it('sends requests to all targets when none is healthy, and stops when one is', async () => {
      const [a, b] = [await harness.target('well'), await harness.target('well')]
      await apply([group('tg', [a, b])], when(forward(['tg', 1])))
      await until([
        [a, 'healthy'],
        [b, 'healthy'],
      ])
      await Promise.all([a.behave('wrongly'), b.behave('wrongly')])
      await until([
        [a, 'unhealthy mismatch'],
        [b, 'unhealthy mismatch'],
      ])
      await untilAnsweredBy(a, b)
      await a.behave('well')
      await untilAnsweredBy(a)
      expect(await answerers(6)).toEqual([addressOf(a)])
    })

    it('does so, too, with targets that have never been healthy, but with none that drains', async () => {
      const [a, b, leaving] = [
        await harness.target('wrongly'),
        await harness.target('wrongly'),
        await harness.target('well'),
      ]
      const both = group('tg', [a, b])
      const targets = [...both.targets, ...draining('tg', [leaving]).targets]
      await apply([{ ...both, targets }], when(forward(['tg', 1])))
      await until([
        [a, 'unhealthy mismatch'],
        [b, 'unhealthy mismatch'],
        [leaving, 'healthy'],
      ])
      await untilAnsweredBy(a, b)
      expect(await answerers(9)).not.toContain(addressOf(leaving))
    })

    it('sends requests to all targets when fewer are healthy than are wished, by number or by share', async () => {
      const [a, b, sick] = [await harness.target('well'), await harness.target('well'), await harness.target('wrongly')]
      const all = [a, b, sick]
      const groups = [
        group('two', all, { leastHealthy: { count: 2 } }),
        group('three', all, { leastHealthy: { count: 3 } }),
        group('sixty', all, { leastHealthy: { count: 1, percentage: 60 } }),
        group('seventy', all, { leastHealthy: { count: 1, percentage: 70 } }),
        group('none', [], { leastHealthy: { count: 1, percentage: 70 } }),
      ]
      const rules = groups.map(({ id }) => when(forward([id, 1]), { on: 'path', patterns: [`/${id}`] }))
      await apply(groups, ...rules, when(forward(['two', 1], ['three', 1])))
      const [few, every] = [[a, b], all].map((some) => some.map(addressOf).toSorted())
      await vi.waitFor(async () => {
        for (const id of ['three', 'seventy']) expect([id, await answerers(9, `/${id}`)]).toEqual([id, every])
        for (const id of ['two', 'sixty']) expect([id, await answerers(9, `/${id}`)]).toEqual([id, few])
      }, PATIENCE)
      expect(await answerers(1, '/none')).toEqual(['503'])
    })

    it('answers 503 where there is no target, only draining ones, or no weight', async () => {
      const a = await harness.target('well')
      const groups = [group('none', []), draining('leaving', [a]), group('full', [a])]
      await apply(
        groups,
        when(forward(['none', 1]), { on: 'path', patterns: ['/none'] }),
        when(forward(['leaving', 1]), { on: 'path', patterns: ['/leaving'] }),
        when(forward(['full', 0]), { on: 'path', patterns: ['/weightless'] }),
        when(forward(['full', 1])),
      )
      await untilAnsweredBy(a)
      for (const path of ['/none', '/leaving', '/weightless']) expect(await answerers(2, path)).toEqual(['503'])
    })

    it('shares by weight: nothing for 0, and nothing for others when a group has no target', async () => {
      const [a, b] = [await harness.target('well'), await harness.target('well')]
      const groups = [group('a', [a]), group('b', [b]), group('none', [])]
      await apply(
        groups,
        when(forward(['a', 1], ['b', 0]), { on: 'path', patterns: ['/a'] }),
        when(forward(['a', 1], ['none', 1]), { on: 'path', patterns: ['/half'] }),
        when(forward(['a', 1], ['b', 1])),
      )
      await vi.waitFor(
        async () => expect(await answerers(60)).toEqual([addressOf(a), addressOf(b)].toSorted()),
        PATIENCE,
      )
      expect(await answerers(20, '/a')).toEqual([addressOf(a)])
      expect(await answerers(60, '/half')).toEqual([addressOf(a), '503'].toSorted())
    })

    it('gives a draining target nothing new, and takes it back when it no longer drains', async () => {
      const [a, b] = [await harness.target('well'), await harness.target('well')]
      await apply([group('tg', [a, b])], when(forward(['tg', 1])))
      await untilAnsweredBy(a, b)
      const half = { ...group('tg', []), targets: [...group('', [a]).targets, ...draining('', [b]).targets] }
      await apply([half], when(forward(['tg', 1])))
      expect(await answerers(6)).toEqual([addressOf(a)])
      expect(Object.keys(await health()).toSorted()).toEqual([addressOf(a), addressOf(b)].toSorted())
      await apply([group('tg', [a, b])], when(forward(['tg', 1])))
      await untilAnsweredBy(a, b)
      await apply([group('tg', [b])], when(forward(['tg', 1])))
      expect(await answerers(6)).toEqual([addressOf(b)])
      await until([[b, 'healthy']])
    })

    it('takes back a target that it was just told to let go of', async () => {
      const [a, b] = [await harness.target('well'), await harness.target('well')]
      await apply([group('tg', [a, b])], when(forward(['tg', 1])))
      for (let times = 0; times < 5; times++) {
        await until([
          [a, 'healthy'],
          [b, 'healthy'],
        ])
        await untilAnsweredBy(a, b)
        await apply([group('tg', [b])], when(forward(['tg', 1])))
        await apply([group('tg', [a, b])], when(forward(['tg', 1])))
        expect([a, b].map(addressOf)).toContain((await answerers(1))[0])
      }
    })

    it('finds the first of many rules that ask for a path, whichever says most of it', async () => {
      const on = (number: number, ...patterns: readonly string[]): RulePlan =>
        when(respond(200, `${number}`), { on: 'path', patterns })
      await apply(
        [],
        on(1, '/a/b/c*', '/exact'),
        on(2, '/a/*', '/late'),
        when(respond(200, '3'), { on: 'path', patterns: ['/w/*'] }, { on: 'method', methods: ['GET'] }),
        on(4, '/a/b/*', '/w/x', '*.css'),
        on(5, '/exact/*', '/exact', '/a/only'),
        on(6, '/l*', '/w/*'),
        when(respond(200, '7')),
      )
      const cases = {
        '/a/b/c': 1,
        '/a/b/cd/e': 1,
        '/a/b/x': 2,
        '/a/only': 2,
        '/a/y.css': 2,
        '/exact': 1,
        '/exact/x': 5,
      }
      const more = { '/w/x': 3, '/late': 2, '/later': 6, '/x.css': 4, '/l.css': 4, '/A/b': 7, '/': 7, '/a': 7 }
      for (const [path, rule] of Object.entries({ ...cases, ...more })) {
        expect([path, (await send(path))?.body]).toEqual([path, `${rule}`])
      }
      expect((await send('/w/x', { method: 'PUT' }))?.body).toBe('4')
      expect((await send('/w/y', { method: 'PUT' }))?.body).toBe('6')
    })

    it('tries rules in their order; all conditions of one must hold, of each one value', async () => {
      const yes = (number: number, ...conditions: readonly ConditionPlan[]): RulePlan =>
        when(respond(200, `${number}`), ...conditions)
      await apply(
        [],
        yes(
          1,
          { on: 'path', patterns: ['/img/*.p?g', '/Other', '/pre*', '*.post', '*mid*', '#no', '/a b'] },
          { on: 'method', methods: ['GET', 'PURGE'] },
        ),
        yes(2, { on: 'host', patterns: ['*.example.com', 'exact.test'] }),
        yes(3, { on: 'header', name: 'X-Beta', patterns: ['yes*', 'a.b'] }),
        yes(4, { on: 'query', pairs: [{ key: 'v', value: '2' }, { value: 'beta*' }] }),
        yes(5, { on: 'source', cidrs: ['198.51.100.0/24', '2001:db8::/32'] }),
        yes(
          6,
          { on: 'path', patterns: ['/*'] },
          { on: 'source', cidrs: ['127.0.0.0/8'] },
          { on: 'method', methods: ['PUT'] },
        ),
        yes(7),
      )
      const rule = async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
        (await send(path, { headers, method }))?.body
      const cases: readonly (readonly [string, Parameters<typeof rule>])[] = [
        ['1', ['/img/x.png']],
        ['1', ['/img/a/b.pig?x=1']],
        ['1', ['/img/x.png', {}, 'PURGE']],
        ['7', ['/img/x.png', {}, 'POST']],
        ['7', ['/img/x.jpeg']],
        ['1', ['/Other']],
        ['7', ['/Other2']],
        ['1', ['/prefixed']],
        ['7', ['/x/pre']],
        ['1', ['/x.post']],
        ['7', ['/x.posts']],
        ['1', ['/a/mid/b']],
        ['7', ['/other']],
        ['2', ['/', { host: 'www.Example.COM:8080' }]],
        ['2', ['/', { host: 'exact.test' }]],
        ['7', ['/', { host: 'example.com' }]],
        ['7', ['/', { host: 'exact.test.evil' }]],
        ['3', ['/', { 'x-beta': 'YES please' }]],
        ['3', ['/', { 'x-beta': 'a.b' }]],
        ['7', ['/', { 'x-beta': 'axb' }]],
        ['7', ['/', { 'x-beta': 'no, yes' }]],
        ['4', ['/?x=1&v=2']],
        ['4', ['/?x=Beta7']],
        ['4', ['/?beta']],
        ['7', ['/?v=22']],
        ['7', ['/?vv=2']],
        ['6', ['/', {}, 'PUT']],
      ]
      const wrong = []
      for (const [wanted, asked] of cases) {
        const got = await rule(...asked)
        if (got !== wanted) wrong.push({ asked, wanted, got })
      }
      expect(wrong).toEqual([])
    })

    it('redirects with what the request had', async () => {
      await apply(
        [],
        when(redirect({ protocol: 'HTTPS', port: '443' }), { on: 'path', patterns: ['/secure*'] }),
        when(redirect({ status: 301, host: 'new.test', path: '/new/#{path}', query: 'was=#{host}&#{query}' }), {
          on: 'path',
          patterns: ['/old*'],
        }),
        when(redirect({ path: '/100%/"it\'s"', query: '' })),
      )
      const headers = { host: 'shop.test:8080' }
      const to = async (path: string) => {
        const answer = await send(path, { headers })
        return [answer?.status, answer?.location]
      }
      expect(await to('/secure/a?b=c')).toEqual([302, 'https://shop.test:443/secure/a?b=c'])
      expect(await to('/secure')).toEqual([302, 'https://shop.test:443/secure'])
      expect(await to('/old/a?b=c')).toEqual([301, `http://new.test:${PORT}/new/old/a?was=shop.test&b=c`])
      expect(await to('/x?y=z')).toEqual([302, `http://shop.test:${PORT}/100%/"it's"`])
    })

    it('answers by itself, word for word', async () => {
      const body = `it's "short", 100% $HOME %[date] #{path}\n`
      await apply([], when(respond(418, body), { on: 'path', patterns: ['/tea'] }), when(respond(404)))
      expect(await send('/tea')).toMatchObject({ status: 418, body })
      expect(await send('/')).toMatchObject({ status: 404, body: '' })
    })

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
