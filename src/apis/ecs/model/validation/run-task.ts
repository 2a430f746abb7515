// RunTask's own parameters; what it says of the task itself is checked with the overrides.

import type { RunTaskRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { tagProblem } from '#aws/tags.ts'
import { CLIENT_TOKEN_CHARACTERS, STARTED_BY_CHARACTERS, TASKS_PER_RUN } from '../limits.ts'
import type { TaskDefinitionRecord } from '../task-definition.ts'
import { isWithin, type Problems } from './problem.ts'

type Request = Checked<RunTaskRequest>

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export function* runTaskProblems(request: Request): Problems {
  const { count = 1, startedBy = '', clientToken, group = '', tags = [] } = request
  if (!isWithin(count, 1, TASKS_PER_RUN)) yield `Count must be between 1 and ${TASKS_PER_RUN}.`
  if (startedBy.length > STARTED_BY_CHARACTERS) {
    yield `startedBy can not be longer than ${STARTED_BY_CHARACTERS} characters.`
  }
  if (!/^[A-Za-z0-9\-_/]*$/.test(startedBy)) yield 'startedBy contains invalid characters.'
  if (!/^[A-Za-z0-9\-_:/.]*$/.test(group) || group.length > 255) yield 'group contains invalid characters.'
  if (clientToken !== undefined) {
    if (!isWithin(clientToken.length, 1, CLIENT_TOKEN_CHARACTERS)) {
      yield `clientToken must be between 1 and ${CLIENT_TOKEN_CHARACTERS} characters.`
    }
    if (!/^[\x21-\x7e]+$/.test(clientToken)) yield 'clientToken contains invalid characters.'
  }
  if (request.launchType !== undefined && (request.capacityProviderStrategy ?? []).length > 0) {
    yield 'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.'
  }
  if (request.propagateTags === 'SERVICE')
    yield 'The propagateTags value SERVICE is not valid for a task without a service.'
  const problem = tagProblem(tags)
  if (problem !== undefined) yield problem
}

/** What requests say that make tasks: RunTask, and those of services. */
export interface FargateWish extends Pick<
  Request,
  'placementConstraints' | 'placementStrategy' | 'overrides' | 'enableExecuteCommand'
> {
  readonly volumeConfigurations?: readonly { readonly name: string }[] | undefined
}

export function* runOnFargateProblems(request: FargateWish, definition: TaskDefinitionRecord): Problems {
  if (!definition.compatibilities.includes('FARGATE')) yield 'Task definition does not support launch_type FARGATE.'
  const { placementConstraints = [], placementStrategy = [], overrides, volumeConfigurations = [] } = request
  if (placementConstraints.length > 0) yield 'Placement constraints are not supported with FARGATE launch type.'
  if (placementStrategy.length > 0) yield 'Placement strategies are not supported with FARGATE launch type.'
  if (request.enableExecuteCommand === true && (overrides?.taskRoleArn ?? definition.taskRoleArn) === undefined) {
    yield (
      `The task couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in ` +
        'your task definition and try again.'
    )
  }
  const atLaunch = definition.volumes.filter(({ configuredAtLaunch }) => configuredAtLaunch === true)
  for (const { name } of volumeConfigurations) {
    if (!atLaunch.some((volume) => volume.name === name)) {
      yield `The volume name '${name}' in your request does not have a matching volume in your Task Definition.`
    }
  }
  const lacking = atLaunch.find(({ name }) => !volumeConfigurations.some((given) => given.name === name))
  if (lacking !== undefined) yield `The volume '${lacking.name}' must be configured when the task is run.`
}

/** What Fargate has and Neargate does not; undefined when the task asks for none of it. */
export const unsupportedFeature = (definition: TaskDefinitionRecord): string | undefined => {
  const lacks = (what: string): string => `Neargate does not support ${what} in tasks.`
  if (definition.runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS')) return lacks('Windows containers')
  for (const volume of definition.volumes) {
    if (volume.configuredAtLaunch === true) return lacks('Amazon EBS volumes')
    if (volume.efsVolumeConfiguration !== undefined) return lacks('Amazon EFS volumes')
    if (volume.s3filesVolumeConfiguration !== undefined) return lacks('Amazon S3 Files volumes')
  }
  return undefined
}

/** LATEST and Linux's current version; older ones have been retired. Undefined for any other. */
export const platformVersionOf = (named: string | undefined): string | undefined =>
  [undefined, 'LATEST', '1.4.0'].includes(named) ? '1.4.0' : undefined
