// Goal: a rolling deployment never leaves its bounds: the healthy minimum, rounded up, and the maximum, rounded down.
// Method: as in service-count.test.ts. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html

import { beforeEach, describe, expect, it } from 'vitest'
import { ServiceWorld } from './service-world.ts'

let world: ServiceWorld

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
})

const bounds = (minimumHealthyPercent: number, maximumPercent: number) => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
})

const CHECKED = { healthCheck: { command: ['CMD', 'ok'], interval: 5, retries: 2 } }

/** From the deployment on; what came before is the same everywhere. */
const since = (mark: string): string => world.story.slice(world.story.lastIndexOf('\n', world.story.indexOf(mark)))

describe('a rolling deployment', () => {
  it('at 100/200 starts all new tasks, and stops the old ones when the new have run for 40 s', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy()
    await world.advance(120)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          0:05  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('of tasks with a health check goes on as soon as they are healthy', async () => {
    await world.create(await world.app({}, CHECKED), 2)
    await world.advance(60)
    await world.deploy({}, CHECKED)
    await world.advance(120)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
        1:00.1  (service web) has stopped 1 running tasks: (task t1).
                (service web) has stopped 1 running tasks: (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  const early = (cleanup: 'BLOCKING' | 'DEFERRED', more: object = {}) => ({
    deploymentConfiguration: {
      ...bounds(50, 100).deploymentConfiguration,
      earlySuccessCriteria: { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup: cleanup },
      ...more,
    },
  })

  it('with early success is complete at its percentage, and goes on to the desired count all the same', async () => {
    await world.create(await world.app(), 4, early('DEFERRED'))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t4) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has started 2 tasks: (task t7) (task t8).
                = d2 PRIMARY 4/4/0 COMPLETED
          1:45  (service web) has reached a steady state.
      "
    `)
  })

  it('with early success waits for the old tasks to go where their cleanup blocks', async () => {
    await world.create(await world.app(), 4, early('BLOCKING'))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t4) (task t2).
                (service web) has started 2 tasks: (task t7) (task t8).
                (service web) (deployment d2) deployment completed.
                = d2 PRIMARY 4/4/0 COMPLETED
          1:45  (service web) has reached a steady state.
      "
    `)
  })

  it('with early success and a bake time is complete when that is over', async () => {
    await world.create(await world.app({}, CHECKED), 4, early('DEFERRED', { bakeTimeInMinutes: 2 }))
    await world.advance(300)
    await world.deploy({}, CHECKED)
    await world.advance(300)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          5:00  — UpdateService: a new task definition
                (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
        5:00.1  (service web) has stopped 1 running tasks: (task t4).
                (service web) has started 1 tasks: (task t7).
                (service web) has stopped 1 running tasks: (task t2).
                (service web) has started 1 tasks: (task t8).
                = d2 PRIMARY 4/4/0 IN_PROGRESS
        7:00.1  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('at 50/100 stops half of them to make room', async () => {
    await world.create(await world.app(), 4, bounds(50, 100))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t4) (task t2).
                (service web) has started 2 tasks: (task t7) (task t8).
                = d2 PRIMARY 4/4/0 IN_PROGRESS
          1:45  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('at 100/150 goes in steps', async () => {
    await world.create(await world.app(), 4, bounds(100, 150))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t5) (task t6).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 4/4/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t1) (task t3).
                (service web) has started 2 tasks: (task t7) (task t8).
                = d2 PRIMARY 4/4/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          2:20  (service web) has stopped 2 running tasks: (task t4) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('of three at 50/150 keeps two healthy and has four at most: the minimum is rounded up, the maximum down', async () => {
    await world.create(await world.app(), 3, bounds(50, 150))
    await world.advance(60)
    await world.deploy()
    await world.advance(240)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t4).
                (service web) has stopped 1 running tasks: (task t3).
                (service web) has started 1 tasks: (task t5).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks: (task t1).
                (service web) has started 1 tasks: (task t6).
                = d2 PRIMARY 3/3/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          2:20  (service web) has stopped 1 running tasks: (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 3/3/0 COMPLETED
      "
    `)
  })

  it('at 0/100 stops everything first', async () => {
    await world.create(await world.app(), 3, bounds(0, 100))
    await world.advance(60)
    await world.deploy()
    await world.advance(60)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has stopped 3 running tasks: (task t3) (task t1) (task t2).
                (service web) has started 3 tasks: (task t4) (task t5) (task t6).
                = d2 PRIMARY 3/3/0 IN_PROGRESS
          1:05  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 3/3/0 COMPLETED
      "
    `)
  })

  it('of one task at 50/100 is blocked: the minimum and the maximum are both one', async () => {
    await world.create(await world.app(), 1, bounds(50, 100))
    await world.advance(60)
    await world.deploy()
    await world.advance(180)
    await world.update(bounds(0, 100))
    await world.advance(180)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                service web was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
                = d2 PRIMARY 0/0/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          4:00  — UpdateService at 0/100
                (service web) has stopped 1 running tasks: (task t1).
                (service web) has started 1 tasks: (task t2).
                = d2 PRIMARY 1/1/0 IN_PROGRESS
          4:05  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('is complete when the last old task has ended', async () => {
    await world.create(await world.app({ stopSeconds: 25 }), 1)
    await world.advance(60)
    await world.deploy()
    await world.advance(120)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t2).
                = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks: (task t1).
                = d2 PRIMARY 1/1/0 IN_PROGRESS
          2:05  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('of no tasks is complete at once', async () => {
    await world.create(await world.app(), 0)
    await world.advance(60)
    await world.deploy()
    await world.advance(60)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 0/0/0 COMPLETED
      "
    `)
  })

  it('is forced with the same task definition', async () => {
    await world.create(await world.app(), 1)
    await world.advance(60)
    await world.update({ forceNewDeployment: true })
    await world.advance(120)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService forceNewDeployment=true
                (service web) has started 1 tasks: (task t2).
                = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          1:40  (service web) has stopped 1 running tasks: (task t1).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
    const [first, second] = await world.revisions()
    expect(second?.template.taskDefinitionArn).toBe(first?.template.taskDefinitionArn)
  })

  it('lets waiters for a stable service succeed: one deployment, and as many running as desired', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy()
    await world.advance(1)
    expect((await world.described()).deployments).toHaveLength(2)
    await world.advance(40)
    const { deployments, runningCount, desiredCount } = await world.described()
    expect(deployments).toHaveLength(1)
    expect(runningCount).toBe(desiredCount)
  })
})

describe('during a rolling deployment', () => {
  const slow = { startSeconds: 30 }

  it('a growing desired count reaches the new and the old revision', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy(slow)
    await world.advance(10)
    await world.update({ desiredCount: 4 })
    await world.advance(200)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/0/2 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:10  — UpdateService desiredCount=4
                (service web) has started 4 tasks: (task t5) (task t6) (task t7) (task t8).
                = d2 PRIMARY 4/0/4 IN_PROGRESS · d1 ACTIVE 4/4/0 COMPLETED
          1:30  = d2 PRIMARY 4/2/2 IN_PROGRESS · d1 ACTIVE 4/4/0 COMPLETED
          1:40  = d2 PRIMARY 4/4/0 IN_PROGRESS · d1 ACTIVE 4/4/0 COMPLETED
          2:10  (service web) has stopped 2 running tasks: (task t6) (task t5).
                = d2 PRIMARY 4/4/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          2:20  (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('a shrinking desired count takes from both', async () => {
    await world.create(await world.app(), 4)
    await world.advance(60)
    await world.deploy(slow)
    await world.advance(10)
    await world.update({ desiredCount: 1 })
    await world.advance(200)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 4 tasks: (task t5) (task t6) (task t7) (task t8).
                = d2 PRIMARY 4/0/4 IN_PROGRESS · d1 ACTIVE 4/4/0 COMPLETED
          1:10  — UpdateService desiredCount=1
                (service web) has stopped 3 running tasks: (task t1) (task t3) (task t4).
                (service web) has stopped 3 pending tasks: (task t5) (task t6) (task t7).
                = d2 PRIMARY 1/0/1 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          1:30  = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          2:10  (service web) has stopped 1 running tasks: (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('an old task that dies is replaced by one of its own revision', async () => {
    await world.create(await world.app(), 2, bounds(100, 150))
    await world.advance(60)
    await world.deploy(slow)
    await world.advance(10)
    await world.note('an old task exits')
    world.crashTask((await world.live())[0])
    await world.advance(200)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t3).
                = d2 PRIMARY 1/0/1 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:10  — an old task exits
                (service web) has started 1 tasks: (task t4).
          1:30  = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          2:10  (service web) has stopped 1 running tasks: (task t4).
                (service web) has started 1 tasks: (task t5).
                = d2 PRIMARY 2/1/1 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          2:40  = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          3:20  (service web) has stopped 1 running tasks: (task t1).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('a newer deployment takes over: what was not proven goes first', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy(slow)
    await world.advance(10)
    await world.deploy()
    await world.advance(200)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/0/2 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:10  — UpdateService: a new task definition
                (service web) has stopped 2 pending tasks: (task t4) (task t3).
                (service web) has started 2 tasks: (task t5) (task t6).
                = d3 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:50  (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) (deployment d3) deployment completed.
                (service web) has reached a steady state.
                = d3 PRIMARY 2/2/0 COMPLETED
      "
    `)
    expect((await world.deployments()).map(({ progress }) => [progress.state, progress.reason])).toMatchInlineSnapshot(`
      [
        [
          "SUCCESSFUL",
          undefined,
        ],
        [
          "STOPPED",
          "Service deployment stopped because a newer service deployment was started.",
        ],
        [
          "SUCCESSFUL",
          undefined,
        ],
      ]
    `)
  })

  it('the control plane may die at any time', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy()
    for (let turn = 0; turn < 12; turn++) {
      await world.advance(10)
      await world.restart()
    }
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/2/0 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:40  (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })
})

describe('tasks that fail their health checks', () => {
  const state = { fails: false }
  const sick = { exec: () => ({ exitCode: state.fails ? 1 : 0, output: '' }) }
  beforeEach(() => {
    state.fails = false
  })

  it('are replaced first and stopped then, where the maximum leaves room', async () => {
    await world.create(await world.app(sick, CHECKED), 2)
    await world.advance(60)
    await world.note('health checks fail for 20 s')
    state.fails = true
    await world.advance(20)
    state.fails = false
    await world.advance(60)
    expect(since('— health')).toMatchInlineSnapshot(`
      "
          1:00  — health checks fail for 20 s
          1:10  (service web) has started 1 tasks: (task t3).
                (service web) has started 1 tasks: (task t4).
                = d1 PRIMARY 2/4/0 COMPLETED
          1:20  (service web) (task t2) failed container health checks.
                (service web) has stopped 1 running tasks: (task t2).
                (service web) has started 1 tasks: (task t5).
                (service web) (task t1) failed container health checks.
                (service web) has stopped 1 running tasks: (task t1).
                (service web) has started 1 tasks: (task t6).
        1:20.1  (service web) (task t4) failed container health checks.
                (service web) has stopped 1 running tasks: (task t4).
                (service web) (task t3) failed container health checks.
                (service web) has stopped 1 running tasks: (task t3).
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
  })

  it('are stopped one by one, where it does not', async () => {
    await world.create(await world.app(sick, CHECKED), 3, bounds(0, 100))
    await world.advance(60)
    await world.note('health checks fail for 20 s')
    state.fails = true
    await world.advance(20)
    state.fails = false
    await world.advance(120)
    expect(since('— health')).toMatchInlineSnapshot(`
      "
          1:00  — health checks fail for 20 s
          1:10  (service web) (task t1) failed container health checks.
                (service web) has stopped 1 running tasks: (task t1).
                (service web) has started 1 tasks: (task t4).
          1:20  (service web) (task t2) failed container health checks.
                (service web) has stopped 1 running tasks: (task t2).
                (service web) has started 1 tasks: (task t5).
        1:20.1  (service web) (task t3) failed container health checks.
                (service web) has stopped 1 running tasks: (task t3).
                (service web) has started 1 tasks: (task t6).
        1:20.3  (service web) (task t4) failed container health checks.
                (service web) has stopped 1 running tasks: (task t4).
                (service web) has started 1 tasks: (task t7).
        1:20.4  (service web) has reached a steady state.
      "
    `)
  })

  it('are left alone within the grace period', async () => {
    await world.create(await world.app(sick, CHECKED), 1, { healthCheckGracePeriodSeconds: 120 })
    await world.advance(30)
    await world.note('health checks fail from now on')
    state.fails = true
    await world.advance(150)
    expect(since('— health')).toMatchInlineSnapshot(`
      "
          0:30  — health checks fail from now on
          2:00  (service web) has started 1 tasks: (task t2).
                = d1 PRIMARY 1/2/0 COMPLETED
      "
    `)
  })
})

describe('version consistency', () => {
  it('makes every task of a deployment run the image of the first, until the next deployment', async () => {
    const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
    const images = async (): Promise<(string | undefined)[]> =>
      (await world.live()).map(({ status }) => status.containers[0]?.imageDigest?.slice(7, 8))
    world.engine.images.register('busybox', { digest: digest('a') })
    await world.create(await world.app(), 1)
    await world.advance(60)
    world.engine.images.register('busybox', { digest: digest('b') })
    await world.update({ desiredCount: 3 })
    await world.advance(60)
    expect(await images()).toEqual(['a', 'a', 'a'])
    await world.update({ forceNewDeployment: true })
    await world.advance(120)
    expect(await images()).toEqual(['b', 'b', 'b'])
    expect((await world.revisions()).map(({ rollout }) => rollout.containerImages[0]?.imageDigest)).toEqual([
      digest('a'),
      digest('b'),
    ])
  })
})
