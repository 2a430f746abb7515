// Goal: each way in which a task or a service can end badly is told in words that a person understands and can act on.
// Method: records as the controllers write them; the answers are compared word for word where they matter.

import { describe, expect, it } from 'vitest'
import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { StopRequest, TaskContainer, TaskRecord, TaskStatus } from '#apis/ecs/model/task.ts'
import { whyService, type ServiceFacts } from './service.ts'
import type { TargetFacts } from './targets.ts'
import { whyTask } from './task.ts'

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`

const container = (change: Partial<TaskContainer> = {}): TaskContainer =>
  ({
    name: 'app',
    runtimeId: 'abc-1',
    image: 'busybox',
    lastStatus: 'STOPPED',
    restartCount: 0,
    startedAt: at(1),
    finishedAt: at(9),
    ...change,
  }) as TaskContainer

const taskOf = (
  status: Partial<TaskStatus>,
  more: { stop?: StopRequest; spot?: boolean; id?: string; owner?: TaskRecord['owner'] } = {},
): TaskRecord =>
  ({
    arn: `task/${more.id ?? 'abc'}`,
    id: more.id ?? 'abc',
    scope: { region: 'eu-west-1', account: '1', partition: 'aws' },
    ...(more.owner === undefined ? {} : { owner: more.owner }),
    spec: {
      group: 'service:web',
      cpuUnits: 256,
      memoryMiB: 512,
      ...(more.spot === true ? { capacityProviderName: 'FARGATE_SPOT' } : {}),
      ...(more.stop === undefined ? {} : { stop: more.stop }),
    },
    status: {
      lastStatus: 'STOPPED',
      containers: [container()],
      attachment: { id: 'a', status: 'DELETED', details: [] },
      ...status,
    },
  }) as unknown as TaskRecord

const EXITED = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' } as const
const answerTo = (task: TaskRecord): string => whyTask({ task, logs: {} }).answer
const exitOf = (change: Partial<TaskContainer>): string =>
  answerTo(taskOf({ ...EXITED, containers: [container(change)] }))

describe('an essential container that ended', () => {
  it.each([
    [{ exitCode: 0 }, 'ended with exit code 0: the program ended by itself and reported success.'],
    [{ exitCode: 3 }, 'ended with exit code 3: the program ended by itself and reported a failure.'],
    [{ exitCode: 126 }, 'ended with exit code 126: its command was found and could not be executed.'],
    [{ exitCode: 127 }, 'ended with exit code 127: its command was not found.'],
    [{ exitCode: 139 }, /exit code 139: .*crashed \(SIGSEGV\)\.$/],
    [{ exitCode: 134 }, /exit code 134: .*\(SIGABRT\)/],
    [{ exitCode: 130 }, 'ended with exit code 130: it was ended by SIGINT.'],
    [{ exitCode: 143 }, 'ended with exit code 143: it was ended by SIGTERM.'],
    [
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage', memory: '64' },
      'ended with exit code 137: the kernel killed it (SIGKILL) because it wanted more than its memory limit of 64 MiB.',
    ],
    [
      { exitCode: 137, stopSignaledAt: at(1), killedAt: at(8) },
      /exit code 137: it did not end after the stop signal .*, so it was killed \(SIGKILL\)/,
    ],
    [{ exitCode: 137 }, /exit code 137: it was killed \(SIGKILL\), and not by its own memory limit/],
    [{ exitCode: 255 }, 'ended with exit code 255: the program ended by itself and reported a failure.'],
  ])('%j', (change, words) => {
    expect(exitOf(change)).toMatch(words)
    expect(exitOf(change)).toMatch(/^Its essential container app ended with exit code/)
  })

  it('is the one that ended first, not the one that was stopped for it', () => {
    const containers = [
      container({ name: 'second', exitCode: 143, finishedAt: at(20), stopSignaledAt: at(19) }),
      container({ name: 'first', exitCode: 1, finishedAt: at(10) }),
      container({ name: 'helper', exitCode: 9, finishedAt: at(5), essential: false }),
    ]
    const { answer, containers: shown } = whyTask({ task: taskOf({ ...EXITED, containers }), logs: {} })
    expect(answer).toContain('container first ended with exit code 1')
    expect(shown.map(({ name, meaning }) => `${name}: ${meaning}`)).toEqual([
      'second: it ended when it got the stop signal (SIGTERM), as it should',
      'first: the program ended by itself and reported a failure',
      'helper: the program ended by itself and reported a failure',
    ])
  })

  it('shows its last lines', () => {
    const log = { group: '/web', stream: 'web/app/abc', lines: ['starting', 'no such table: users'] }
    const task = taskOf({ ...EXITED, containers: [container({ exitCode: 1 })] })
    expect(whyTask({ task, logs: { app: log } }).containers[0]?.log).toEqual(log)
  })
})

describe('a task that could not start', () => {
  it.each([
    ['CannotPullContainerError: … nope: not found', 'the image does not exist under that name'],
    ['CannotPullContainerError: … 401 Unauthorized', 'the registry refused to give the image'],
    ['CannotPullContainerError: … toomanyrequests: You have reached', 'the registry allows no more pulls for now'],
    ['CannotPullContainerError: … dial tcp 1.2.3.4:443: i/o timeout', 'the image’s registry could not be reached'],
    ['CannotPullContainerError: … Get "https://neargate.local/v2/a/b', 'no image of that name has been brought in'],
    ['CannotPullContainerError: … unexpected status 500', 'the image could not be pulled'],
    [
      'ResourceInitializationError: The task cannot find the Amazon CloudWatch log group defined in the task definition. …',
      'the log group that its containers log to does not exist',
    ],
    [
      "Unexpected EC2 error while attempting to Create Network Interface … in subnet 'subnet-a': InsufficientFreeAddressesInSubnet",
      'its subnets have no free address left',
    ],
    ['Timeout waiting for network interface provisioning to complete.', 'its network interface was not ready in time'],
    [
      'TaskDependencyError: Task dependencies cannot be resolved, taskArn: x',
      'a container waited for another one ("dependsOn") in a way that can never come true',
    ],
    [
      'CannotStartContainerError: Error: … exec: "serve": executable file not found in $PATH',
      'a container’s command is not in its image',
    ],
  ])('%s', (stoppedReason, meaning) => {
    const task = taskOf({ stopCode: 'TaskFailedToStart', stoppedReason, containers: [] })
    const { answer, isKnown, because, tryThis } = whyTask({ task, logs: {} })
    expect({ answer, isKnown }).toEqual({ answer: `It could not start: ${meaning}.`, isKnown: true })
    expect(because).toContain(`ECS says: “${stoppedReason}”`)
    expect(tryThis.length).toBeGreaterThan(0)
  })

  it('for a reason that nobody has explained yet: says ECS’s words, and that it does not know', () => {
    const task = taskOf({ stopCode: 'TaskFailedToStart', stoppedReason: 'Something new', containers: [] })
    expect(whyTask({ task, logs: {} })).toMatchObject({
      answer: 'It could not start.',
      isKnown: false,
      because: ['ECS says: “Something new”'],
    })
  })
})

describe('a task that was stopped', () => {
  const interruption: StopRequest = {
    code: 'SpotInterruption',
    reason: 'Your Spot Task was interrupted.',
    at: at(5),
    graceSeconds: 120,
  }

  it('by somebody, with their reason', () => {
    expect(answerTo(taskOf({ stopCode: 'UserInitiated', stoppedReason: 'enough' }))).toBe(
      'Somebody stopped it with StopTask, giving as reason “enough”.',
    )
  })

  it('as a Spot task: when it got notice, and how long it had', () => {
    const told = whyTask({ task: taskOf({ lastStatus: 'STOPPING' }, { stop: interruption, spot: true }), logs: {} })
    expect(told.answer).toMatch(/^It is being stopped\. It ran on Fargate Spot, and its room was wanted/)
    expect(told.because[0]).toBe(`It got notice at ${at(5)}, and 120 seconds to end after SIGTERM.`)
  })

  it('by its service for its health, with what the check printed', () => {
    const sick = container({
      exitCode: 143,
      health: { status: 'UNHEALTHY', statusSince: at(3), failures: 3, exitCode: 1, output: 'connection refused' },
    })
    const task = taskOf({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      containers: [sick],
    })
    const told = whyTask({ task, logs: {} })
    expect(told.answer).toBe('Its service replaced it because it was not healthy: container app.')
    expect(told.containers[0]).toMatchObject({ health: 'UNHEALTHY', healthOutput: 'connection refused' })
  })

  it('by its service for its load balancer: what was asked, what came back, what to do', () => {
    const reason = 'Task failed ELB health checks in (target-group arn:tg)'
    const task = taskOf({ stopCode: 'ServiceSchedulerInitiated', stoppedReason: reason })
    const healthCheck = { protocol: 'HTTP', port: 'traffic-port', path: '/ready', matcher: '200', timeoutSeconds: 5 }
    const target = (problem: string): TargetFacts =>
      ({ group: { name: 'web', spec: { healthCheck } }, port: 8080, problem }) as TargetFacts
    const wrong = whyTask({ task, logs: {}, targets: [target('Health checks failed with these codes: [404]')] })
    expect(wrong.answer).toBe('Its service replaced it because its load balancer found it unhealthy.')
    expect(wrong.because).toContain(
      'Target group web asks for /ready on port 8080, and expects 200; what it got: Health checks failed with these codes: [404].',
    )
    expect(wrong.tryThis[0]).toContain('Answer /ready with 200')
    const late = whyTask({ task, logs: {}, targets: [target('Request timed out')] })
    expect(late.tryThis[0]).toContain("lets the load balancer's in on port 8080")
  })

  it('by its service for its scale', () => {
    const stoppedReason = 'Scaling activity initiated by (deployment ecs-svc/1)'
    expect(answerTo(taskOf({ stopCode: 'ServiceSchedulerInitiated', stoppedReason }))).toContain('one too many')
  })

  it('late: says which container had to be killed', () => {
    const containers = [container({ exitCode: 137, stopSignaledAt: at(1), killedAt: at(8) })]
    const task = taskOf({ stopCode: 'UserInitiated', stoppedReason: 'x', containers })
    expect(whyTask({ task, logs: {} }).because).toEqual([
      'Container app did not end after the stop signal in time, and was killed.',
    ])
  })

  it('by nobody who is on record: says that it does not know', () => {
    expect(whyTask({ task: taskOf({}), logs: {} })).toMatchObject({
      answer: 'What is recorded does not tell why it stopped.',
      isKnown: false,
    })
  })
})

describe('a task that has not stopped', () => {
  const begun = (change: Partial<TaskStatus>): TaskRecord =>
    taskOf({ containers: [container({ lastStatus: 'PENDING' })], ...change })

  it('waits for room, and says how much is needed and left', () => {
    const task = begun({ lastStatus: 'PROVISIONING' })
    const told = whyTask({ task, logs: {}, roomLeft: { cpuUnits: 1024, memoryMiB: 100 } })
    expect(told.answer).toBe('It has not started: it waits for room on this host.')
    expect(told.because.slice(0, 2)).toEqual([
      'It needs 256 CPU units and 512 MiB.',
      'Free are 1024 CPU units and 100 MiB.',
    ])
  })

  it.each([
    [{ lastStatus: 'PENDING', networkInterfaceId: 'eni' }, 'its network interface is being attached'],
    [
      {
        lastStatus: 'ACTIVATING',
        networkInterfaceId: 'eni',
        attachment: { id: 'a', status: 'ATTACHED', details: [] },
      },
      'its images are being pulled',
    ],
    [
      {
        lastStatus: 'ACTIVATING',
        networkInterfaceId: 'eni',
        attachment: { id: 'a', status: 'ATTACHED', details: [] },
        pullStoppedAt: at(1),
      },
      'its containers are being started; still to come: app',
    ],
  ] as const)('%j', (change, words) => {
    expect(answerTo(begun(change))).toContain(words)
  })

  it('runs, and is not healthy', () => {
    const health = { status: 'UNHEALTHY', statusSince: at(3), failures: 3 } as const
    const containers = [container({ lastStatus: 'RUNNING', health })]
    expect(answerTo(taskOf({ lastStatus: 'RUNNING', startedAt: at(1), containers }))).toBe(
      `It runs, since ${at(1)}. It is not healthy: the health check of app fails.`,
    )
  })
})

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
