// Goal: a deployment that fails is noticed, stopped, and undone where that was asked for.
// Method: as in service-count.test.ts. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html

import { beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '#base/fault.ts'
import { ServiceWorld } from './service-world.ts'

let world: ServiceWorld

beforeEach(async () => {
  world = (await new ServiceWorld().begin()) as ServiceWorld
})

const breaker = (rollback: boolean, more: object = {}) => ({
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback, ...more } },
})

/** Never comes to run. */
const BROKEN = { createFault: () => new Fault('invalid', 'exec format error') }
/** Runs, and never passes a health check. */
const SICK = { exec: () => ({ exitCode: 1, output: '' }) }
const CHECKED = { healthCheck: { command: ['CMD', 'ok'], interval: 5, retries: 2 } }

/** Too seldom for an early check to succeed before the second regular one has failed. */
const SLOWLY_CHECKED = { healthCheck: { command: ['CMD', 'ok'], interval: 5, retries: 1 } }

const since = (mark: string): string => world.story.slice(world.story.lastIndexOf('\n', world.story.indexOf(mark)))

const progress = async (): Promise<unknown[]> =>
  (await world.deployments()).map(({ progress: { state, reason, circuitBreaker } }) => ({
    state,
    reason,
    ...circuitBreaker,
  }))

