// Goal: a task that its target group would not have runs on, holds the deployment up, and is told of; as soon as the
// group has room for it, it is registered.
// Method: real controllers in simulated time; other targets fill the group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html

import { beforeEach, expect, it } from 'vitest'
import { TARGETS_PER_TARGET_GROUP } from '#apis/elbv2/model/limits.ts'
import { targetGroups } from '#apis/elbv2/tables.ts'
import { BalancedWorld, PORTS } from './balanced-world.ts'

let world: BalancedWorld

beforeEach(async () => {
  world = (await new BalancedWorld().begin()) as BalancedWorld
  await world.balance('blue')
})

const begun = async (desiredCount: number): Promise<void> => {
  const family = await world.app({}, PORTS)
  await world.create(family, desiredCount, { loadBalancers: world.attached(family) })
}

/** Targets that nobody's tasks are: by their ports. */
const others = (first: number, count: number) => ({
  TargetGroupArn: world.groups[0],
  Targets: Array.from({ length: count }, (_, at) => ({ Id: '10.0.1.200', Port: first + at })),
})

it('a full target group holds a task back, until it has room again', async () => {
  await world.askElb('RegisterTargets', others(1000, TARGETS_PER_TARGET_GROUP - 1) as never)
  await begun(2)
  await world.advance(60)
  expect(await world.described()).toMatchObject({ runningCount: 2, deployments: [{ rolloutState: 'IN_PROGRESS' }] })
  await world.note('another target leaves')
  await world.askElb('DeregisterTargets', others(1000, 1) as never)
  await world.advance(60)
  expect(world.story).toMatchInlineSnapshot(`
    "
        0:01  — CreateService 2
              (service web) has started 2 tasks: (task t1) (task t2).
              · blue: t1 initial
              (service web) registered 1 targets in (target-group blue)
              (service web) failed to register targets in (target-group blue) with (error The maximum number of targets per target group '1000' has been reached)
              · blue: t1 healthy
              = d1 PRIMARY 2/2/0 IN_PROGRESS
        1:01  — another target leaves
        1:16  · blue: t2 initial
              (service web) registered 1 targets in (target-group blue)
              · blue: t2 healthy
              (service web) (deployment d1) deployment completed.
              (service web) has reached a steady state.
              = d1 PRIMARY 2/2/0 COMPLETED
    "
  `)
  expect((await world.live()).map(({ owner }) => owner?.refusedBy)).toEqual([undefined, undefined])
})

it('a deployment does not go on without the targets of its tasks', async () => {
  await world.askElb('RegisterTargets', others(1000, TARGETS_PER_TARGET_GROUP - 2) as never)
  await begun(2)
  await world.advance(60)
  const before = (await world.live()).map(({ arn }) => arn)
  const family = await world.app({}, PORTS)
  await world.update({ taskDefinition: family, loadBalancers: world.attached(family) })
  await world.advance(900)
  const live = await world.live()
  expect(live.slice(0, 2).map(({ arn }) => arn)).toEqual(before)
  expect(live).toHaveLength(4)
  expect(world.story.match(/failed to register targets in/g)).toHaveLength(1)
  // A task that no group has is none that anybody has to wait for.
  await world.update({ desiredCount: 0 })
  await world.advance(400)
  expect(await world.live()).toHaveLength(0)
  expect(await world.registered()).toBe(TARGETS_PER_TARGET_GROUP - 2)
})

it('a task in another VPC than the target group is not registered', async () => {
  await world.store.write(async (tx) => {
    for (const row of await tx.list(targetGroups)) await tx.put(targetGroups, { ...row, vpcId: 'vpc-2' })
  })
  await begun(1)
  await world.advance(60)
  expect(world.story).toMatch(
    /\(service web\) failed to register targets in \(target-group blue\) with \(error The following targets are not in the target group VPC 'vpc-2': '10\.[\d.]+'\)\n/,
  )
  expect(await world.registered()).toBe(0)
  expect(await world.described()).toMatchObject({ runningCount: 1, deployments: [{ rolloutState: 'IN_PROGRESS' }] })
})
