// What every load balancer promises about targets: their health, their shares, and how they come and go.

import { expect, it, vi } from 'vitest'
import { draining, forward, group, when } from '#test/balancer/plans.ts'
import { addressOf, type BalancerTools, ID, PATIENCE } from './conformance-world.ts'

export const targetConformance = ({
  harness,
  apply,
  health,
  until,
  answerers,
  untilAnsweredBy,
}: BalancerTools): void => {
  it('shares requests among healthy targets, and tells how each is', async () => {
    const [a, b, wrong, dead] = [
      await harness().target('well'),
      await harness().target('well'),
      await harness().target('wrongly'),
      await harness().target('refuses'),
    ]
    await apply([group('tg', [a, b, wrong, dead])], when(forward(['tg', 1])))
    await until([
      [a, 'healthy'],
      [b, 'healthy'],
      [wrong, 'unhealthy mismatch'],
      [dead, 'unhealthy refused'],
    ])
    await untilAnsweredBy(a, b)
    const silent = await harness().target('never')
    await apply([group('tg', [a, silent])], when(forward(['tg', 1])))
    await until([
      [a, 'healthy'],
      [silent, 'unhealthy timeout'],
    ])
    expect(await answerers(6)).toEqual([addressOf(a)])
  })

  it('takes a target out when it fails and in when it is well again, and tells of it', async () => {
    const [a, b] = [await harness().target('well'), await harness().target('well')]
    await apply([group('tg', [a, b])], when(forward(['tg', 1])))
    await untilAnsweredBy(a, b)
    const told: string[] = []
    const stop = harness()
      .balancer()
      .watch((id) => told.push(id))
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
    const [a, b] = [await harness().target('well'), await harness().target('well')]
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
      await harness().target('wrongly'),
      await harness().target('wrongly'),
      await harness().target('well'),
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
    const [a, b, sick] = [
      await harness().target('well'),
      await harness().target('well'),
      await harness().target('wrongly'),
    ]
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
    const a = await harness().target('well')
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
    const [a, b] = [await harness().target('well'), await harness().target('well')]
    const groups = [group('a', [a]), group('b', [b]), group('none', [])]
    await apply(
      groups,
      when(forward(['a', 1], ['b', 0]), { on: 'path', patterns: ['/a'] }),
      when(forward(['a', 1], ['none', 1]), { on: 'path', patterns: ['/half'] }),
      when(forward(['a', 1], ['b', 1])),
    )
    await vi.waitFor(async () => expect(await answerers(60)).toEqual([addressOf(a), addressOf(b)].toSorted()), PATIENCE)
    expect(await answerers(20, '/a')).toEqual([addressOf(a)])
    expect(await answerers(60, '/half')).toEqual([addressOf(a), '503'].toSorted())
  })

  it('gives a draining target nothing new, and takes it back when it no longer drains', async () => {
    const [a, b] = [await harness().target('well'), await harness().target('well')]
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
    const [a, b] = [await harness().target('well'), await harness().target('well')]
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
}
