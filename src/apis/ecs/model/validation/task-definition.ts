// A whole task definition against ECS's rules, and against Fargate's where it asks for Fargate.

import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { NAME_CHARACTERS, PLACEMENT_CONSTRAINTS_PER_TASK, TASK_DEFINITION_BYTES } from '../limits.ts'
import { containerListProblems, containerProblems, NAME } from './containers.ts'
import { dependencyProblems, timeoutProblems } from './dependencies.ts'
import { environmentProblems, executionRoleProblems } from './environment.ts'
import { awsvpcProblems, fargateProblems } from './fargate.ts'
import { kernelProblems } from './linux-parameters.ts'
import { loggingProblems } from './logging.ts'
import { portProblems } from './ports.ts'
import { firstOf, type Problems } from './problem.ts'
import {
  containerSizeProblems,
  ec2SizeProblems,
  ephemeralStorageProblems,
  fargateSizeProblems,
  writtenSizeProblems,
} from './size.ts'
import { volumeProblems } from './volumes.ts'

type Definition = Checked<RegisterTaskDefinitionRequest>

/** What is wrong with a definition, in AWS's words; undefined when it may be registered. */
export const taskDefinitionProblem = (definition: Definition, mode: 'strict' | 'extended'): string | undefined => {
  const { containerDefinitions: containers } = definition
  const networkMode = definition.networkMode ?? 'bridge'
  const onFargate = definition.requiresCompatibilities?.includes('FARGATE') ?? false
  const none = nothing()
  return firstOf(
    wholeProblems(definition),
    writtenSizeProblems(definition),
    containerListProblems(containers),
    onFargate ? fargateProblems(definition) : none,
    onFargate ? fargateSizeProblems(sizeOf(definition), mode) : ec2Problems(definition),
    networkMode === 'awsvpc' ? awsvpcProblems(containers) : none,
    containerSizeProblems(containers, definition),
    ephemeralStorageProblems(definition.ephemeralStorage),
    containerProblems(containers),
    timeoutProblems(containers),
    dependencyProblems(containers),
    portProblems(containers, networkMode),
    volumeProblems(containers, definition.volumes ?? []),
    environmentProblems(containers),
    executionRoleProblems(containers, definition.executionRoleArn),
    loggingProblems(containers),
    kernelProblems(containers),
    proxyProblems(definition),
  )
}

/** Whether Fargate could run it, size aside: tasks may be given their size at RunTask. */
export const isFargateCompatible = (definition: Definition): boolean =>
  firstOf(fargateProblems(definition)) === undefined

function* nothing(): Problems {}

const sizeOf = ({ cpu, memory, runtimePlatform }: Definition) => ({
  cpu,
  memory,
  windows: runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ?? false,
})

function* wholeProblems(definition: Definition): Problems {
  const { family, inferenceAccelerators = [], placementConstraints = [] } = definition
  if (family === '') yield 'Family should not be null or empty.'
  if (!NAME.test(family) || family.length > NAME_CHARACTERS) yield 'Family contains invalid characters.'
  if (Buffer.byteLength(JSON.stringify(definition)) > TASK_DEFINITION_BYTES) {
    yield `The task definition can not be larger than ${TASK_DEFINITION_BYTES / 1024} KiB.`
  }
  if (inferenceAccelerators.length > 0) yield `Unsupported field 'inferenceAccelerators'.`
  if (placementConstraints.length > PLACEMENT_CONSTRAINTS_PER_TASK) {
    yield `placementConstraints can have at most ${PLACEMENT_CONSTRAINTS_PER_TASK} items.`
  }
}

function* ec2Problems(definition: Definition): Problems {
  yield* ec2SizeProblems(definition)
  if (definition.requiresCompatibilities?.includes('EC2') === true && definition.ephemeralStorage !== undefined) {
    yield 'Tasks using the EC2 launch type do not support EphemeralStorage.'
  }
}

function* proxyProblems({ proxyConfiguration, networkMode, containerDefinitions }: Definition): Problems {
  if (proxyConfiguration === undefined) return
  if (networkMode !== 'awsvpc') yield `proxyConfiguration requires networkMode=awsvpc.`
  if (!containerDefinitions.some(({ name }) => name === proxyConfiguration.containerName)) {
    yield `The proxyConfiguration container '${proxyConfiguration.containerName}' does not exist in the task definition.`
  }
}