describe('the circuit breaker', () => {
  it('stops a first deployment whose tasks do not start; there is nothing to go back to', async () => {
    await world.create(await world.app(BROKEN), 1, breaker(true))
    await world.advance(3600)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (1 failed)
          0:05  (service web) has started 1 tasks: (task t2).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (2 failed)
          0:15  (service web) has started 1 tasks: (task t3).
                (service web) (deployment d1) deployment failed: tasks failed to start.
                (service web) is unable to consistently start tasks successfully.
                = d1 PRIMARY 0/0/0 FAILED (3 failed)
      "
    `)
    expect(await progress()).toMatchInlineSnapshot(`
      [
        {
          "failureCount": 3,
          "reason": "Service deployment failed because the circuit breaker threshold was exceeded.",
          "state": "ROLLBACK_FAILED",
          "status": "TRIGGERED",
          "threshold": 3,
        },
      ]
    `)
  })

  it('without rollback leaves the service to the old revision', async () => {
    await world.create(await world.app(), 2, breaker(false))
    await world.advance(60)
    await world.deploy(BROKEN)
    await world.advance(600)
    await world.note('an old task exits')
    world.crashTask((await world.live())[0])
    await world.advance(60)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/0/0 IN_PROGRESS (2 failed) · d1 ACTIVE 2/2/0 COMPLETED
          1:05  (service web) has started 2 tasks: (task t5) (task t6).
                (service web) (deployment d2) deployment failed: tasks failed to start.
                = d2 PRIMARY 0/0/0 FAILED (4 failed) · d1 ACTIVE 2/2/0 COMPLETED
         11:00  — an old task exits
                (service web) has started 1 tasks: (task t7).
      "
    `)
    expect((await progress())[1]).toMatchInlineSnapshot(`
      {
        "failureCount": 4,
        "reason": "Service deployment failed because the circuit breaker threshold was exceeded.",
        "state": "STOPPED",
        "status": "TRIGGERED",
        "threshold": 3,
      }
    `)
  })

  it('with rollback brings the old revision back', async () => {
    await world.create(await world.app(), 2, {
      deploymentConfiguration: {
        minimumHealthyPercent: 50,
        maximumPercent: 100,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
    })
    await world.advance(60)
    await world.deploy(BROKEN)
    await world.advance(600)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has stopped 1 running tasks: (task t1).
                (service web) has started 1 tasks: (task t3).
                = d2 PRIMARY 1/0/0 IN_PROGRESS (1 failed) · d1 ACTIVE 1/1/0 COMPLETED
          1:05  (service web) has started 1 tasks: (task t4).
                = d2 PRIMARY 1/0/0 IN_PROGRESS (2 failed) · d1 ACTIVE 1/1/0 COMPLETED
          1:15  (service web) has started 1 tasks: (task t5).
                (service web) (deployment d2) deployment failed: tasks failed to start.
                (service web) rolling back to deployment d1.
                (service web) has started 1 tasks: (task t6).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          1:20  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
    expect((await progress())[1]).toMatchInlineSnapshot(`
      {
        "failureCount": 0,
        "reason": "Service deployment failed because the circuit breaker threshold was exceeded.",
        "state": "ROLLBACK_SUCCESSFUL",
        "status": "MONITORING_COMPLETE",
        "threshold": 3,
      }
    `)
  })

  it('counts failed health checks once a task has been running', async () => {
    await world.create(await world.app({}, CHECKED), 1, breaker(true))
    await world.advance(60)
    await world.deploy(SICK, CHECKED)
    await world.advance(300)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t2).
                = d2 PRIMARY 1/1/0 IN_PROGRESS · d1 ACTIVE 1/1/0 COMPLETED
          1:10  (service web) (task t2) failed container health checks.
                (service web) has stopped 1 running tasks: (task t2).
                (service web) has started 1 tasks: (task t3).
                = d2 PRIMARY 1/1/0 IN_PROGRESS (1 failed) · d1 ACTIVE 1/1/0 COMPLETED
          1:20  (service web) (task t3) failed container health checks.
                (service web) has stopped 1 running tasks: (task t3).
                (service web) has started 1 tasks: (task t4).
                = d2 PRIMARY 1/1/0 IN_PROGRESS (2 failed) · d1 ACTIVE 1/1/0 COMPLETED
          1:30  (service web) (task t4) failed container health checks.
                (service web) has stopped 1 running tasks: (task t4).
                (service web) (deployment d2) deployment failed: tasks failed to start.
                (service web) rolling back to deployment d1.
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('does not count tasks that have run and ended: AWS does not either', async () => {
    await world.create(await world.app(), 1, breaker(true))
    await world.advance(60)
    await world.deploy({ exitAfterSeconds: 3, exitCode: 1 })
    await world.advance(600)
    const [, second] = await world.deployments()
    expect(second?.progress.state).toBe('IN_PROGRESS')
    expect(second?.progress.circuitBreaker).toEqual({ status: 'MONITORING', failureCount: 0, threshold: 3 })
  })

  it('may count to any number, whatever the desired count is', async () => {
    await world.create(await world.app(), 4, breaker(true, { thresholdConfiguration: { type: 'COUNT', value: 5 } }))
    await world.advance(60)
    await world.deploy(BROKEN)
    await world.advance(600)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 4 tasks: (task t5) (task t6) (task t7) (task t8).
                = d2 PRIMARY 4/0/0 IN_PROGRESS (4 failed) · d1 ACTIVE 4/4/0 COMPLETED
          1:05  (service web) has started 4 tasks: (task t9) (task t10) (task t11) (task t12).
                (service web) (deployment d2) deployment failed: tasks failed to start.
                (service web) rolling back to deployment d1.
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 4/4/0 COMPLETED
      "
    `)
  })

  it('forgets failures when a task is healthy, unless it is told not to', async () => {
    let calls = 0
    // The first task never passes a health check, the second does.
    const flaky = { exec: () => ({ exitCode: ++calls <= 8 ? 1 : 0, output: '' }) }
    await world.create(await world.app(flaky, SLOWLY_CHECKED), 1, breaker(false, { resetOnHealthyTask: false }))
    await world.advance(300)
    calls = 0
    await world.update({ ...breaker(false), forceNewDeployment: true })
    await world.advance(300)
    const [kept, reset] = await world.deployments()
    expect([kept?.progress.circuitBreaker.failureCount, reset?.progress.circuitBreaker.failureCount]).toEqual([1, 0])
  })

  it('of a rollback: when the old revision fails too, the service stalls', async () => {
    const old = { ...(await broken()) }
    await world.create(await world.app(old.script), 2, {
      deploymentConfiguration: {
        minimumHealthyPercent: 0,
        maximumPercent: 100,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
    })
    await world.advance(60)
    old.breaks()
    await world.deploy(BROKEN)
    await world.advance(600)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has stopped 2 running tasks: (task t1) (task t2).
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/0/0 IN_PROGRESS (2 failed)
          1:05  (service web) has started 2 tasks: (task t5) (task t6).
                (service web) (deployment d2) deployment failed: tasks failed to start.
                (service web) rolling back to deployment d1.
                (service web) has started 2 tasks: (task t7) (task t8).
                = d1 PRIMARY 2/0/0 IN_PROGRESS (2 failed)
          1:10  (service web) has started 2 tasks: (task t9) (task t10).
                (service web) (deployment d1) deployment failed: tasks failed to start.
                = d1 PRIMARY 0/0/0 FAILED (4 failed)
      "
    `)
    expect((await progress())[1]).toMatchInlineSnapshot(`
      {
        "failureCount": 4,
        "reason": "Service deployment failed because the circuit breaker threshold was exceeded.",
        "state": "ROLLBACK_FAILED",
        "status": "TRIGGERED",
        "threshold": 3,
      }
    `)
  })

  it('is out of the way for the next deployment', async () => {
    await world.create(await world.app(BROKEN), 1, breaker(false))
    await world.advance(300)
    await world.deploy()
    await world.advance(60)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          5:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t4).
                = d2 PRIMARY 1/1/0 IN_PROGRESS
          5:05  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })
})

