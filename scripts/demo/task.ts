// The demo's first half: a task of two containers through the real API, and in milliseconds what happened when.

import type { DescribeTasksResponse, RunTaskResponse, Task } from '@aws-sdk/client-ecs'
import { systemClock } from '#base/clock.ts'
import type { Client } from '#cli/client.ts'
import { IMAGE, neargate, type Place, say } from './stage.ts'

const taskDefinition = ({ config }: Pick<Place, 'config'>) => ({
  family: 'neargate-demo',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  executionRoleArn: `arn:aws:iam::${config.account}:role/ecsTaskExecutionRole`,
  containerDefinitions: [
    {
      name: 'web',
      image: IMAGE,
      essential: false,
      command: [
        'sh',
        '-c',
        'echo "hello from $(hostname)" > /tmp/index.html; echo serving; exec httpd -f -p 8080 -h /tmp',
      ],
      healthCheck: { command: ['CMD-SHELL', 'wget -q -O /dev/null http://127.0.0.1:8080/'], interval: 5, retries: 3 },
      portMappings: [{ containerPort: 8080 }],
      linuxParameters: { initProcessEnabled: true },
    },
    {
      name: 'visitor',
      image: IMAGE,
      command: [
        'sh',
        '-c',
        'echo "web is healthy, so I may start"; wget -q -O - http://127.0.0.1:8080/; ip -4 -o addr show eth0',
      ],
      dependsOn: [{ containerName: 'web', condition: 'HEALTHY' }],
    },
  ].map((container) => ({
    ...container,
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': '/neargate/demo',
        'awslogs-region': config.region,
        'awslogs-stream-prefix': 'demo',
        'awslogs-create-group': 'true',
      },
    },
  })),
})

interface Timeline {
  readonly events: readonly { readonly at: string; readonly what: string }[]
}

const finished = async (client: Client, arn: string): Promise<Task> => {
  let shown = ''
  for (;;) {
    const answer = await client.aws<DescribeTasksResponse>('ecs', 'DescribeTasks', { tasks: [arn] })
    const task = answer.tasks?.[0]
    if (task === undefined) throw new Error(`task ${arn} has vanished`)
    if (task.lastStatus !== shown) {
      shown = task.lastStatus ?? ''
      say(`  ${shown}`)
    }
    if (shown === 'STOPPED') return task
    await systemClock.sleep(0.01)
  }
}

/** Answers the task's ARN, and whether it did what it should. */
export const runTask = async ({ client, config, subnets }: Place): Promise<{ arn: string; isWell: boolean }> => {
  const definition = taskDefinition({ config })
  await client.aws('ecs', 'RegisterTaskDefinition', definition)

  say('Running two containers; "visitor" waits until "web" is HEALTHY.\n')
  const { tasks } = await client.aws<RunTaskResponse>('ecs', 'RunTask', {
    taskDefinition: definition.family,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnets[0]] } },
  })
  const arn = tasks?.[0]?.taskArn
  if (arn === undefined) throw new Error('RunTask started nothing')
  const task = await finished(client, arn)

  say('\nWhat its containers wrote (CloudWatch Logs, group /neargate/demo):')
  neargate('logs', arn)

  const timeline = (await client.own('GET', `/_neargate/timeline?task=${encodeURIComponent(arn)}`)) as Timeline
  const zero = Date.parse(timeline.events[0]?.at ?? '')
  say('\nTimeline:')
  for (const event of timeline.events) {
    say(`  ${String(Date.parse(event.at) - zero).padStart(6)} ms  ${event.what}`)
  }
  say(`\nIt stopped with ${task.stopCode}: ${task.stoppedReason}`)
  for (const container of task.containers ?? []) say(`  ${container.name} exited with ${container.exitCode}`)
  const visitor = task.containers?.find(({ name }) => name === 'visitor')
  return { arn, isWell: visitor?.exitCode === 0 }
}
