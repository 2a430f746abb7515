// Goal: a service's tasks are registered with its target groups when they are ready, have let go of their clients before
// they are told to stop, and are replaced when the load balancer finds them unhealthy.
// Method: real controllers in simulated time; the load balancer is a fake whose targets are as the test says. The diary
// shows targets and the ends of tasks besides events.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html

import { beforeEach, describe, expect, it } from 'vitest'
import { interrupted } from '#apis/ecs/model/spot.ts'
import { isStopped } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import { targets } from '#apis/elbv2/tables.ts'
import type { TaskArn } from '#aws/arn.ts'
import { milliseconds } from '#aws/time.ts'
import type { FakeScript } from '#engine/fake/script.ts'
import { addressOf, BalancedWorld, PORTS } from './balanced-world.ts'
import { Fuse } from './fuse.ts'
import type { Container } from './world.ts'

let world: BalancedWorld

beforeEach(async () => {
  world = (await new BalancedWorld().begin()) as BalancedWorld
  await world.balance('blue', 'green')
})

type Begun = Parameters<BalancedWorld['create']>[2] & { script?: FakeScript; container?: Partial<Container> }

const begun = async (desiredCount: number, { script = {}, container = {}, ...more }: Begun = {}): Promise<void> => {
  const family = await world.app(script, { ...PORTS, ...container })
  await world.create(family, desiredCount, { loadBalancers: world.attached(family), ...more })
}

/** The first so many checks fail. */
const passingFrom = (first: number): NonNullable<FakeScript['exec']> => {
  let checks = 0
  return () => ({ exitCode: ++checks < first ? 1 : 0, output: '' })
}

describe('a service behind a load balancer', () => {
  it('registers its tasks, is steady when they are healthy, and drains them before they are told to stop', async () => {
    world.balancer.otherwise = { health: 'unknown' }
    await begun(2)
    await world.advance(60)
    world.balancer.otherwise = { sessions: 3 }
    await world.target(0, { sessions: 3 })
    await world.advance(60)
    await world.update({ desiredCount: 1 })
    await world.advance(400)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                · blue: t1 initial
                · blue: t2 initial
                (service web) registered 2 targets in (target-group blue)
                = d1 PRIMARY 2/2/0 IN_PROGRESS
          1:01  · blue: t1 healthy
                · blue: t2 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          2:01  — UpdateService desiredCount=1
                (service web) has stopped 1 running tasks: (task t2).
                · t2 DEACTIVATING
                · blue: t2 draining
                (service web) deregistered 1 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 1 tasks.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          7:01  · blue: t2 gone
                · t2 STOPPING
                · t2 SIGTERM
                · t2 STOPPED
      "
    `)
    expect(await world.registered()).toBe(1)
  })

  it('is steady at no tasks only after it has told what is drained', async () => {
    await begun(2)
    await world.advance(60)
    world.balancer.otherwise = { sessions: 1 }
    for (const at of [0, 1]) await world.target(at, { sessions: 1 })
    await world.update({ desiredCount: 0 })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                · blue: t1 initial
                · blue: t2 initial
                (service web) registered 2 targets in (target-group blue)
                · blue: t1 healthy
                · blue: t2 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          1:01  — UpdateService desiredCount=0
                (service web) has stopped 2 running tasks: (task t2) (task t1).
                · t2 DEACTIVATING
                · blue: t2 draining
                · t1 DEACTIVATING
                · blue: t1 draining
                (service web) deregistered 2 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 2 tasks.
                (service web) has reached a steady state.
                = d1 PRIMARY 0/0/0 COMPLETED
      "
    `)
  })
})

const FAILING = { health: 'unhealthy', failure: { why: 'mismatch', code: 502 } } as const
const HEALTH_CHECK: Partial<Container> = {
  healthCheck: { command: ['CMD', 'check'], interval: 5, retries: 2 },
}

