// Goal: blue/green, linear and canary deployments go through AWS's stages in order, wait where they are told to, and go
// back without a moment below the desired count.
// Method: as in service-count.test.ts; besides the diary, the stages and the share of traffic at each moment.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html

import { beforeEach, describe, expect, it } from 'vitest'
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { serviceDeployments, serviceRevisions } from '#apis/ecs/tables.ts'
import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { ServiceWorld } from './service-world.ts'

let world: ServiceWorld
let stages: string[]

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
  stages = []
  const begin = world.clock.now().getTime()
  const minutes = (): string => ((world.clock.now().getTime() - begin) / 60_000).toFixed(1).padStart(6)
  world.store.watch([serviceDeployments, serviceRevisions], (changes) => {
    for (const { table, before, after } of changes) {
      if (table === serviceDeployments.name) {
        const [was, is] = [before, after].map((row) => (row as ServiceDeploymentRecord | undefined)?.progress)
        if (is?.lifecycleStage !== was?.lifecycleStage) stages.push(`${minutes()} ${is?.lifecycleStage}`)
        if (is !== undefined && was?.state !== is.state) stages.push(`${minutes()} ${is.state}`)
      } else {
        const [was, is] = [before, after].map((row) => (row as ServiceRevisionRecord | undefined)?.rollout)
        const isNew = (after as ServiceRevisionRecord | undefined)?.rollout.state === 'IN_PROGRESS'
        if (isNew && is?.productionWeight !== was?.productionWeight)
          stages.push(`${minutes()} new ${is?.productionWeight} %`)
      }
    }
  })
})

const begun = async (configuration: DeploymentConfiguration): Promise<void> => {
  await world.create(await world.app(), 2, { deploymentConfiguration: configuration })
  await world.advance(120)
  stages.length = 0
}

const deployWith = async (deploymentConfiguration: DeploymentConfiguration): Promise<void> =>
  world.update({ taskDefinition: await world.app(), deploymentConfiguration })

/** The table of stages, one line each. */
const told = (): string => `\n${stages.join('\n')}\n`
const alive = async (): Promise<number> => (await world.live()).length

