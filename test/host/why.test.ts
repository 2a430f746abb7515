// Goal: neargate why tells what really happened to real containers, and what to try.
// Method: tasks and a service that fail in the ways people meet most; the text and the JSON of the command are read.

import { CreateServiceCommand, DescribeServicesCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, startInstance } from '#test/instance.ts'
import { launch, register, runToStop, until } from '#test/tasks.ts'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

const why = async (of = '', ...more: string[]): Promise<string> => {
  const told = await instance.neargate('why', of, ...more)
  if (told.exitCode !== 0) throw new Error(told.stderr)
  return told.stdout
}

describe('neargate why', () => {
  it('a program that failed: its exit code, its container and its last lines', async () => {
    const { taskArn } = await runToStop(instance, [
      { name: 'migrate', command: ['sh', '-c', 'echo connecting; echo no such table >&2; exit 3'] },
    ])
    const text = await why(taskArn)
    expect(text).toMatch(/^task [0-9a-f]{32} is STOPPED\.\nIts essential container migrate ended with exit code 3:/)
    expect(text).toMatch(/its last lines \(\/test t\/migrate\/\w{32}\):\n\s+connecting\n\s+no such table\n/)
    const document = JSON.parse(await why(taskArn, '--json')) as { isKnown: boolean; containers: object[] }
    expect(document).toMatchObject({ isKnown: true, containers: [{ name: 'migrate', exitCode: 3 }] })
  }, 60_000)

  it('out of memory: the kernel did it, and at which limit', async () => {
    const { taskArn } = await runToStop(instance, [
      { command: ['sh', '-c', 'exec tail /dev/zero'], memory: 32, memoryReservation: 16 },
    ])
    expect(await why(taskArn)).toContain(
      'exit code 137: the kernel killed it (SIGKILL) because it wanted more than its memory limit of 32 MiB.',
    )
  }, 60_000)

  it('an image that is not there: how to bring it in', async () => {
    const { taskArn } = await runToStop(instance, [{ image: 'neargate.local/nope:1' }])
    expect(await why(taskArn)).toMatch(
      /It could not start: no image of that name has been brought in\.\n(.*\n)*Try:\n.*neargate images ls/,
    )
  }, 60_000)

  it('a task that runs and is not healthy: what the check printed', async () => {
    const healthCheck = { command: ['CMD-SHELL', 'echo refused; exit 1'], interval: 5, retries: 1 }
    const family = await register(instance, [{ command: ['sleep', '600'], stopTimeout: 2, healthCheck }])
    const [arn = ''] = await launch(instance, family)
    await until(instance, arn, 'RUNNING')
    let text = ''
    while (!text.includes('not healthy')) text = await why(arn)
    expect(text).toMatch(/c0: RUNNING, UNHEALTHY\n\s+its last health check on record printed:\n\s+refused/)
  }, 60_000)

  it('a service whose tasks fail: how many, and why', async () => {
    await instance.ecs.send(
      new CreateServiceCommand({
        serviceName: 'crashing',
        taskDefinition: await register(instance, [{ command: ['not-a-program'] }]),
        desiredCount: 1,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
      }),
    )
    const rolloutOf = async (): Promise<string | undefined> => {
      const { services } = await instance.ecs.send(new DescribeServicesCommand({ services: ['crashing'] }))
      return services?.[0]?.deployments?.[0]?.rolloutState
    }
    while ((await rolloutOf()) !== 'FAILED') await new Promise((resolve) => setTimeout(resolve, 200))
    const text = await why('crashing')
    expect(text).toContain('The deployment circuit breaker tripped: 3 tasks failed in a row, and its threshold is 3.')
    expect(text).toMatch(/[Ii]ts last .* ended( alike)?: It could not start: a container’s command is not in its image/)
    expect(text).toMatch(/Try:\n(.*\n)*\s+See one of them: neargate why [0-9a-f]{32}\n/)
  }, 120_000)

  it('what is not there: where to look', async () => {
    expect(await instance.neargate('why', 'f'.repeat(32))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('aws ecs list-tasks --desired-status STOPPED'),
    })
    expect(await instance.neargate('why', 'nothing')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('aws ecs list-services'),
    })
    expect((await instance.neargate('why')).exitCode).toBe(2)
  })
})
