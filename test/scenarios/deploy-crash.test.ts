// Goal: wherever the control plane dies during a blue/green deployment, the next one brings it to the same end, with one
// replacement task set and no traffic lost on the way.
// Method: a fuse blows at the n-th call that touches store, engine or network; then a new control plane starts on the same
// store and host. As in crash.test.ts.

import { expect, it } from 'vitest'
import { DeployWorld } from './deploy-world.ts'
import { Fuse } from './fuse.ts'

/** Every so many calls: all of them would take minutes. */
const STRIDE = 7

const begun = async (fuse: Fuse): Promise<{ world: DeployWorld; id: string; callsBefore: number }> => {
  const world = (await new DeployWorld({ fuse }).begin()) as DeployWorld
  await world.deployable({ config: 'CodeDeployDefault.ECSCanary10Percent5Minutes', test: true, termination: 1 })
  const callsBefore = fuse.calls
  return { world, id: await world.bluegreen(), callsBefore }
}

const live = async (world: DeployWorld, fuse: Fuse): Promise<void> => {
  let isRevived = false
  for (let step = 0; step < 100; step++) {
    await world.advance(10)
    if (!fuse.isBlown || isRevived) continue
    isRevived = true
    await world.restart()
  }
}

it('comes to the same end wherever the control plane has died', async () => {
  const counting = new Fuse()
  const undisturbed = await begun(counting)
  await live(undisturbed.world, counting)
  const { callsBefore } = undisturbed
  expect(counting.calls - callsBefore).toBeGreaterThan(20)
  for (let at = callsBefore + 1; at <= counting.calls; at += STRIDE) {
    const fuse = new Fuse(at, at % 2 === 0 ? 'before' : 'after')
    const { world, id } = await begun(fuse)
    await live(world, fuse)
    const told = `after a death at call ${at}`
    expect(fuse.isBlown, told).toBe(true)
    expect((await world.deployment(id)).status, told).toBe('Succeeded')
    expect(world.bugs, told).toEqual([])
    // Each weight is set once, in its order, whoever set it.
    expect(world.story.match(/:80 .*/g), told).toEqual([
      ':80 blue 100 · green 0',
      ':80 blue 90 · green 10',
      ':80 blue 0 · green 100',
    ])
    const { taskSets = [] } = await world.described()
    expect(
      taskSets.map(({ status, runningCount }) => `${status} ${runningCount}`),
      told,
    ).toEqual(['PRIMARY 2'])
    expect(await world.live(), told).toHaveLength(2)
  }
}, 300_000)