describe('a task with targets', () => {
  it('is registered when its health checks have passed, not before', async () => {
    await begun(1, { script: { exec: passingFrom(2) }, container: HEALTH_CHECK })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                = d1 PRIMARY 1/1/0 IN_PROGRESS
        0:01.3  · blue: t1 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t1 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
      "
    `)
  })

  it('is told to stop when its deregistration delay is over, whoever still talks to it', async () => {
    await begun(1)
    await world.advance(60)
    await world.target(0, { sessions: 1 })
    const [task] = await world.live()
    await world.note('StopTask')
    await world.stop(task?.arn as TaskArn)
    await world.advance(400)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                · blue: t1 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t1 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          1:01  — StopTask
                (service web) has started 1 tasks: (task t2).
                · t1 DEACTIVATING
                · blue: t1 draining
                (service web) deregistered 1 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 1 tasks.
                · blue: t2 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t2 healthy
                (service web) has reached a steady state.
          6:01  · blue: t1 gone
                · t1 STOPPING
                · t1 SIGTERM
                · t1 STOPPED
      "
    `)
  })

  it('is told to stop as soon as nobody talks to it any more', async () => {
    await begun(1)
    await world.advance(60)
    await world.target(0, { sessions: 1 })
    const [task] = await world.live()
    await world.stop(task?.arn as TaskArn)
    await world.advance(7)
    expect((await world.task(task?.arn as TaskArn))?.status.lastStatus).toBe('DEACTIVATING')
    world.balancer.script(addressOf(task), {})
    await world.advance(1)
    expect((await world.task(task?.arn as TaskArn))?.status.lastStatus).toBe('STOPPED')
  })

  it('waits for nobody when its container has ended already', async () => {
    await begun(1)
    await world.advance(60)
    await world.target(0, { sessions: 1 })
    await world.note('the container exits')
    world.crashTask((await world.live())[0])
    await world.advance(10)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                · blue: t1 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t1 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          1:01  — the container exits
                · blue: t1 draining
                (service web) has started 1 tasks: (task t2).
                (service web) deregistered 1 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 1 tasks.
                · t1 STOPPED
                · blue: t2 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t2 healthy
                (service web) has reached a steady state.
      "
    `)
  })

  it('is told to stop in time for Spot’s deadline, whoever still talks to it', async () => {
    await world.ask('PutClusterCapacityProviders', {
      cluster: 'default',
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
    } as never)
    await begun(1, { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] })
    await world.advance(60)
    await world.target(0, { sessions: 1 })
    const [task] = await world.live()
    await world.note('a Spot task gets notice')
    const at = world.clock.now().toISOString()
    await world.store.write(async (tx) => {
      if (task !== undefined) await tx.put(tasks, interrupted(task, at, 120))
    })
    await world.advance(200)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 1
                (service web) has started 1 tasks: (task t1).
                · blue: t1 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t1 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 1/1/0 COMPLETED
          1:01  — a Spot task gets notice
                (service web) has started 1 tasks: (task t2).
                · t1 DEACTIVATING
                · blue: t1 draining
                (service web) deregistered 1 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 1 tasks.
                · blue: t2 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t2 healthy
                (service web) has reached a steady state.
          2:31  · t1 STOPPING
                · t1 SIGTERM
                · t1 STOPPED
      "
    `)
  })
})

