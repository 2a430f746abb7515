// Goal: each way in which a service can be other than it should is told in words that a person understands and can act on.
// Method: records as the controllers write them; the answers are compared word for word where they matter.

import { describe, expect, it } from 'vitest'
import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskRecord, TaskStatus } from '#apis/ecs/model/task.ts'
import { at, container, EXITED, taskOf } from '#test/why-records.ts'
import { whyService, type ServiceFacts } from './service.ts'

describe('a service', () => {
  const owner = { serviceArn: 'service/default/web', revisionArn: 'revision/1' } as TaskRecord['owner']
  const live = (id: string, change: Partial<TaskStatus> = {}): TaskRecord =>
    taskOf({ lastStatus: 'RUNNING', containers: [container({ lastStatus: 'RUNNING' })], ...change }, { id, owner })
  const ended = (id: string, exitCode = 1): TaskRecord =>
    taskOf({ ...EXITED, stoppedAt: at(10), containers: [container({ exitCode })] }, { id, owner })

  const facts = (
    tasks: readonly TaskRecord[],
    change: {
      state?: string
      desired?: number
      rollout?: object
      status?: object
      progress?: object
      sleepsAfter?: string
      loadBalancers?: readonly object[]
    } = {},
  ): ServiceFacts => ({
    service: {
      name: 'web',
      arn: 'service/default/web',
      spec: {
        desiredCount: change.desired ?? 2,
        deploymentConfiguration: {},
        tags: change.sleepsAfter === undefined ? [] : [{ key: 'neargate:scale-to-zero', value: change.sleepsAfter }],
      },
      status: { state: change.state ?? 'ACTIVE', ...change.status },
    } as unknown as ServiceRecord,
    primary: {
      arn: 'revision/1',
      id: '1',
      template: { loadBalancers: change.loadBalancers ?? [] },
      rollout: { state: 'COMPLETED', reason: '', ...change.rollout },
    } as unknown as ServiceRevisionRecord,
    deployment: {
      progress: {
        state: 'SUCCESSFUL',
        circuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 3 },
        alarms: { triggered: [] },
        ...change.progress,
      },
    } as unknown as ServiceDeploymentRecord,
    tasks,
    messages: [
      { serviceArn: 'x' as never, number: 2, id: 'i', createdAt: at(2), message: '(service web) newest.' },
      { serviceArn: 'x' as never, number: 1, id: 'i', createdAt: at(1), message: '(service web) older.' },
    ],
    now: at(30),
  })

  it('is as it should be', () => {
    const told = whyService(facts([live('a'), live('b')]))
    expect(told).toMatchObject({ answer: 'It is as it should be: 2 of 2 tasks run.', isKnown: true })
    expect(told.because).toEqual([`${at(2)} (service web) newest.`, `${at(1)} (service web) older.`])
  })

  it('that is to sleep, but cannot, says why', () => {
    const two = [live('a'), live('b')]
    const loadBalancers = [{ targetGroupArn: 'group' }]
    expect(whyService(facts(two, { sleepsAfter: '300', loadBalancers })).answer).toBe(
      'It is as it should be: 2 of 2 tasks run.',
    )
    for (const sleepsAfter of ['5m', '0', '']) {
      expect(whyService(facts(two, { sleepsAfter, loadBalancers })).answer).toContain(
        `It never goes to zero: its tag neargate:scale-to-zero is "${sleepsAfter}", which is no whole number of seconds`,
      )
    }
    expect(whyService(facts(two, { sleepsAfter: '300' })).answer).toContain(
      'is for services behind an application load balancer, and it has none.',
    )
  })

  it('failed at its circuit breaker: count, threshold, where it went back to, and why the tasks ended', () => {
    const told = whyService(
      facts([live('a'), ended('b', 127), ended('c', 127)], {
        rollout: { state: 'FAILED', reason: 'ECS deployment circuit breaker: tasks failed to start.' },
        progress: {
          state: 'ROLLBACK_SUCCESSFUL',
          circuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
          rollback: { reason: 'Circuit breaker.', startedAt: at(20), revisionArn: 'revision/7' },
        },
      }),
    )
    expect(told.answer).toBe(
      '1 of 2 tasks run. The deployment circuit breaker tripped: 3 tasks failed in a row, and its threshold is 3. ' +
        'Its last 2 tasks all ended alike: Its essential container app ended with exit code 127: its command was not found.',
    )
    expect(told.because).toEqual(
      expect.arrayContaining([
        'Deployment ecs-svc/1 is FAILED: ECS deployment circuit breaker: tasks failed to start.',
        `It was rolled back to ecs-svc/7 at ${at(20)}: Circuit breaker.`,
      ]),
    )
    expect(told.tryThis).toContain('See one of them: neargate why b')
  })

  it('shows first what it does not tell on a good day', () => {
    const said = (message: string, number: number) => ({ message, number, createdAt: at(number) })
    const sick = '(service web) (task a) (port 80) is unhealthy in (target-group g) due to (reason Request timed out).'
    const messages = [said('(service web) registered 1 targets in (target-group g)', 2), said(sick, 1)]
    const told = whyService({ ...facts([live('a')]), messages: messages as unknown as ServiceFacts['messages'] })
    expect(told.because).toEqual([`${at(1)} ${sick}`])
  })

  it('waits after failing starts', () => {
    const throttle = { failures: 4, since: at(1), notBefore: at(59), held: 1 }
    expect(whyService(facts([], { status: { throttle } })).answer).toBe(
      `0 of 2 tasks run. Its tasks failed to start 4 times in a row, so the scheduler waits: the next try is not before ${at(59)}.`,
    )
  })

  it('waits for room', () => {
    const waiting = live('w', { lastStatus: 'PROVISIONING' })
    expect(whyService(facts([live('a'), waiting])).answer).toBe(
      '1 of 2 tasks run, 1 is being started. One of its tasks waits for room on this host.',
    )
  })

  it('has Spot tasks that give way, beside the ones that replace them', () => {
    const stop = { code: 'SpotInterruption', reason: 'Your Spot Task was interrupted.', at: at(5) } as const
    const leaving = { ...live('s'), spec: { ...live('s').spec, stop } }
    expect(whyService(facts([live('a'), leaving, live('n', { lastStatus: 'PENDING' })])).answer).toBe(
      '1 of 2 tasks run, 1 is being started, 1 is being stopped. ' +
        'One of its Spot tasks has been told to give way (Spot interruption); the scheduler replaces what is interrupted.',
    )
  })

  it('cannot move within its bounds', () => {
    const told = whyService(
      facts([live('a')], {
        desired: 1,
        rollout: { state: 'IN_PROGRESS', reason: 'r' },
        progress: { state: 'IN_PROGRESS' },
      }),
    )
    // One to keep, two at most: there is room to move.
    expect(told.answer).toBe('It is on its way: 1 of 1 tasks run.')
    const stuck = facts([live('a')], {
      desired: 1,
      rollout: { state: 'IN_PROGRESS' },
      progress: { state: 'IN_PROGRESS' },
    })
    const bounds = { minimumHealthyPercent: 100, maximumPercent: 100 }
    const service = { ...stuck.service, spec: { ...stuck.service.spec, deploymentConfiguration: bounds } }
    expect(whyService({ ...stuck, service }).answer).toContain('can neither start nor stop a task')
  })

  it('was deleted', () => {
    expect(whyService(facts([], { state: 'DRAINING' })).answer).toBe('It was deleted (DeleteService), and is DRAINING.')
  })

  it('is short of tasks, and nothing tells why: says so', () => {
    expect(whyService(facts([live('a')]))).toMatchObject({
      answer: '1 of 2 tasks run, and what is recorded does not tell why.',
      isKnown: false,
    })
  })
})
