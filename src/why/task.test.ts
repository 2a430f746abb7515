// Goal: each way in which a task can end badly is told in words that a person understands and can act on.
// Method: records as the controllers write them; the answers are compared word for word where they matter.

import { describe, expect, it } from 'vitest'
import type { StopRequest, TaskContainer, TaskRecord, TaskStatus } from '#apis/ecs/model/task.ts'
import { at, container, EXITED, taskOf } from '#test/why-records.ts'
import type { TargetFacts } from './targets.ts'
import { whyTask } from './task.ts'

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