describe('an unhealthy target', () => {
  it('is replaced: the new task first, as there is room', async () => {
    await begun(2)
    await world.advance(60)
    await world.note('the second target fails')
    await world.target(1, FAILING)
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
          0:01  — CreateService 2
                (service web) has started 2 tasks: (task t1) (task t2).
                · blue: t1 initial
                · blue: t2 initial
                (service web) registered 2 targets in (target-group blue)
                · blue: t1 healthy
                · blue: t2 healthy
                (service web) (deployment d1) deployment completed.
                (service web) has reached a steady state.
                = d1 PRIMARY 2/2/0 COMPLETED
          1:01  — the second target fails
                · blue: t2 unhealthy
                (service web) has started 1 tasks: (task t3).
                · blue: t3 initial
                (service web) registered 1 targets in (target-group blue)
                · blue: t3 healthy
                (service web) (task t2) (port 80) is unhealthy in (target-group blue) due to (reason Health checks failed with these codes: [502]).
                (service web) has stopped 1 running tasks: (task t2).
                · t2 DEACTIVATING
                · blue: t2 draining
                (service web) deregistered 1 targets in (target-group blue)
                (service web, taskSet d1) has begun draining connections on 1 tasks.
                (service web) has reached a steady state.
                · blue: t2 gone
                · t2 STOPPING
                · t2 SIGTERM
                · t2 STOPPED
      "
    `)
  })

  it('counts after the grace period only', async () => {
    world.balancer.otherwise = FAILING
    await begun(1, { healthCheckGracePeriodSeconds: 30 })
    await world.advance(29)
    expect(await world.live()).toHaveLength(1)
    expect(world.story).not.toContain('is unhealthy in')
    await world.target(0, FAILING)
    world.balancer.otherwise = {}
    await world.advance(2)
    expect(world.story).toContain(
      '(service web) (task t1) (port 80) is unhealthy in (target-group blue) ' +
        'due to (reason Health checks failed with these codes: [502]).',
    )
    await world.advance(60)
    expect(await world.described()).toMatchObject({ runningCount: 1, deployments: [{ rolloutState: 'COMPLETED' }] })
  })

  it('fails a deployment by the circuit breaker, which goes back', async () => {
    await begun(2, { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } })
    await world.advance(60)
    world.balancer.otherwise = FAILING
    for (const at of [0, 1]) await world.target(at, {})
    const family = await world.app({}, PORTS)
    await world.update({ taskDefinition: family, loadBalancers: world.attached(family) })
    await world.advance(300)
    const { events = [], deployments } = await world.described()
    expect(deployments).toMatchObject([{ runningCount: 2, rolloutState: 'COMPLETED' }])
    expect(events.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/deployment failed: tasks failed to start\.$/),
    )
    expect((await world.deployments()).at(-1)?.progress.state).toBe('ROLLBACK_SUCCESSFUL')
    expect(await world.registered()).toBe(2)
  })

  it('that somebody has deregistered is replaced', async () => {
    await begun(1)
    await world.advance(60)
    const [task] = await world.live()
    await world.note('DeregisterTargets')
    await world.target(0, { sessions: 1 })
    const Id = addressOf(task).split(':')[0]
    await world.askElb('DeregisterTargets', { TargetGroupArn: world.groups[0], Targets: [{ Id }] } as never)
    await world.advance(400)
    expect(world.story).toContain('due to (reason Target deregistration is in progress).')
    expect((await world.live()).map(({ id }) => id)).not.toContain(task?.id)
    expect(await world.described()).toMatchObject({ runningCount: 1 })
    expect(await world.registered()).toBe(1)
  })

  it('is one whose target group is gone, and a task can stop without it', async () => {
    await begun(1)
    await world.advance(60)
    await world.askElb('DeleteListener', { ListenerArn: world.listenerArn } as never)
    await world.askElb('DeleteTargetGroup', { TargetGroupArn: world.groups[0] } as never)
    await world.advance(5)
    expect(world.story).toMatch(
      /\(service web\) task set \(d1\) \(task t1\) is not healthy in target-group \(blue\) due to TARGET GROUP IS NOT FOUND/,
    )
    // The next ones would be no better, and come at growing pauses.
    await world.advance(115)
    const born = world.story.match(/has started 1 tasks/g) ?? []
    expect(born.length).toBeLessThan(20)
    await world.update({ desiredCount: 0 })
    await world.advance(60)
    expect(await world.live()).toHaveLength(0)
    expect(await world.registered()).toBe(0)
  })
})

describe('a deployment', () => {
  it('never has fewer healthy targets than its minimum', async () => {
    await begun(3)
    await world.advance(60)
    let least = 3
    world.store.watch([targets], () => {
      void world.store
        .read((reader) => reader.list(targets))
        .then((all) => {
          const good = all.filter(({ status, spec }) => status.state === 'healthy' && spec.deregisteredAt === undefined)
          least = Math.min(least, good.length)
        })
    })
    const family = await world.app({}, PORTS)
    await world.update({ taskDefinition: family, loadBalancers: world.attached(family) })
    await world.advance(120)
    expect(least).toBe(3)
    expect(await world.described()).toMatchObject({ deployments: [{ runningCount: 3, rolloutState: 'COMPLETED' }] })
  })

  it('moves to another target group when loadBalancers are updated', async () => {
    await begun(2)
    await world.advance(60)
    const [blue, green] = world.groups
    await world.askElb('ModifyListener', {
      ListenerArn: world.listenerArn,
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: blue, Weight: 1 },
              { TargetGroupArn: green, Weight: 1 },
            ],
          },
        },
      ],
    } as never)
    const { loadBalancers = [] } = await world.described()
    await world.update({ loadBalancers: loadBalancers.map((one) => ({ ...one, targetGroupArn: green ?? '' })) })
    await world.advance(120)
    const all = await world.store.read((reader) => reader.list(targets))
    expect(all.map(({ targetGroupArn }) => targetGroupArn)).toEqual([green, green])
    expect(await world.described()).toMatchObject({
      loadBalancers: [{ targetGroupArn: green }],
      deployments: [{ runningCount: 2, rolloutState: 'COMPLETED' }],
    })
  })
})

it('wherever the control plane dies between registering and letting go, no row stays and nobody waits for ever', async () => {
  const lived = async (fuse: Fuse): Promise<void> => {
    world = (await new BalancedWorld({ fuse }).begin()) as BalancedWorld
    await world.balance('blue')
    world.balancer.otherwise = { sessions: 1 }
    await world.askElb('ModifyTargetGroupAttributes', {
      TargetGroupArn: world.groups[0],
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
    } as never)
    await begun(1)
    let isRevived = false
    const live = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await world.advance(1)
        if (!fuse.isBlown || isRevived) continue
        isRevived = true
        await world.restart()
      }
    }
    await live(5)
    await world.ask('DeleteService', { service: 'web', force: true } as never)
    await live(40)
    const all = await world.store.read((reader) => reader.list(tasks))
    expect(all.every(isStopped)).toBe(true)
    // Somebody is always still talking to it.
    const drained = all
      .filter(({ status }) => status.registeredAt !== undefined)
      .map(({ spec, status }) => milliseconds(status.executionStoppedAt ?? '') - milliseconds(spec.stop?.at ?? ''))
    expect(Math.min(10_000, ...drained)).toBe(10_000)
    expect(await world.registered()).toBe(0)
    world.crash()
  }
  const whole = new Fuse()
  await lived(whole)
  for (let at = 1; at <= whole.calls; at += 1) await lived(new Fuse(at, at % 2 === 0 ? 'before' : 'after'))
}, 120_000)
