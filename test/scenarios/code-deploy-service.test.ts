// Goal: a service that CodeDeploy deploys begins as one primary task set behind its load balancer, is kept and drained
// like any other, and changes what its tasks are made of by CodeDeploy only.
// Method: real controllers in simulated time, a fake load balancer.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html

import { beforeEach, expect, it } from 'vitest'
import { newTaskSet } from '#apis/ecs/model/new-task-set.ts'
import { services, taskSets } from '#apis/ecs/tables.ts'
import { refusal } from '#test/refusal.ts'
import { BalancedWorld, PORTS } from './balanced-world.ts'

let world: BalancedWorld
let family: string

beforeEach(async () => {
  world = (await new BalancedWorld().begin()) as BalancedWorld
  await world.balance('blue', 'green')
  family = await world.app({}, PORTS)
  await world.create(family, 2, {
    deploymentController: { type: 'CODE_DEPLOY' },
    loadBalancers: world.attached(family),
  })
  await world.advance(60)
})

const events = async (): Promise<string[]> =>
  ((await world.described()).events ?? []).map(({ message = '' }) => message).toReversed()

it('is one primary task set, shown as what the service is made of', async () => {
  const { deployments, taskSets: sets, ...service } = await world.described()
  expect(deployments).toEqual([])
  expect(sets).toEqual([
    expect.objectContaining({
      status: 'PRIMARY',
      scale: { unit: 'PERCENT', value: 100 },
      stabilityStatus: 'STEADY_STATE',
      computedDesiredCount: 2,
      runningCount: 2,
      loadBalancers: world.attached(family),
    }),
  ])
  expect(service).toMatchObject({
    desiredCount: 2,
    runningCount: 2,
    launchType: 'FARGATE',
    taskDefinition: expect.stringContaining(`${family}:1`),
    loadBalancers: world.attached(family),
  })
  const [set] = sets ?? []
  expect(await events()).toEqual([
    expect.stringMatching(`^\\(service web, taskSet ${set?.id}\\) has started 2 tasks: `),
    `(service web) registered 2 targets in (target-group ${world.groups[0]})`,
    `(service web, taskSet ${set?.id}) has reached a steady state.`,
  ])
})

it('leaves to CodeDeploy what its tasks are made of, and is scaled by UpdateService', async () => {
  const update = (change: object) => world.ask('UpdateService', { service: 'web', ...change } as never)
  for (const [change, what] of [
    [{ taskDefinition: family }, 'update task definition'],
    [{ loadBalancers: world.attached(family) }, 'update load balancers'],
    [{ networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } } }, 'update network parameters'],
  ] as const) {
    await expect(update(change)).rejects.toEqual(
      refusal(
        'InvalidParameterException',
        `Unable to ${what} on services with a CODE_DEPLOY deployment controller. ` +
          'Use AWS CodeDeploy to trigger a new deployment.',
      ),
    )
  }
  await update({ desiredCount: 3, healthCheckGracePeriodSeconds: 5 })
  await world.advance(60)
  expect(await world.described()).toMatchObject({ runningCount: 3, healthCheckGracePeriodSeconds: 5 })
})

it('goes over to a second task set in the other target group, and to nothing when it is deleted', async () => {
  await world.store.write(async (tx) => {
    const [service] = await tx.list(services)
    const [blue] = await tx.list(taskSets)
    if (service === undefined || blue === undefined) throw new Error('there is no such service')
    const template = { ...blue.spec.template, loadBalancers: world.attached(family, 1) }
    const wish = { template, percent: 100, externalId: 'd-ABCDEFGHI', startedBy: 'CODE_DEPLOY' }
    const by = { random: world.random, at: world.clock.now().toISOString() }
    await tx.put(taskSets, newTaskSet(service, wish, by))
    await tx.put(taskSets, { ...blue, spec: { ...blue.spec, scale: { unit: 'PERCENT', value: 0 } } })
  })
  // Nothing sends requests to the second group, so nothing is known of its targets' health, and nothing speaks against them.
  await world.advance(60)
  const seen = async (): Promise<(string | undefined)[]> =>
    ((await world.described()).taskSets ?? []).map(
      ({ startedBy, status, stabilityStatus, runningCount }) =>
        `${startedBy ?? 'ECS'} ${status} ${runningCount} ${stabilityStatus}`,
    )
  expect(new Set(await seen())).toEqual(new Set(['CODE_DEPLOY ACTIVE 2 STEADY_STATE', 'ECS PRIMARY 0 STEADY_STATE']))
  await world.ask('UpdateService', { service: 'web', desiredCount: 0 } as never)
  await world.ask('DeleteService', { service: 'web' } as never)
  await world.advance(400)
  expect(await world.described()).toMatchObject({ status: 'INACTIVE', taskSets: [] })
  expect(await world.registered()).toBe(0)
})
