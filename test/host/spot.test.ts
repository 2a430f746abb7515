// Goal: on a full host a real Spot task gives way to an on-demand one: SIGTERM, the notice's time, SIGKILL.
// Method: an instance with room for two small tasks and a notice of two seconds; containers that trap or ignore SIGTERM.

import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { runToEnd } from '#base/run.ts'
import { thisHost } from '#host-pool.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { launch, logOf, register, until } from '#test/tasks.ts'

const SPOT = { launchType: undefined, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] }
const NEARGATE = join(import.meta.dirname, '../../neargate')
/** Ends by itself, after it has said so. */
const POLITE = ['sh', '-c', 'trap "echo leaving; exit 3" TERM; while :; do sleep 0.05; done']
const DEAF = ['sh', '-c', 'trap "echo heard and ignored" TERM; while :; do sleep 0.05; done']

let instance: Instance
beforeAll(async () => {
  const memoryOvercommit = (2 * 512 + 1) / thisHost().memoryMiB
  instance = await startInstance({
    env: { NEARGATE_SPOT_WARNING_SECONDS: '2', NEARGATE_MEMORY_OVERCOMMIT: String(memoryOvercommit) },
  })
})
afterAll(() => instance.down())

interface Told {
  readonly detail: { readonly lastStatus: string; readonly desiredStatus: string; readonly stopCode?: string }
}

/** The events are written a moment after what they tell. */
const untilTold = async (task: string, lastStatus: string): Promise<Told[]> => {
  for (;;) {
    const { stdout } = await instance.neargate('events', '--task', task, '--json')
    const told = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Told)
    if (told.at(-1)?.detail.lastStatus === lastStatus) return told
  }
}

describe('Spot on a full host', () => {
  it('a task that ignores SIGTERM is killed when its notice is over, and the on-demand task takes its room', async () => {
    const [polite = ''] = await launch(instance, await register(instance, [{ command: POLITE }]), SPOT)
    await until(instance, polite, 'RUNNING')
    const [deaf = ''] = await launch(instance, await register(instance, [{ command: DEAF, stopTimeout: 100 }]), SPOT)
    await until(instance, deaf, 'RUNNING')
    const family = await register(instance, [{ command: ['sleep', '600'] }])
    const [wanted = ''] = await launch(instance, family)
    await until(instance, wanted, 'RUNNING')

    const killed = await until(instance, deaf, 'STOPPED')
    expect(killed).toMatchObject({
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
      containers: [{ exitCode: 137 }],
    })
    expect(await logOf(instance, killed)).toEqual(['heard and ignored'])
    expect((await until(instance, polite, 'RUNNING')).desiredStatus).toBe('RUNNING')
    const full = await instance.ecs.send(
      new RunTaskCommand({
        taskDefinition: family,
        ...SPOT,
        networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
      }),
    )
    expect(full.failures?.[0]).toMatchObject({ reason: expect.stringContaining('Capacity is unavailable') })
    expect((await instance.neargate('status')).stdout).toMatch(/on-demand holds 0.25 vCPU and 0.5 GiB, Spot 0.25 vCPU/)

    const told = await instance.neargate('spot', 'interrupt', polite)
    expect(told, told.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`interrupted ${polite}`) })
    const left = await until(instance, polite, 'STOPPED')
    expect(left).toMatchObject({ stopCode: 'SpotInterruption', containers: [{ exitCode: 3 }] })
    expect(await logOf(instance, left)).toEqual(['leaving'])

    const events = await untilTold(deaf, 'STOPPED')
    expect(events.map(({ detail }) => [detail.lastStatus, detail.desiredStatus, detail.stopCode])).toEqual(
      expect.arrayContaining([
        ['RUNNING', 'RUNNING', undefined],
        ['RUNNING', 'STOPPED', 'TerminationNotice'],
        ['STOPPED', 'STOPPED', 'SpotInterruption'],
      ]),
    )
    expect((await instance.neargate('events', '--task', deaf)).stdout).toMatch(
      /Z default\/\w{32} RUNNING \(to be STOPPED\): c0 RUNNING; TerminationNotice: Your Spot Task was interrupted\.\n/,
    )

    const { tasks: [kept] = [] } = await instance.ecs.send(new DescribeTasksCommand({ tasks: [wanted] }))
    expect(kept?.lastStatus).toBe('RUNNING')
  }, 120_000)

  it('tells what happened over a kill -9, and says how to ask', async () => {
    const family = await register(instance, [{ command: ['sleep', '600'], stopTimeout: 2 }])
    const [arn = ''] = await launch(instance, family)
    await until(instance, arn, 'RUNNING')
    await untilTold(arn, 'RUNNING')
    await instance.kill()
    await instance.up()
    await instance.ecs.send(new StopTaskCommand({ task: arn }))
    await until(instance, arn, 'STOPPED')
    expect((await untilTold(arn, 'STOPPED')).map(({ detail }) => detail.lastStatus)).toContain('RUNNING')
    const following = runToEnd('timeout', ['5', NEARGATE, 'events', '--follow', '--data', instance.dataDir, '--json'])
    const [later = ''] = await launch(instance, family)
    await until(instance, later, 'RUNNING')
    expect((await following).stdout).toContain(`"resources":["${later}"]`)
    await instance.ecs.send(new StopTaskCommand({ task: later }))
    await until(instance, later, 'STOPPED')
    expect(await instance.neargate('events', '--since', 'yesterday')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('90s, 5m, 1h or 1d'),
    })
  }, 60_000)

  it('a service replaces what is interrupted of it, in the room that becomes free', async () => {
    await instance.ecs.send(
      new CreateServiceCommand({
        serviceName: 'cheap',
        taskDefinition: await register(instance, [{ command: DEAF, stopTimeout: 2 }]),
        desiredCount: 1,
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
        networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
      }),
    )
    const next = async (than?: string): Promise<string> => {
      for (;;) {
        const { taskArns = [] } = await instance.ecs.send(new ListTasksCommand({ serviceName: 'cheap' }))
        const found = taskArns.find((arn) => arn !== than)
        if (found !== undefined) return found
      }
    }
    const first = await next()
    await until(instance, first, 'RUNNING')
    const told = await instance.neargate('spot', 'interrupt', '--service', 'cheap', '--count', '1')
    expect(told, told.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`interrupted ${first}`) })
    const second = await next(first)
    await until(instance, second, 'RUNNING')
    expect(await until(instance, first, 'STOPPED')).toMatchObject({
      stopCode: 'SpotInterruption',
      containers: [{ exitCode: 137 }],
    })
    await instance.ecs.send(new DeleteServiceCommand({ service: 'cheap', force: true }))
    await until(instance, second, 'STOPPED')
  }, 120_000)

  it('says what to do when there is nothing to interrupt', async () => {
    const [onDemand = ''] = await launch(instance, await register(instance, [{ command: ['sleep', '600'] }]))
    expect(await instance.neargate('spot', 'interrupt', onDemand)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('capacityProvider=FARGATE_SPOT'),
    })
    expect(await instance.neargate('spot', 'interrupt', '--service', 'none')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('aws ecs list-services'),
    })
    expect((await instance.neargate('spot', 'interrupt')).exitCode).toBe(2)
  }, 60_000)
})
