// Goal: a thousand tasks that just run cost the control plane nothing.
// Method: they are started, an hour passes in simulated time, and every call that costs anything is counted.

import { expect, it } from 'vitest'
import { World } from './world.ts'

const TASKS = 1000

it('does no work while nothing happens', async () => {
  const world = await new World({ subnetCidr: '10.0.0.0/20' }).begin()
  const family = await world.register([{ name: 'app' }, { name: 'side', essential: false }])
  for (let count = 0; count < TASKS; count++) await world.runFamily(family)
  await world.advance(60)
  const running = (await world.engine.observe()).flatMap((task) => task.containers)
  expect(running.filter(({ state }) => state === 'running')).toHaveLength(2 * TASKS)

  const calls = { observe: 0, observeTask: 0, exec: 0, write: 0 }
  const observe = world.engine.observe.bind(world.engine)
  world.engine.observe = () => (calls.observe++, observe())
  const exec = world.engine.exec.bind(world.engine)
  world.engine.exec = (...asked) => (calls.exec++, exec(...asked))
  const write = world.store.write.bind(world.store)
  world.store.write = (work) => (calls.write++, write(work))
  const observeTask = world.engine.observeTask.bind(world.engine)
  world.engine.observeTask = (id) => (calls.observeTask++, observeTask(id))
  await world.advance(3600)
  // Every five minutes, records and engine are compared.
  expect(calls).toEqual({ observe: 12, observeTask: 0, exec: 0, write: 0 })
  world.crash()
}, 60_000)
