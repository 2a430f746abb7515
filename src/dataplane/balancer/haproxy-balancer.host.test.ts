// Goal: no change, and no death but that of the load balancer itself, costs a client an error. Method: clients that never
// stop asking, while plans change, targets die and the control plane is away.

import { Agent, type IncomingMessage, request } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { balancerPlan, draining, forward, group, listener, PORT, when } from '#test/balancer/plans.ts'
import { BalancerWorld, type WorldServer } from '#test/balancer/world.ts'
import type { BalancerPlan, GroupPlan } from './balancer.ts'

const CLIENTS = 4

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

const named = (name: string): Promise<WorldServer> =>
  world.web(async (asked, response) => {
    if (asked.url === '/slow') await systemClock.sleep(0.5)
    response.end(name)
  })

const plan = (groups: readonly GroupPlan[], to = groups[0]?.id ?? ''): BalancerPlan =>
  balancerPlan(world, groups, [listener([when(forward([to, 1]))])])

const ask = async (path = '/', agent?: Agent): Promise<string> => {
  const asked = request({ host: world.hostAddress, port: PORT, path, agent: agent ?? false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return response.statusCode === 200 ? body : `${response.statusCode}`
}

/** Asks without a pause, on connections that are kept, until `work` is done; what was answered, and how often. */
const whileAsking = async (work: () => Promise<void>): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  let isOver = false
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isOver) {
      const answer = await ask('/', agent).catch((error: unknown) => String(error))
      counts[answer] = (counts[answer] ?? 0) + 1
    }
    agent.destroy()
  }
  const clients = Array.from({ length: CLIENTS }, client)
  await work()
  isOver = true
  await Promise.all(clients)
  return counts
}

it('a target that is busy while it has to go is asked again when it is wanted again', async () => {
  const target = await named('a')
  await world.apply(plan([group('tg', [target])]))
  const slow = ask('/slow')
  const sessions = async (): Promise<number> =>
    ((await world.balancer().targets('app-test')) ?? []).reduce((sum, one) => sum + one.sessions, 0)
  await expect.poll(sessions, { timeout: 60_000, interval: 10 }).toBe(1)
  // HAProxy cannot take it away at once.
  await world.balancer().apply(plan([group('tg', [])]))
  await world.apply(plan([group('tg', [target])]))
  expect(await ask()).toBe('a')
  await slow
})

describe('no client sees an error', () => {
  it('when rules change twenty times', async () => {
    const groups = [group('a', [await named('a')]), group('b', [await named('b')])]
    await world.apply(plan(groups))
    const counts = await whileAsking(async () => {
      for (let index = 0; index < 20; index++) await world.balancer().apply(plan(groups, index % 2 === 0 ? 'b' : 'a'))
    })
    expect(Object.keys(counts).toSorted()).toEqual(['a', 'b'])
  })

  it('when all targets are replaced ten times, drained as a deployment does it', async () => {
    let old = await named('0')
    await world.apply(plan([group('tg', [old])]))
    const counts = await whileAsking(async () => {
      for (let index = 1; index <= 10; index++) {
        const next = await named(`${index}`)
        await world.apply(plan([group('tg', [old, next])]))
        const leaving = draining('tg', [old]).targets
        await world.balancer().apply(plan([group('tg', [], { targets: [...group('', [next]).targets, ...leaving] })]))
        await expect
          .poll(
            async () => (await world.balancer().targets('app-test'))?.find(({ port }) => port === old.port)?.sessions,
            {
              timeout: 30_000,
            },
          )
          .toBe(0)
        await world.balancer().apply(plan([group('tg', [next])]))
        await old.close()
        old = next
      }
    })
    expect(Object.keys(counts).filter((answer) => !/^\d{1,2}$/.test(answer))).toEqual([])
    expect(Object.keys(counts)).toContain('10')
  })

  it('when a target dies in the middle of its requests: they are asked of another', async () => {
    const [a, b] = [await named('a'), await named('b')]
    await world.apply(plan([group('tg', [a, b])]))
    const counts = await whileAsking(async () => {
      const all = Array.from({ length: 8 }, () => ask('/slow'))
      await systemClock.sleep(0.2)
      await a.close()
      expect(new Set(await Promise.all(all))).toEqual(new Set(['b']))
      await systemClock.sleep(1)
    })
    expect(Object.keys(counts).toSorted()).toEqual(['a', 'b'])
  })

  it('when a target falls ill and nobody but HAProxy is there to see it', async () => {
    const [a, b] = [await world.target('well'), await world.target('well')]
    await world.apply(plan([group('tg', [a, b])]))
    world.restart()
    await a.behave('wrongly')
    const answerers = async (): Promise<string[]> => {
      const found = new Set<string>()
      for (let index = 0; index < 6; index++) found.add((await world.send({ port: PORT, path: '/' }))?.target ?? '')
      return [...found]
    }
    await expect.poll(answerers, { timeout: 60_000 }).toEqual([`${b.address}:${b.port}`])
    await b.behave('wrongly')
    await expect.poll(async () => (await answerers()).length, { timeout: 60_000 }).toBe(2)
  })
})

describe('processes', () => {
  it('stay the same when targets change, and when another control plane applies the same', async () => {
    const [a, b] = [await named('a'), await named('b')]
    await world.apply(plan([group('tg', [a])]))
    const before = world.processes()
    await world.apply(plan([group('tg', [a, b])]))
    await world.apply(plan([group('tg', [b])]))
    world.restart()
    await world.apply(plan([group('tg', [b])]))
    expect(await ask()).toBe('b')
    expect(world.processes()).toEqual(before)
  })

  it('are all gone after a removal, also right after the start', async () => {
    await world.balancer().apply(plan([group('tg', [await named('a')])]))
    expect(world.processes().length).toBeGreaterThan(0)
    await world.balancer().remove('app-test')
    expect(world.processes()).toEqual([])
  })

  it('finish what a draining target has, and nothing is asked of it any more', async () => {
    const [a, b] = [await named('a'), await named('b')]
    await world.apply(plan([group('tg', [a])]))
    const slow = ask('/slow')
    await expect
      .poll(async () => (await world.balancer().targets('app-test'))?.[0]?.sessions, { timeout: 30_000 })
      .toBe(1)
    const targets = [...draining('tg', [a]).targets, ...group('', [b]).targets]
    await world.apply(plan([group('tg', [], { targets })]))
    for (let index = 0; index < 4; index++) expect(await ask()).toBe('b')
    expect(await slow).toBe('a')
  })

  it('are what they were when a configuration cannot be loaded', async () => {
    const groups = [group('tg', [await named('a')])]
    await world.apply(plan(groups))
    const certificates = [{ id: 'broken', pem: 'no certificate' }]
    const broken = {
      ...plan(groups),
      listeners: [listener([when(forward(['tg', 1]))], { protocol: 'HTTPS', certificates })],
    }
    await expect(world.balancer().apply(broken)).rejects.toMatchObject({ kind: 'invalid' })
    expect(await ask()).toBe('a')
    await world.apply(plan(groups))
    expect(await ask()).toBe('a')
  })
})
