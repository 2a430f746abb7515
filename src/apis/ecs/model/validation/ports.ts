// Port mappings: single ports and ranges, and where two of them meet.

import type { ContainerDefinition, NetworkMode, PortMapping } from '@aws-sdk/client-ecs'
import { PORT_RANGES_PER_CONTAINER } from '../limits.ts'
import { isWithin, type Problems } from './problem.ts'

const PORT_MOST = 65_535

interface Range {
  readonly first: number
  readonly last: number
}

const rangeOf = (mapping: PortMapping): Range | undefined => {
  const { containerPort, containerPortRange } = mapping
  if (containerPortRange === undefined) {
    return containerPort === undefined ? undefined : { first: containerPort, last: containerPort }
  }
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(containerPortRange) ?? []
  return first === undefined ? undefined : { first: Number(first), last: Number(last) }
}

export function* portProblems(containers: readonly ContainerDefinition[], networkMode: NetworkMode): Problems {
  const taken: Range[] = []
  const names = new Set<string>()
  const sharedNamespace = networkMode === 'awsvpc' || networkMode === 'host'
  for (const container of containers) {
    const mappings = container.portMappings ?? []
    if (mappings.filter((mapping) => mapping.containerPortRange !== undefined).length > PORT_RANGES_PER_CONTAINER) {
      yield `Container '${container.name}' can have at most ${PORT_RANGES_PER_CONTAINER} container port ranges.`
    }
    for (const mapping of mappings) {
      yield* mappingProblems(container.name ?? '', mapping, networkMode)
      yield* nameProblems(mapping, names)
      const range = rangeOf(mapping)
      if (range === undefined || !sharedNamespace) continue
      // One port for two protocols is refused as well: in a namespace shared by the whole task it is one port.
      if (taken.some((other) => range.first <= other.last && other.first <= range.last)) {
        yield `The container port ${mapping.containerPortRange ?? mapping.containerPort} is used multiple times in task.`
      }
      taken.push(range)
    }
  }
}

function* mappingProblems(container: string, mapping: PortMapping, networkMode: NetworkMode): Problems {
  const { containerPort, hostPort, containerPortRange, protocol } = mapping
  if (protocol !== undefined && protocol !== 'tcp' && protocol !== 'udp') {
    yield `Invalid 'protocol' setting for container '${container}'. It must be one of [tcp, udp].`
  }
  if (containerPortRange !== undefined) {
    if (containerPort !== undefined || hostPort !== undefined) {
      yield `Invalid 'portMappings' setting for container '${container}': cannot specify both single port and port range.`
    }
    const range = rangeOf(mapping)
    if (range === undefined || range.first < 1 || range.last > PORT_MOST || range.first >= range.last) {
      yield `Invalid 'containerPortRange' setting for container '${container}'.`
    }
    return
  }
  if (containerPort === undefined || !isWithin(containerPort, 1, PORT_MOST)) {
    yield `Invalid 'containerPort' setting for container '${container}'.`
  }
  if (hostPort === undefined) return
  if (!isWithin(hostPort, 0, PORT_MOST)) yield `Invalid 'hostPort' setting for container '${container}'.`
  if ((networkMode === 'awsvpc' || networkMode === 'host') && hostPort !== containerPort) {
    yield `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`
  }
}

function* nameProblems({ name, appProtocol, protocol }: PortMapping, names: Set<string>): Problems {
  if (appProtocol !== undefined && protocol === 'udp') yield `The 'appProtocol' setting requires protocol 'tcp'.`
  if (name === undefined) return
  if (!/^[a-z0-9_][a-z0-9_-]{0,63}$/.test(name)) yield `The port mapping name '${name}' contains invalid characters.`
  if (names.has(name)) yield `The port mapping name '${name}' is already used.`
  names.add(name)
}
