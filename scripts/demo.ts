// The demo: runs a task of two containers through the real API and tells, in milliseconds, what happened when.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { DescribeTasksResponse, RunTaskResponse, Task } from '@aws-sdk/client-ecs'
import { systemClock } from '#base/clock.ts'
import { clientFor, type Client } from '#cli/client.ts'
import { runningServer } from '#cli/instance.ts'
import { readConfig } from '#config.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'

const IMAGE = 'neargate.local/busybox:1'
const config = readConfig()

const say = (text = ''): void => console.log(text)

const neargate = (...args: string[]): void => {
  const { status } = spawnSync(join(import.meta.dirname, '../neargate'), args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const TASK_DEFINITION = {
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
}

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

if (runningServer(config) === undefined) {
  say('Neargate is not running: starting it.')
  neargate('up')
} else {
  say(`Neargate runs on ${runningServer(config)?.endpoint}.`)
}
const client = clientFor(config)

say(`\nMaking the image ${IMAGE} from this host's busybox.`)
await client.own('PUT', '/_neargate/images', busyboxImage({ reference: IMAGE }))

const subnets = await client.query('ec2', 'DescribeSubnets')
const subnet = /<subnetId>([^<]+)<\/subnetId>/.exec(subnets)?.[1]
await client.aws('ecs', 'RegisterTaskDefinition', TASK_DEFINITION)

say('Running two containers; "visitor" waits until "web" is HEALTHY.\n')
const { tasks } = await client.aws<RunTaskResponse>('ecs', 'RunTask', {
  taskDefinition: TASK_DEFINITION.family,
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: { subnets: [subnet] } },
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
say(`
Try next:
  eval "$(./neargate env)"
  aws ecs describe-tasks --tasks ${arn.split('/').at(-1)}
  aws logs filter-log-events --log-group-name /neargate/demo --query 'events[].message'
  ./neargate status
  ./neargate down`)
if (task.containers?.some((container) => container.name === 'visitor' && container.exitCode !== 0)) process.exit(1)
