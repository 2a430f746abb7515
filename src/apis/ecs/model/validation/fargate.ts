// What Fargate refuses or restricts, parameter by parameter.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html

import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { fargateImageProblems } from './environment.ts'
import { fargateTimeoutProblems } from './dependencies.ts'
import { fargateKernelProblems } from './linux-parameters.ts'
import { fargateLoggingProblems } from './logging.ts'
import type { Problems } from './problem.ts'
import { fargateVolumeProblems } from './volumes.ts'

type Definition = Checked<RegisterTaskDefinitionRequest>

const isSet = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false

export function* fargateProblems(definition: Definition): Problems {
  const { containerDefinitions: containers, executionRoleArn } = definition
  // With typographic quotes, as AWS writes this one.
  if (definition.networkMode !== 'awsvpc') yield 'Fargate only supports network mode ‘awsvpc’.'
  if (isSet(definition.placementConstraints)) yield 'Fargate compatible task definitions do not support constraints'
  if (definition.ipcMode !== undefined) yield 'Fargate compatible task definitions do not support ipcMode'
  if (!['task', undefined].includes(definition.pidMode)) {
    yield `Tasks using the Fargate launch type do not support pidMode '${definition.pidMode}'.`
  }
  if (definition.pidMode !== undefined && isWindows(definition)) {
    yield 'Windows containers on Fargate do not support pidMode.'
  }
  for (const container of containers) yield* forbiddenProblems(container)
  yield* fargateTimeoutProblems(containers)
  yield* fargateKernelProblems(containers)
  yield* fargateVolumeProblems(definition.volumes ?? [])
  yield* fargateLoggingProblems(containers, executionRoleArn)
  yield* fargateImageProblems(containers, executionRoleArn)
}

const isWindows = ({ runtimePlatform }: Definition): boolean =>
  runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ?? false

function* forbiddenProblems(container: ContainerDefinition): Problems {
  if (container.privileged === true) yield `Fargate requires that the 'privileged' setting be 'false'.`
  if (isSet(container.dockerSecurityOptions)) {
    yield 'Fargate compatible task definitions do not support dockerSecurityOptions'
  }
  for (const { type } of container.resourceRequirements ?? []) {
    yield `Tasks using the Fargate launch type do not support ${type} resource requirements.`
  }
}

const AWSVPC_REFUSES: readonly (readonly [keyof ContainerDefinition, string])[] = [
  ['links', 'Links are not supported when networkMode=awsvpc.'],
  ['dnsServers', 'DNS servers are not supported on container when networkMode=awsvpc.'],
  ['dnsSearchDomains', 'DNS search domains are not supported on container when networkMode=awsvpc.'],
  ['extraHosts', 'Extra hosts are not supported on container when networkMode=awsvpc.'],
  ['disableNetworking', 'Disable Networking is not supported on container when networkMode=awsvpc.'],
  ['hostname', 'Hostname is not supported on container when networkMode=awsvpc.'],
]

/** Network mode awsvpc refuses these on every launch type. */
export function* awsvpcProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const container of containers) {
    for (const [parameter, text] of AWSVPC_REFUSES) if (isSet(container[parameter])) yield text
  }
}
