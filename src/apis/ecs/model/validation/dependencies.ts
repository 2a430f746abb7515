// The order in which containers start: who may wait for whom, and for how long.

import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { TIMEOUT_LEAST_SECONDS, TIMEOUT_MOST_SECONDS } from '../limits.ts'
import type { Problems } from './problem.ts'

export function* dependencyProblems(containers: readonly ContainerDefinition[]): Problems {
  const byName = new Map(containers.map((container) => [container.name ?? '', container]))
  for (const container of containers) {
    for (const { containerName = '', condition } of container.dependsOn ?? []) {
      const target = byName.get(containerName)
      if (target === undefined) {
        yield `Cannot depend on container '${containerName}' because it does not exist`
      } else if ((condition === 'SUCCESS' || condition === 'COMPLETE') && (target.essential ?? true)) {
        yield 'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container'
      } else if (condition === 'HEALTHY' && target.healthCheck === undefined) {
        yield 'A dependency container with HEALTHY condition must have health check configured'
      }
    }
  }
  if (hasCycle(byName)) yield 'Container dependsOn contains a cycle'
}

/** A container that waits for itself, directly or through others. */
const hasCycle = (byName: ReadonlyMap<string, ContainerDefinition>): boolean => {
  const settled = new Set<string>()
  const visit = (name: string, path: ReadonlySet<string>): boolean => {
    if (path.has(name)) return true
    if (settled.has(name)) return false
    const below = new Set([...path, name])
    const found = (byName.get(name)?.dependsOn ?? []).some(({ containerName = '' }) => visit(containerName, below))
    settled.add(name)
    return found
  }
  return [...byName.keys()].some((name) => visit(name, new Set()))
}

export function* timeoutProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const { name, startTimeout, stopTimeout } of containers) {
    for (const [kind, seconds] of Object.entries({ start: startTimeout, stop: stopTimeout })) {
      if (seconds !== undefined && seconds < TIMEOUT_LEAST_SECONDS) {
        yield `Granular ${kind} timeout on container '${name}' must be at least ${TIMEOUT_LEAST_SECONDS} seconds.`
      }
    }
  }
}

export function* fargateTimeoutProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const { startTimeout = 0, stopTimeout = 0 } of containers) {
    for (const [kind, seconds] of Object.entries({ start: startTimeout, stop: stopTimeout })) {
      if (seconds > TIMEOUT_MOST_SECONDS) {
        yield (
          `Tasks using the Fargate launch type must have a container ${kind} timeout of less than ` +
            `${TIMEOUT_MOST_SECONDS} seconds.`
        )
      }
    }
  }
}