/** An app that works until it is told to break. */
const broken = async () => {
  let isBroken = false
  return {
    script: { createFault: () => (isBroken ? new Fault('invalid', 'exec format error') : undefined) },
    breaks: (): void => {
      isBroken = true
    },
  }
}

describe('StopServiceDeployment', () => {
  const stop = async (): Promise<void> => {
    await world.note('StopServiceDeployment')
    const { currentServiceDeployment } = await world.described()
    await world.ask('StopServiceDeployment', { serviceDeploymentArn: currentServiceDeployment } as never)
  }

  it('goes back to where the deployment came from', async () => {
    await world.create(await world.app(), 2)
    await world.advance(60)
    await world.deploy({ startSeconds: 60 })
    await world.advance(10)
    await stop()
    await world.advance(120)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
          1:00  — UpdateService: a new task definition
                (service web) has started 2 tasks: (task t3) (task t4).
                = d2 PRIMARY 2/0/2 IN_PROGRESS · d1 ACTIVE 2/2/0 COMPLETED
          1:10  — StopServiceDeployment
                (service web) (deployment d2) deployment failed: stopped by user.
                (service web) rolling back to deployment d1.
                (service web) has stopped 2 pending tasks: (task t4) (task t3).
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          2:00  (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
      "
    `)
    expect((await progress())[1]).toMatchInlineSnapshot(`
      {
        "failureCount": 0,
        "reason": "Service deployment stopped by user.",
        "state": "ROLLBACK_SUCCESSFUL",
        "status": "DISABLED",
        "threshold": 3,
      }
    `)
  })

  it('of a first deployment has nothing to go back to', async () => {
    await world.create(await world.app({ startSeconds: 60 }), 1)
    await world.advance(10)
    await stop()
    await world.advance(120)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/0/1 IN_PROGRESS
          0:10  — StopServiceDeployment
                (service web) (deployment d1) deployment failed: stopped by user.
                = d1 PRIMARY 1/0/1 FAILED
          1:00  = d1 PRIMARY 1/1/0 FAILED
      "
    `)
  })
})

