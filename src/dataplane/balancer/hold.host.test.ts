// Goal: a request for a group that has no target yet waits, is told of, and is answered as soon as there is one.
// Method: real HAProxy, plain requests.

import { once } from 'node:events'
import { request } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { balancerPlan, forward, group, listener, PORT, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import type { ActionPlan, BalancerPlan } from './balancer.ts'

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

type Targets = readonly { readonly address: string; readonly port: number }[]

const plan = (targets: Targets, holdSeconds = 60, action: ActionPlan = forward(['tg', 1])): BalancerPlan =>
  balancerPlan(world, [group('tg', targets, { holdSeconds })], [listener([when(action)])])

const asked = async (body = ''): Promise<number> => {
  const sent = request({ host: world.hostAddress, port: PORT, path: '/', method: 'POST', agent: false })
  sent.end(body)
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode
}

it.each<[what: string, action: () => ActionPlan]>([
  ['a plain rule', () => forward(['tg', 1])],
  ['a rule that keeps clients with their group', () => ({ ...forward(['tg', 1]), stickySeconds: 60 }) as ActionPlan],
])('waits for the first target of %s', async (_what, action) => {
  await world.balancer().apply(plan([], 60, action()))
  const life = new AbortController()
  const told: string[] = []
  const following = world.balancer().followHeld('app-test', (id) => told.push(id), life.signal)
  const answers = Promise.all([asked('a'.repeat(10_000)), asked()])
  await expect.poll(() => told[0], { timeout: 30_000 }).toBe('tg')
  const target = await world.target('well')
  await world.apply(plan([target], 60, action()))
  expect(await answers).toEqual([200, 200])
  life.abort()
  await following
})

it('waits no longer than it is to', async () => {
  await world.balancer().apply(plan([], 1))
  expect(await asked()).toBe(503)
})

it('does not wait while there is any target, be it unhealthy', async () => {
  const sick = await world.target('wrongly')
  await world.balancer().apply(plan([sick]))
  const health = async () => (await world.balancer().targets('app-test'))?.map(({ health: of }) => of)
  await expect.poll(health, { timeout: 30_000 }).toEqual(['unhealthy'])
  await expect.poll(() => asked(), { timeout: 30_000 }).toBe(500)
})