describe('a blue/green deployment', () => {
  const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 }

  it('brings the new revision up in full, moves all traffic at once, bakes, and only then ends the old one', async () => {
    await begun(BLUE_GREEN)
    await world.deploy()
    await world.advance(60)
    expect(await alive()).toBe(4)
    await world.advance(600)
    expect(await alive()).toBe(2)
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
         2.1 TEST_TRAFFIC_SHIFT
         2.1 POST_TEST_TRAFFIC_SHIFT
         2.1 PRE_PRODUCTION_TRAFFIC_SHIFT
         2.1 PRODUCTION_TRAFFIC_SHIFT
         2.1 new 100 %
         2.1 POST_PRODUCTION_TRAFFIC_SHIFT
         2.1 BAKE_TIME
         7.1 CLEAN_UP
         7.1 SUCCESSFUL
      "
    `)
  })

  it('pauses where a hook says so, until somebody continues', async () => {
    await begun(BLUE_GREEN)
    await deployWith({
      ...BLUE_GREEN,
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP', 'PRE_PRODUCTION_TRAFFIC_SHIFT'] }],
    })
    await world.advance(3600)
    const [waiting] = (await world.deployments()).filter(({ progress }) => progress.state === 'IN_PROGRESS')
    const hook = waiting?.progress.hooks[0]
    expect(hook).toMatchObject({ status: 'AWAITING_ACTION', stage: 'POST_SCALE_UP', timeoutAction: 'ROLLBACK' })
    await world.ask('ContinueServiceDeployment', { serviceDeploymentArn: waiting?.arn, hookId: hook?.hookId } as never)
    await world.advance(60)
    const [, second] = (await world.deployments()).find(({ arn }) => arn === waiting?.arn)?.progress.hooks ?? []
    await world.ask('ContinueServiceDeployment', {
      serviceDeploymentArn: waiting?.arn,
      hookId: second?.hookId,
      action: 'CONTINUE',
    } as never)
    await world.advance(600)
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
        62.0 TEST_TRAFFIC_SHIFT
        62.0 POST_TEST_TRAFFIC_SHIFT
        62.0 PRE_PRODUCTION_TRAFFIC_SHIFT
        63.0 PRODUCTION_TRAFFIC_SHIFT
        63.0 new 100 %
        63.0 POST_PRODUCTION_TRAFFIC_SHIFT
        63.0 BAKE_TIME
        68.0 CLEAN_UP
        68.0 SUCCESSFUL
      "
    `)
  })

  it('goes back when nobody answers within the hook’s time', async () => {
    await begun(BLUE_GREEN)
    await deployWith({
      ...BLUE_GREEN,
      lifecycleHooks: [
        { targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'], timeoutConfiguration: { timeoutInMinutes: 30 } },
      ],
    })
    await world.advance(3600)
    expect(await alive()).toBe(2)
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
        32.1 ROLLBACK_IN_PROGRESS
        32.1 ROLLBACK_SUCCESSFUL
      "
    `)
  })

  it('goes back while it bakes, when it is stopped: the old tasks have been there all the time', async () => {
    await begun(BLUE_GREEN)
    const before = (await world.live()).map(({ id }) => id)
    await world.deploy()
    await world.advance(120)
    const [current] = (await world.deployments()).filter(({ progress }) => progress.state === 'IN_PROGRESS')
    await world.ask('StopServiceDeployment', { serviceDeploymentArn: current?.arn, stopType: 'ROLLBACK' } as never)
    await world.advance(120)
    expect((await world.live()).map(({ id }) => id)).toEqual(before)
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
         2.1 TEST_TRAFFIC_SHIFT
         2.1 POST_TEST_TRAFFIC_SHIFT
         2.1 PRE_PRODUCTION_TRAFFIC_SHIFT
         2.1 PRODUCTION_TRAFFIC_SHIFT
         2.1 new 100 %
         2.1 POST_PRODUCTION_TRAFFIC_SHIFT
         2.1 BAKE_TIME
         4.0 new 100 %
         4.0 ROLLBACK_IN_PROGRESS
         4.0 ROLLBACK_SUCCESSFUL
      "
    `)
  })

  it('asks a hook that can be called, again while it is busy, and goes back when it refuses', async () => {
    await begun(BLUE_GREEN)
    const asked: string[] = []
    world.hooks = async ({ stage, targetArn }) => {
      asked.push(`${stage} ${targetArn}`)
      if (stage === 'POST_TEST_TRAFFIC_SHIFT') return { status: 'FAILED' }
      return asked.length < 3
        ? { status: 'IN_PROGRESS', askAgainAt: world.clock.now().getTime() + 30_000 }
        : { status: 'SUCCEEDED' }
    }
    await deployWith({
      ...BLUE_GREEN,
      lifecycleHooks: [
        { hookTargetArn: 'http://127.0.0.1:9/', lifecycleStages: ['POST_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT'] },
      ],
    })
    await world.advance(600)
    expect(asked).toEqual([
      'POST_SCALE_UP http://127.0.0.1:9/',
      'POST_SCALE_UP http://127.0.0.1:9/',
      'POST_SCALE_UP http://127.0.0.1:9/',
      'POST_TEST_TRAFFIC_SHIFT http://127.0.0.1:9/',
    ])
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
         3.1 TEST_TRAFFIC_SHIFT
         3.1 POST_TEST_TRAFFIC_SHIFT
         3.1 ROLLBACK_IN_PROGRESS
         3.1 ROLLBACK_SUCCESSFUL
      "
    `)
  })

  it('goes back when the new tasks never start', async () => {
    await begun({ ...BLUE_GREEN, deploymentCircuitBreaker: { enable: true, rollback: true } })
    await world.update({ taskDefinition: await world.register([{ name: 'bad', image: 'missing' }]) })
    await world.advance(3600)
    expect(await alive()).toBe(2)
    expect(stages.at(-1)).toContain('ROLLBACK_SUCCESSFUL')
  })
})

describe('a linear deployment', () => {
  it('moves the traffic in equal steps, with a rest after each but the last', async () => {
    await begun({
      strategy: 'LINEAR',
      linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 3 },
      bakeTimeInMinutes: 1,
    })
    await world.deploy()
    await world.advance(1800)
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
         2.1 TEST_TRAFFIC_SHIFT
         2.1 POST_TEST_TRAFFIC_SHIFT
         2.1 PRE_PRODUCTION_TRAFFIC_SHIFT
         2.1 PRODUCTION_TRAFFIC_SHIFT
         2.1 new 40 %
         5.1 PRE_PRODUCTION_TRAFFIC_SHIFT
         5.1 PRODUCTION_TRAFFIC_SHIFT
         5.1 new 80 %
         8.1 PRE_PRODUCTION_TRAFFIC_SHIFT
         8.1 PRODUCTION_TRAFFIC_SHIFT
         8.1 new 100 %
         8.1 POST_PRODUCTION_TRAFFIC_SHIFT
         8.1 BAKE_TIME
         9.1 CLEAN_UP
         9.1 SUCCESSFUL
      "
    `)
  })
})

describe('a canary deployment', () => {
  it('sends a little traffic first, and the rest when that has gone well', async () => {
    await begun({
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 10 },
      bakeTimeInMinutes: 0,
    })
    await world.deploy()
    await world.advance(1800)
    expect(told()).toMatchInlineSnapshot(`
      "
         2.0 PENDING
         2.0 new 0 %
         2.0 PRE_SCALE_UP
         2.0 IN_PROGRESS
         2.0 SCALE_UP
         2.1 POST_SCALE_UP
         2.1 TEST_TRAFFIC_SHIFT
         2.1 POST_TEST_TRAFFIC_SHIFT
         2.1 PRE_PRODUCTION_TRAFFIC_SHIFT
         2.1 PRODUCTION_TRAFFIC_SHIFT
         2.1 new 5 %
        12.1 PRE_PRODUCTION_TRAFFIC_SHIFT
        12.1 PRODUCTION_TRAFFIC_SHIFT
        12.1 new 100 %
        12.1 POST_PRODUCTION_TRAFFIC_SHIFT
        12.1 BAKE_TIME
        12.1 CLEAN_UP
        12.1 SUCCESSFUL
      "
    `)
  })
})
