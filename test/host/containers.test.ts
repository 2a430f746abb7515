// Goal: what a task definition says of its containers is what happens to real ones.
// Method: one instance; each test registers, runs to the end, and reads exit codes, reasons and logs through the API.

import { StopTaskCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, startInstance } from '#test/instance.ts'
import { describeTask, launch, logOf, register, runToStop, until } from '#test/tasks.ts'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

const sh = (script: string): string[] => ['sh', '-c', script]

describe.concurrent('a real task', () => {
  it('runs, logs, and tells its exit code', async () => {
    const task = await runToStop(instance, [{ command: sh('echo one; echo two >&2; exit 7') }])
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    })
    expect(task.containers?.[0]).toMatchObject({ lastStatus: 'STOPPED', exitCode: 7 })
    expect((await logOf(instance, task)).toSorted()).toEqual(['one', 'two'])
    expect(task.startedAt && task.stoppedAt && task.executionStoppedAt && task.connectivityAt).toBeDefined()
  })

  it('starts a container when its dependency is HEALTHY, and not before', async () => {
    const task = await runToStop(instance, [
      {
        essential: false,
        command: sh('sleep 1; touch /tmp/ready; sleep 60'),
        healthCheck: { command: ['CMD-SHELL', 'test -e /tmp/ready'], interval: 5, retries: 10 },
        stopTimeout: 2,
      },
      { command: ['echo', 'after'], dependsOn: [{ containerName: 'c0', condition: 'HEALTHY' }] },
    ])
    expect(task.containers?.map((container) => container.healthStatus)).toEqual(['HEALTHY', 'UNKNOWN'])
    expect(await logOf(instance, task, 'c1')).toEqual(['after'])
  })

  it('shares files between containers through a volume, and between no tasks', async () => {
    const volume = { mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }] }
    const containers = [
      { ...volume, essential: false, command: sh('ls -A /shared; echo written > /shared/file') },
      {
        ...volume,
        command: ['cat', '/shared/file'],
        dependsOn: [{ containerName: 'c0', condition: 'SUCCESS' as const }],
      },
    ]
    const first = await runToStop(instance, containers, { volumes: [{ name: 'shared' }] })
    const second = await runToStop(instance, containers, { volumes: [{ name: 'shared' }] })
    expect(await logOf(instance, first, 'c1')).toEqual(['written'])
    expect(await logOf(instance, second, 'c0')).toEqual([])
  })

  it('kills what uses more memory than it may, and says so', async () => {
    const task = await runToStop(instance, [
      { memory: 64, command: sh('x=$(head -c 200000000 /dev/zero | tr "\\0" x); echo survived') },
    ])
    expect(task.containers?.[0]).toMatchObject({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    })
  })

  it('sends SIGTERM, waits stopTimeout, then SIGKILL', async () => {
    const family = await register(instance, [
      { stopTimeout: 2, command: sh('trap "echo got TERM" TERM; echo up; while :; do sleep 0.1; done') },
    ])
    const [arn = ''] = await launch(instance, family)
    await until(instance, arn, 'RUNNING')
    await new Promise((resolve) => setTimeout(resolve, 300))
    await instance.ecs.send(new StopTaskCommand({ task: arn, reason: 'the test says so' }))
    const task = await until(instance, arn, 'STOPPED')
    expect(task).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'the test says so' })
    expect(task.containers?.[0]?.exitCode).toBe(137)
    expect(await logOf(instance, task)).toEqual(['up', 'got TERM'])
  })

  it('tells an image that nobody has', async () => {
    const task = await runToStop(instance, [{ image: 'neargate.invalid/nobody/has-this:1' }])
    expect(task.stopCode).toBe('TaskFailedToStart')
    expect(task.stoppedReason).toMatch(/^CannotPullContainerError: /)
    expect(task.containers?.[0]?.reason).toMatch(/^CannotPullContainerError: /)
  })

  it('tells an entry point that is not in the image', async () => {
    const task = await runToStop(instance, [{ entryPoint: ['/no/such/program'] }])
    expect(task.stopCode).toBe('TaskFailedToStart')
    expect(task.stoppedReason).toMatch(/^CannotStartContainerError: .*\/no\/such\/program.*no such file or directory/)
  })

  it('limits the disk that a task may fill', async () => {
    const task = await runToStop(instance, [
      { command: sh('fallocate -l 15G /fits && echo fits; fallocate -l 15G /more 2>&1; df -m / | tail -1') },
    ])
    const log = await logOf(instance, task)
    expect(log.slice(0, 2)).toEqual(['fits', expect.stringContaining('No space left on device')])
    // 20 GiB is Fargate's default; df shows a little more there too.
    const sizeMiB = Number(log[2]?.trim().split(/\s+/)[1])
    expect(sizeMiB).toBeGreaterThan(19_000)
    expect(sizeMiB).toBeLessThan(22_500)
  })

  it('gives a hardened container: no capabilities beyond the default, no new privileges, seccomp, no host ids', async () => {
    const task = await runToStop(instance, [
      {
        command: sh(
          'grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status; cat /proc/self/uid_map; mount -t tmpfs x /mnt 2>&1; echo $?',
        ),
      },
    ])
    const log = (await logOf(instance, task)).map((line) => line.trim().replaceAll(/\s+/g, ' '))
    expect(log).toContain('NoNewPrivs: 1')
    expect(log).toContain('Seccomp: 2')
    expect(log.find((line) => /^0 \d+ \d+$/.test(line))).not.toMatch(/^0 0 /)
    expect(log.at(-1)).not.toBe('0')
  })

  it('answers the metadata endpoint to the task itself, and nothing of others', async () => {
    const task = await runToStop(instance, [
      {
        command: sh(
          'wget -q -O - $ECS_CONTAINER_METADATA_URI_V4; echo; wget -q -O - $ECS_CONTAINER_METADATA_URI_V4/task; echo; wget -q -O - http://169.254.170.2/v4/0123456789abcdef0123456789abcdef-1234567890 2>&1',
        ),
      },
    ])
    const [own, whole, other] = await logOf(instance, task)
    expect(JSON.parse(own ?? '')).toMatchObject({ Name: 'c0', Type: 'NORMAL' })
    expect(JSON.parse(whole ?? '')).toMatchObject({
      TaskARN: task.taskArn,
      LaunchType: 'FARGATE',
      Containers: [{ Name: 'c0' }],
      ClockDrift: { ClockSynchronizationStatus: expect.stringMatching(/SYNCHRONIZED$/) },
      EphemeralStorageMetrics: { Reserved: 20_496 },
    })
    const { ClockDrift, EphemeralStorageMetrics } = JSON.parse(whole ?? '') as Record<string, Record<string, number>>
    expect(ClockDrift?.['ClockErrorBound']).toBeGreaterThan(0)
    expect(EphemeralStorageMetrics?.['Utilized']).toBeLessThan(100)
    expect(other).toMatch(/404/)
  })

  it('reaches Neargate’s own API from inside, under the address that SDKs are given', async () => {
    const task = await runToStop(instance, [{ command: sh('wget -q -O - $AWS_ENDPOINT_URL/_neargate/health') }])
    expect((await logOf(instance, task)).join('')).toContain('ok')
  })

  it('overrides command and environment per run', async () => {
    const task = await runToStop(
      instance,
      [{ command: ['false'], environment: [{ name: 'A', value: '1' }] }],
      {},
      {
        overrides: {
          containerOverrides: [{ name: 'c0', command: sh('echo $A$B'), environment: [{ name: 'B', value: '2' }] }],
        },
      },
    )
    expect(await logOf(instance, task)).toEqual(['12'])
  })

  it('restarts a container by its policy, without replacing the task', async () => {
    const family = await register(instance, [
      { command: ['sleep', '600'], stopTimeout: 2 },
      {
        essential: false,
        command: sh('echo started; sleep 61; exit 3'),
        restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
        stopTimeout: 2,
      },
    ])
    const [arn = ''] = await launch(instance, family)
    const running = await until(instance, arn, 'RUNNING')
    await new Promise((resolve) => setTimeout(resolve, 64_000))
    expect(await logOf(instance, running, 'c1')).toEqual(['started', 'started'])
    expect((await describeTask(instance, arn)).containers?.[1]?.lastStatus).toBe('RUNNING')
    await instance.ecs.send(new StopTaskCommand({ task: arn }))
    await until(instance, arn, 'STOPPED')
  }, 120_000)
})