describe('without a circuit breaker', () => {
  it('tasks that do not start are tried more and more seldom, up to every 27 minutes', async () => {
    await world.create(await world.app(BROKEN), 1)
    await world.advance(2 * 3600)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (1 failed)
          0:05  (service web) has started 1 tasks: (task t2).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (2 failed)
          0:15  (service web) has started 1 tasks: (task t3).
                (service web) is unable to consistently start tasks successfully.
                = d1 PRIMARY 1/0/0 IN_PROGRESS (3 failed)
          0:35  (service web) has started 1 tasks: (task t4).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (4 failed)
          1:15  (service web) has started 1 tasks: (task t5).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (5 failed)
          2:35  (service web) has started 1 tasks: (task t6).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (6 failed)
          5:15  (service web) has started 1 tasks: (task t7).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (7 failed)
         10:35  (service web) has started 1 tasks: (task t8).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (8 failed)
         21:15  (service web) has started 1 tasks: (task t9).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (9 failed)
         42:35  (service web) has started 1 tasks: (task t10).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (10 failed)
       1:09:35  (service web) has started 1 tasks: (task t11).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (11 failed)
       1:36:35  (service web) has started 1 tasks: (task t12).
                = d1 PRIMARY 1/0/0 IN_PROGRESS (12 failed)
      "
    `)
    await world.advance(22 * 3600)
    const tries = world.story.split('\n').filter((line) => line.includes('has started'))
    expect(tries).toHaveLength(61)
  })

  it('a new task definition ends the waiting', async () => {
    await world.create(await world.app(BROKEN), 1)
    await world.advance(7200)
    await world.deploy()
    await world.advance(60)
    expect(since('— UpdateService')).toMatchInlineSnapshot(`
      "
       2:00:00  — UpdateService: a new task definition
                (service web) has started 1 tasks: (task t13).
                = d2 PRIMARY 1/1/0 IN_PROGRESS
       2:00:05  (service web) (deployment d2) deployment completed.
                (service web) has reached a steady state.
                = d2 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('a task that runs and ends at once is replaced with a pause, and never throttled', async () => {
    await world.create(await world.app({ exitAfterSeconds: 2, exitCode: 1 }), 1)
    await world.advance(120)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:00  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:02  = d1 PRIMARY 1/0/0 IN_PROGRESS
          0:03  (service web) has started 1 tasks: (task t2).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:05  = d1 PRIMARY 1/0/0 IN_PROGRESS
          0:07  (service web) has started 1 tasks: (task t3).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:09  = d1 PRIMARY 1/0/0 IN_PROGRESS
          0:13  (service web) has started 1 tasks: (task t4).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:15  = d1 PRIMARY 1/0/0 IN_PROGRESS
          0:23  (service web) has started 1 tasks: (task t5).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:25  = d1 PRIMARY 1/0/0 IN_PROGRESS
          0:41  (service web) has started 1 tasks: (task t6).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          0:43  = d1 PRIMARY 1/0/0 IN_PROGRESS
          1:13  (service web) has started 1 tasks: (task t7).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          1:15  = d1 PRIMARY 1/0/0 IN_PROGRESS
          1:45  (service web) has started 1 tasks: (task t8).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
          1:47  = d1 PRIMARY 1/0/0 IN_PROGRESS
      "
    `)
  })

  it('a crash loop goes on for a day, at the same pace, and is told of', async () => {
    await world.create(await world.app({ exitAfterSeconds: 30, exitCode: 1 }), 1)
    const startsByHour: number[] = []
    for (let hour = 0, before = 0; hour < 24; hour++) {
      await world.advance(3600)
      const starts = world.story.split('has started').length - 1
      startsByHour.push(starts - before)
      before = starts
    }
    // A minute each: 30 s of life, and 30 s of pause; in the first hour the pauses are still growing.
    expect(startsByHour.join(' ')).toMatchInlineSnapshot(
      `"62 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60 60"`,
    )
    const { events, deployments } = await world.described()
    expect(events).toHaveLength(100)
    expect(deployments?.[0]?.rolloutState).toBe('COMPLETED')
  }, 60_000)
})
