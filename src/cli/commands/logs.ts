// neargate logs: what a task's containers wrote, or the control plane's own log.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DescribeTaskDefinitionResponse, DescribeTasksResponse, Task } from '@aws-sdk/client-ecs'
import { systemClock } from '#base/clock.ts'
import type { Config } from '#config.ts'
import { type Client, clientFor } from '../client.ts'
import { CliError, type Command, type Context } from '../command.ts'
import { queryOf } from '../query.ts'

const FOLLOW_SECONDS = 0.5

interface Stream {
  readonly container: string
  readonly group: string
  readonly stream: string
}

const ownLog = async ({ config, flags, output }: Context): Promise<number> => {
  const file = join(config.dataDir, 'neargate.log')
  let start = 0
  do {
    const size = (await stat(file).catch(() => undefined))?.size
    if (size === undefined) throw new CliError(`${file} does not exist yet. Start the instance with: neargate up`)
    if (size > start) {
      for await (const chunk of createReadStream(file, { start, end: size - 1 })) output.write(String(chunk))
      start = size
    }
    if (flags['follow'] === true) await systemClock.sleep(FOLLOW_SECONDS)
  } while (flags['follow'] === true)
  return 0
}

const described = async (client: Client, cluster: string, task: string): Promise<Task> => {
  if (!/^([0-9a-f]{32}|arn:.*)$/.test(task)) {
    throw new CliError(`${task} is no task's id or ARN. See: aws ecs list-tasks --desired-status STOPPED`)
  }
  const answer = await client.aws<DescribeTasksResponse>('ecs', 'DescribeTasks', { cluster, tasks: [task] })
  const found = answer.tasks?.[0]
  if (found === undefined) {
    throw new CliError(
      `there is no task ${task} in cluster ${cluster}. See: aws ecs list-tasks --desired-status STOPPED`,
    )
  }
  return found
}

const streamsOf = async (client: Client, task: Task, wanted: string | undefined): Promise<Stream[]> => {
  const { taskDefinition } = await client.aws<DescribeTaskDefinitionResponse>('ecs', 'DescribeTaskDefinition', {
    taskDefinition: task.taskDefinitionArn,
  })
  const id = task.taskArn?.split('/').at(-1) ?? ''
  return (taskDefinition?.containerDefinitions ?? []).flatMap((container) => {
    const options = container.logConfiguration?.options
    if (container.logConfiguration?.logDriver !== 'awslogs' || (wanted !== undefined && container.name !== wanted))
      return []
    const [group, prefix] = [options?.['awslogs-group'], options?.['awslogs-stream-prefix']]
    if (group === undefined || prefix === undefined || container.name === undefined) return []
    return [{ container: container.name, group, stream: `${prefix}/${container.name}/${id}` }]
  })
}

/** Prints what is new in a stream and resolves to the token from which to go on. */
const printed = async (
  client: Client,
  stream: Stream,
  token: string | undefined,
  prefix: boolean,
  context: Context,
): Promise<string | undefined> => {
  let from = token
  for (;;) {
    const page: { events?: { timestamp: number; message: string }[]; nextForwardToken?: string } = await client.aws(
      'logs',
      'GetLogEvents',
      {
        logGroupName: stream.group,
        logStreamName: stream.stream,
        startFromHead: true,
        ...(from === undefined ? {} : { nextToken: from }),
      },
    )
    for (const event of page.events ?? []) {
      const line = context.output.json
        ? JSON.stringify({ container: stream.container, timestamp: event.timestamp, message: event.message })
        : `${prefix ? `${stream.container} | ` : ''}${event.message}`
      context.output.write(line + '\n')
    }
    if (page.nextForwardToken === from) return from
    from = page.nextForwardToken
  }
}

const taskLog = async (context: Context, config: Config, reference: string): Promise<number> => {
  const client = clientFor(config)
  const flag = (name: string): string | undefined => {
    const value = context.flags[name]
    return typeof value === 'string' ? value : undefined
  }
  const cluster = flag('cluster') ?? (reference.includes('/') ? (reference.split('/').at(-2) ?? 'default') : 'default')
  const streams = await streamsOf(client, await described(client, cluster, reference), flag('container'))
  if (streams.length === 0) throw new CliError(`no container of task ${reference} logs to awslogs`)
  const tokens = new Map<string, string | undefined>()
  for (;;) {
    const over = (await described(client, cluster, reference)).lastStatus === 'STOPPED'
    for (const stream of streams) {
      tokens.set(stream.stream, await printed(client, stream, tokens.get(stream.stream), streams.length > 1, context))
    }
    if (over || context.flags['follow'] !== true) return 0
    await systemClock.sleep(FOLLOW_SECONDS)
  }
}

/** What it still remembers, and with --follow what comes. */
const requestLog = async (context: Context, of: string): Promise<number> => {
  const client = clientFor(context.config)
  for (let after: string | undefined; ;) {
    const page = (await client.own('GET', `/_neargate/requests?${queryOf({ of, after })}`)) as {
      readonly requests: readonly { readonly id: string; readonly entry: string }[]
    }
    for (const { entry } of page.requests) {
      context.output.write(`${context.output.json ? JSON.stringify({ entry }) : entry}\n`)
    }
    after = page.requests.at(-1)?.id ?? after
    if (context.flags['follow'] !== true) return 0
    await systemClock.sleep(FOLLOW_SECONDS)
  }
}

export const logs: Command = {
  name: 'logs',
  words: 1,
  usage: 'logs [TASK|--load-balancer NAME] [--container NAME] [--cluster NAME] [--follow] [--data DIR]',
  summary:
    'Print what a task wrote, or the last requests to a load balancer; without either, the control plane’s own log.',
  options: {
    container: { type: 'string', value: 'NAME', help: 'that container only' },
    cluster: { type: 'string', value: 'NAME', help: 'the task’s cluster (default "default", or the one in its ARN)' },
    'load-balancer': {
      type: 'string',
      value: 'NAME',
      help: 'its last requests or TLS connections, as in its access log; name or ARN',
    },
    follow: { type: 'boolean', help: 'go on until the task has stopped' },
  },
  run: (context) => {
    const [task] = context.args
    const balancer = context.flags['load-balancer']
    if (typeof balancer === 'string') {
      if (task !== undefined) throw new CliError('say a task or a load balancer, not both', 2)
      return requestLog(context, balancer)
    }
    return task === undefined ? ownLog(context) : taskLog(context, context.config, task)
  },
}
