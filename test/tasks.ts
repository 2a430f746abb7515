// Running tasks in tests: short words for register, run, wait and read the log.

import {
  type ContainerDefinition,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs'
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { IMAGE, type Instance, REGION } from './instance.ts'

const LOG_GROUP = '/test'

type Container = Partial<ContainerDefinition>

let families = 0

/** Registers a Fargate task definition of these containers, all logging to /test. */
export const register = async (
  instance: Instance,
  containers: readonly Container[],
  more: Partial<RegisterTaskDefinitionCommandInput> = {},
): Promise<string> => {
  const family = `test-${++families}`
  await instance.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: `arn:aws:iam::${instance.config.account}:role/ecsTaskExecutionRole`,
      containerDefinitions: containers.map((container, index) => ({
        name: `c${index}`,
        image: IMAGE,
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': LOG_GROUP,
            'awslogs-region': REGION,
            'awslogs-stream-prefix': 't',
            'awslogs-create-group': 'true',
          },
        },
        ...container,
      })),
      ...more,
    }),
  )
  return family
}

export const launch = async (
  instance: Instance,
  family: string,
  more: Partial<RunTaskCommandInput> = {},
): Promise<string[]> => {
  const answer = await instance.ecs.send(
    new RunTaskCommand({
      taskDefinition: family,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
      ...more,
    }),
  )
  return (answer.tasks ?? []).map((task) => task.taskArn ?? '')
}

export const describeTask = async (instance: Instance, arn: string): Promise<Task> => {
  const answer = await instance.ecs.send(new DescribeTasksCommand({ tasks: [arn], include: ['TAGS'] }))
  const task = answer.tasks?.[0]
  if (task === undefined) throw new Error(`no task ${arn}: ${JSON.stringify(answer.failures)}`)
  return task
}

export const until = async (instance: Instance, arn: string, lastStatus: string, seconds = 60): Promise<Task> => {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const task = await describeTask(instance, arn)
    if (task.lastStatus === lastStatus) return task
    if (task.lastStatus === 'STOPPED' || Date.now() > end) {
      throw new Error(`${arn} is ${task.lastStatus}, not ${lastStatus}: ${task.stopCode} ${task.stoppedReason}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Registers, runs and waits for the end of one task. */
export const runToStop = async (
  instance: Instance,
  containers: readonly Container[],
  more: Partial<RegisterTaskDefinitionCommandInput> = {},
  run: Partial<RunTaskCommandInput> = {},
): Promise<Task> => {
  const [arn = ''] = await launch(instance, await register(instance, containers, more), run)
  return until(instance, arn, 'STOPPED')
}

/** What a container wrote, as CloudWatch Logs has it. */
export const logOf = async (instance: Instance, task: Task, container = 'c0'): Promise<string[]> => {
  const id = task.taskArn?.split('/').at(-1)
  const answer = await instance.logs.send(
    new GetLogEventsCommand({ logGroupName: LOG_GROUP, logStreamName: `t/${container}/${id}`, startFromHead: true }),
  )
  return (answer.events ?? []).map((event) => event.message ?? '')
}
