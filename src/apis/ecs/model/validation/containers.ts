// Single containers: their names and images, health checks, restart policies and users.

import type { ContainerDefinition, ContainerRestartPolicy, HealthCheck } from '@aws-sdk/client-ecs'
import { CONTAINERS_PER_TASK_DEFINITION, IGNORED_EXIT_CODES, IMAGE_CHARACTERS, NAME_CHARACTERS } from '../limits.ts'
import { isWithin, type Problems } from './problem.ts'

export const NAME = /^[A-Za-z0-9_-]+$/

export function* containerListProblems(containers: readonly ContainerDefinition[]): Problems {
  if (containers.length === 0) yield 'Container list cannot be empty.'
  if (containers.length > CONTAINERS_PER_TASK_DEFINITION) yield 'Too many containers.'
  const names = new Set<string>()
  for (const { name = '', image = '' } of containers) {
    if (name === '') yield 'Container.name should not be null or empty.'
    if (!NAME.test(name) || name.length > NAME_CHARACTERS) yield 'Container.name contains invalid characters.'
    if (names.has(name)) yield 'Container names must be unique within a task definition.'
    names.add(name)
    yield* imageProblems(image)
  }
  if (!containers.some(({ essential }) => essential ?? true)) {
    yield `Task definition doesn't have any essential container.`
  }
}

function* imageProblems(image: string): Problems {
  if (image === '') yield 'Container.image should not be null or empty.'
  const [beforeDigest = ''] = image.split('@')
  if (beforeDigest.length > IMAGE_CHARACTERS) {
    yield `Container.image can not be longer than ${IMAGE_CHARACTERS} characters.`
  }
  if (!/^[A-Za-z0-9_\-:./#@]+$/.test(image)) yield 'Container.image contains invalid characters.'
}

export function* containerProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const container of containers) {
    const { name = '', healthCheck, restartPolicy, user } = container
    if (healthCheck !== undefined) yield* healthCheckProblems(name, healthCheck)
    if (restartPolicy !== undefined) yield* restartPolicyProblems(name, restartPolicy)
    if (user !== undefined && !isUser(user)) yield `Invalid 'user' setting for container '${name}'.`
    for (const { name: key } of container.environment ?? []) {
      if (key === undefined || key === '') yield 'Environment variable name should not be null or empty.'
    }
  }
}

/** "user", "user:group", "uid", "uid:gid", "user:gid", "uid:group"; ids are positive integers, and 0 is root. */
const isUser = (user: string): boolean =>
  /^([a-z_][a-z0-9_.-]*\$?|\d{1,10})(:([a-z_][a-z0-9_.-]*\$?|\d{1,10}))?$/i.test(user)

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
const HEALTH_CHECK_RANGES = [
  ['interval', 5, 300],
  ['timeout', 2, 60],
  ['retries', 1, 10],
  ['startPeriod', 0, 300],
] as const

function* healthCheckProblems(container: string, healthCheck: HealthCheck): Problems {
  const [kind, ...words] = healthCheck.command ?? []
  if (kind === undefined) yield `Health check command for container '${container}' should not be null or empty.`
  const isComplete = kind === 'NONE' || ((kind === 'CMD' || kind === 'CMD-SHELL') && words.length > 0)
  if (!isComplete) yield `Health check command for container '${container}' must start with 'CMD' or 'CMD-SHELL'.`
  for (const [setting, least, most] of HEALTH_CHECK_RANGES) {
    const value = healthCheck[setting]
    if (value !== undefined && !isWithin(value, least, most)) {
      yield `The health check '${setting}' setting for container '${container}' must be between ${least} and ${most}.`
    }
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html */
const RESTART_PERIOD_SECONDS = { least: 60, most: 1800 }

function* restartPolicyProblems(container: string, policy: ContainerRestartPolicy): Problems {
  const { restartAttemptPeriod, ignoredExitCodes = [] } = policy
  const { least, most } = RESTART_PERIOD_SECONDS
  if (restartAttemptPeriod !== undefined && !isWithin(restartAttemptPeriod, least, most)) {
    yield `The 'restartAttemptPeriod' setting for container '${container}' must be between ${least} and ${most}.`
  }
  if (ignoredExitCodes.length > IGNORED_EXIT_CODES) {
    yield `The 'ignoredExitCodes' setting for container '${container}' can have at most ${IGNORED_EXIT_CODES} items.`
  }
}
