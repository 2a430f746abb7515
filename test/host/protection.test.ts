// Goal: a task of a service protects itself from inside, and is known by where its packets come from.
// Method: a real service whose container speaks HTTP to its agent with nc; what it was told is read from its log.

import { CreateServiceCommand, GetTaskProtectionCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Instance, startInstance } from '#test/instance.ts'
import { describeTask, logOf, register, until } from '#test/tasks.ts'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

/** `body` goes to the agent; its answer, without headers, to the log. The input stays open: its end would take it back. */
const asking = (method: string, body = ''): string =>
  [
    `(printf '${method} %s/task-protection/v1/state HTTP/1.0\\r\\nHost: agent\\r\\nContent-Length: ${body.length}\\r\\n\\r\\n%s'`,
    `"\${ECS_AGENT_URI#http://169.254.170.2}" '${body}'; sleep 2)`,
    '| nc 169.254.170.2 80 | tail -n 1; echo',
  ].join(' ')

it('PUT and GET of $ECS_AGENT_URI/task-protection/v1/state', async () => {
  const body = '{"ProtectionEnabled":true,"ExpiresInMinutes":60}'
  const script = [asking('PUT', body), asking('GET'), 'sleep 600'].join('; ')
  const family = await register(instance, [{ command: ['sh', '-c', script], stopTimeout: 2 }], {
    taskRoleArn: `arn:aws:iam::${instance.config.account}:role/app`,
  })
  await instance.ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: family,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
    }),
  )
  let arn: string | undefined
  while (arn === undefined) {
    arn = (await instance.ecs.send(new ListTasksCommand({ serviceName: 'web' }))).taskArns?.[0]
  }
  await until(instance, arn, 'RUNNING')
  const task = await describeTask(instance, arn)
  let lines: string[] = []
  while (lines.length < 2) lines = (await logOf(instance, task)).filter((line) => line !== '')
  const told = lines.map((line) => JSON.parse(line) as unknown)
  const protection = {
    protection: { ProtectionEnabled: true, TaskArn: arn, ExpirationDate: expect.stringMatching(/^\d{4}-.*Z$/) },
  }
  expect(told).toEqual([protection, protection])
  const { protectedTasks } = await instance.ecs.send(new GetTaskProtectionCommand({ cluster: 'default', tasks: [arn] }))
  expect(protectedTasks?.[0]).toMatchObject({ taskArn: arn, protectionEnabled: true })
}, 60_000)
