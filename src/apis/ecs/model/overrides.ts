// Overrides of RunTask: checked against the definition, laid over it, and shown in answers.

import type { ContainerDefinition, ContainerOverride, TaskOverride } from '@aws-sdk/client-ecs'
import { OVERRIDES_CHARACTERS } from './limits.ts'
import type { TaskDefinitionRecord } from './task-definition.ts'
import { cpuUnits, memoryMiB } from './task-size.ts'
import { environmentFileProblems } from './validation/environment.ts'
import type { Problems } from './validation/problem.ts'
import { containerSizeProblems, ephemeralStorageProblems, fargateSizeProblems } from './validation/size.ts'

const isWindows = (definition: TaskDefinitionRecord): boolean =>
  definition.runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ?? false

/** What is wrong with overrides, and with the task that they and its definition make together. */
export function* overrideProblems(
  definition: TaskDefinitionRecord,
  overrides: TaskOverride,
  mode: 'strict' | 'extended',
): Problems {
  const { containerOverrides = [], inferenceAcceleratorOverrides = [] } = overrides
  if (JSON.stringify(containerOverrides).length > OVERRIDES_CHARACTERS) {
    yield `Container Overrides length must be at most ${OVERRIDES_CHARACTERS}`
  }
  const seen = new Set<string>()
  for (const override of containerOverrides) {
    const { name = '', environment = [] } = override
    if (name === '') yield 'Container override name should not be null or empty.'
    if (!definition.containerDefinitions.some((container) => container.name === name)) {
      yield `Override for container named ${name} is not a container in the TaskDefinition.`
    }
    if (seen.has(name)) yield `Duplicate override for container named ${name}.`
    seen.add(name)
    if (environment.some((pair) => pair.name === undefined || pair.name === '')) {
      yield 'Environment variable name should not be null or empty.'
    }
    yield* environmentFileProblems(override.environmentFiles)
    for (const { type } of override.resourceRequirements ?? []) {
      yield `Tasks using the Fargate launch type do not support ${type} resource requirements.`
    }
  }
  if (inferenceAcceleratorOverrides.length > 0) yield `Unsupported field 'inferenceAcceleratorOverrides'.`
  const size = { cpu: overrides.cpu ?? definition.cpu, memory: overrides.memory ?? definition.memory }
  yield* fargateSizeProblems({ ...size, windows: isWindows(definition) }, mode)
  yield* containerSizeProblems(overriddenContainers(definition, overrides), size)
  yield* ephemeralStorageProblems(overrides.ephemeralStorage)
}

const overrideOf = (overrides: TaskOverride, name: string | undefined): ContainerOverride | undefined =>
  overrides.containerOverrides?.find((override) => override.name === name)

/**
 * The containers as this task runs them. Environment variables and files are added, or replaced by name; everything
 * else is replaced whole. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
 */
export const overriddenContainers = (
  definition: TaskDefinitionRecord,
  overrides: TaskOverride,
): readonly ContainerDefinition[] =>
  definition.containerDefinitions.map((container) => {
    const override = overrideOf(overrides, container.name)
    return override === undefined ? container : overridden(container, override)
  })

const overridden = (container: ContainerDefinition, override: ContainerOverride): ContainerDefinition => {
  const { command, cpu, memory, memoryReservation, environment = [], environmentFiles = [] } = override
  const environmentByName = new Map([...(container.environment ?? []), ...environment].map((pair) => [pair.name, pair]))
  return {
    ...container,
    ...(command === undefined || command.length === 0 ? {} : { command }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(memoryReservation === undefined ? {} : { memoryReservation }),
    environment: [...environmentByName.values()],
    ...(environmentFiles.length === 0
      ? {}
      : { environmentFiles: [...(container.environmentFiles ?? []), ...environmentFiles] }),
  }
}

/** As answers show overrides: one entry for each container, and sizes as plain numbers. */
export const echoedOverrides = (definition: TaskDefinitionRecord, overrides: TaskOverride): TaskOverride => ({
  ...overrides,
  containerOverrides: definition.containerDefinitions.map(
    ({ name }) => overrideOf(overrides, name) ?? (name === undefined ? {} : { name }),
  ),
  inferenceAcceleratorOverrides: [],
  ...(overrides.cpu === undefined ? {} : { cpu: String(cpuUnits(overrides.cpu)) }),
  ...(overrides.memory === undefined ? {} : { memory: String(memoryMiB(overrides.memory)) }),
})
