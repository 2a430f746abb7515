// Task sizes at registration and at RunTask: what may be asked for, and whether the containers fit into it.

import type { ContainerDefinition, EphemeralStorage } from '@aws-sdk/client-ecs'
import { CONTAINER_MEMORY_LEAST_MIB, EPHEMERAL_STORAGE_LEAST_GIB, EPHEMERAL_STORAGE_MOST_GIB } from '../limits.ts'
import { cpuUnits, EC2_CPU, isFargateSize, memoryMiB } from '../task-size.ts'
import { isWithin, type Problems } from './problem.ts'

export interface WrittenSize {
  readonly cpu?: string | undefined
  readonly memory?: string | undefined
  readonly windows?: boolean
}

/** The written forms, for any launch type. */
export function* writtenSizeProblems({ cpu, memory }: WrittenSize): Problems {
  if (cpu !== undefined && cpuUnits(cpu) === undefined) yield `Invalid 'cpu' setting for task.`
  if (memory !== undefined && memoryMiB(memory) === undefined) yield `Invalid 'memory' setting for task.`
}

/** Fargate's size. In extended mode any pair will do: it is the one difference between the modes at registration. */
export function* fargateSizeProblems(size: WrittenSize, mode: 'strict' | 'extended'): Problems {
  yield* writtenSizeProblems(size)
  const cpu = cpuUnits(size.cpu ?? '')
  const memory = memoryMiB(size.memory ?? '')
  if (cpu === undefined) return yield `Fargate requires that 'cpu' be defined at the task level.`
  if (memory === undefined) return yield `Fargate requires that 'memory' be defined at the task level.`
  if (mode === 'strict' && !isFargateSize(cpu, memory, size.windows)) {
    yield (
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. ` +
        'See the Amazon ECS documentation for the valid values.'
    )
  }
}

export function* ec2SizeProblems({ cpu }: WrittenSize): Problems {
  const units = cpu === undefined ? undefined : cpuUnits(cpu)
  if (units !== undefined && !isWithin(units, EC2_CPU.least, EC2_CPU.most)) yield `Invalid 'cpu' setting for task.`
}

type Sized = Pick<ContainerDefinition, 'name' | 'cpu' | 'memory' | 'memoryReservation'>

export function* containerSizeProblems(containers: readonly Sized[], task: WrittenSize): Problems {
  const taskMemory = memoryMiB(task.memory ?? '')
  const taskCpu = cpuUnits(task.cpu ?? '')
  for (const { name, cpu = 0, memory, memoryReservation } of containers) {
    const invalid = `Invalid setting for container '${name}'.`
    if (memory === undefined && memoryReservation === undefined && taskMemory === undefined) {
      yield `${invalid} At least one of 'memory' or 'memoryReservation' must be specified.`
    }
    if (cpu < 0) yield `${invalid} 'cpu' must not be negative.`
    for (const [setting, value] of Object.entries({ memory, memoryReservation })) {
      if (value === undefined) continue
      if (value < CONTAINER_MEMORY_LEAST_MIB) {
        yield `${invalid} '${setting}' must be at least ${CONTAINER_MEMORY_LEAST_MIB}.`
      }
      if (taskMemory !== undefined && value > taskMemory) {
        yield `The '${setting}' setting for container '${name}' is greater than for the task.`
      }
    }
    if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
      yield `${invalid} 'memory' must be greater than or equal to 'memoryReservation'.`
    }
  }
  const sum = (of: 'cpu' | 'memory'): number => containers.reduce((total, container) => total + (container[of] ?? 0), 0)
  for (const [setting, most] of [
    ['cpu', taskCpu],
    ['memory', taskMemory],
  ] as const) {
    if (most !== undefined && sum(setting) > most) {
      yield `The sum of all container '${setting}' values cannot be greater than the value of the task '${setting}'.`
    }
  }
}

export function* ephemeralStorageProblems(storage: EphemeralStorage | undefined): Problems {
  const size = storage?.sizeInGiB
  if (size === undefined) return
  if (size < EPHEMERAL_STORAGE_LEAST_GIB) {
    yield `EphemeralStorage size should be at least ${EPHEMERAL_STORAGE_LEAST_GIB}`
  }
  if (size > EPHEMERAL_STORAGE_MOST_GIB) yield `EphemeralStorage size should be at most ${EPHEMERAL_STORAGE_MOST_GIB}`
}
