// Log drivers and their options, and the log router of FireLens.

import type { ContainerDefinition, LogConfiguration } from '@aws-sdk/client-ecs'
import type { Problems } from './problem.ts'
import { secretProblems } from './environment.ts'

const FARGATE_DRIVERS = ['awslogs', 'splunk', 'awsfirelens'] as const

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html */
const AWSLOGS_OPTIONS: ReadonlySet<string> = new Set([
  'awslogs-create-group',
  'awslogs-region',
  'awslogs-group',
  'awslogs-stream-prefix',
  'awslogs-datetime-format',
  'awslogs-multiline-pattern',
  'mode',
  'max-buffer-size',
])

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  awslogs: ['awslogs-region', 'awslogs-group'],
  splunk: ['splunk-url'],
}

const BUFFER_SIZE = /^\d+[kmg]?b?$/i

export function* loggingProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const { logConfiguration } of containers) {
    if (logConfiguration === undefined) continue
    yield* optionProblems(logConfiguration)
    yield* secretProblems(logConfiguration.secretOptions)
  }
  yield* firelensProblems(containers)
}

function* optionProblems({ logDriver = 'awslogs', options = {}, secretOptions = [] }: LogConfiguration): Problems {
  const given = new Set([...Object.keys(options), ...secretOptions.map(({ name }) => name ?? '')])
  const lacking = (REQUIRED[logDriver] ?? []).filter((option) => !given.has(option))
  if (lacking.length > 0) yield `Log driver ${logDriver} requires options: ${lacking.join(', ')}`
  if (options['mode'] !== undefined && !['blocking', 'non-blocking'].includes(options['mode'])) {
    yield `Invalid value for log driver option 'mode'. It must be one of [blocking, non-blocking].`
  }
  if (options['max-buffer-size'] !== undefined && !BUFFER_SIZE.test(options['max-buffer-size'])) {
    yield `Invalid value for log driver option 'max-buffer-size'.`
  }
  if (logDriver !== 'awslogs') return
  const disallowed = [...given].filter((option) => !AWSLOGS_OPTIONS.has(option))
  if (disallowed.length > 0) yield `Log driver awslogs disallows options: ${disallowed.join(', ')}`
  if (!['true', 'false', undefined].includes(options['awslogs-create-group'])) {
    yield `Invalid value for log driver option 'awslogs-create-group'. It must be one of [true, false].`
  }
}

function* firelensProblems(containers: readonly ContainerDefinition[]): Problems {
  const routers = containers.filter((container) => container.firelensConfiguration !== undefined)
  if (routers.length > 1) yield 'A task definition can have at most one container with firelensConfiguration.'
  const isRouted = containers.some(({ logConfiguration }) => logConfiguration?.logDriver === 'awsfirelens')
  if (isRouted && routers.length === 0) {
    yield 'When you are specifying the awsfirelens log driver, you must also specify a container with firelensConfiguration.'
  }
  if (routers.some(({ logConfiguration }) => logConfiguration?.logDriver === 'awsfirelens')) {
    yield 'A container with firelensConfiguration can not use the awsfirelens log driver.'
  }
}

export function* fargateLoggingProblems(
  containers: readonly ContainerDefinition[],
  executionRoleArn: string | undefined,
): Problems {
  for (const { logConfiguration, firelensConfiguration } of containers) {
    const driver: string | undefined = logConfiguration?.logDriver
    if (driver !== undefined && !FARGATE_DRIVERS.some((known) => known === driver)) {
      yield `${driver} is not a valid log driver. Must be one of [${FARGATE_DRIVERS.join(', ')}]`
    }
    if (driver === 'awslogs' && executionRoleArn === undefined) {
      yield 'Fargate requires task definition to have execution role ARN to support log driver awslogs.'
    }
    if (!['file', undefined].includes(firelensConfiguration?.options?.['config-file-type'])) {
      yield `Tasks using the Fargate launch type only support the 'file' config-file-type in firelensConfiguration.`
    }
  }
}
