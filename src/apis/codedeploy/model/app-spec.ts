// An AppSpec file for ECS: the task definition that is to be deployed, where its traffic goes, and the hooks. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html

import type { CapacityProviderStrategyItem, NetworkConfiguration } from '@aws-sdk/client-ecs'
import { InvalidRevisionException } from '../errors.ts'
import { HOOKABLE, type HookableEvent, type Hooks } from './lifecycle.ts'
import { APP_SPEC_CHARACTERS } from './limits.ts'
import { parseYaml, YamlError, type YamlValue } from './yaml.ts'

export interface AppSpec {
  readonly taskDefinition: string
  readonly containerName: string
  readonly containerPort: number
  readonly platformVersion?: string
  readonly networkConfiguration?: NetworkConfiguration
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[]
  readonly hooks: Hooks
}

type YamlMap = { readonly [key: string]: YamlValue }

const refused = (problem: string): Error => InvalidRevisionException(problem)

const isMap = (value: YamlValue | undefined): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** AWS's own tools look for keys without regard to case. */
const member = (map: YamlMap, name: string): YamlValue | undefined => {
  const key = Object.keys(map).find((one) => one.toLowerCase() === name.toLowerCase())
  const value = key === undefined ? undefined : map[key]
  return value === null ? undefined : value
}

const listOf = (value: YamlValue | undefined): readonly YamlValue[] => (Array.isArray(value) ? value : [])

const textOf = (map: YamlMap, name: string): string | undefined => {
  const value = member(map, name)
  if (value === undefined) return undefined
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw refused(`The AppSpec file contains an invalid value for ${name}.`)
}

const required = <T>(value: T | undefined, name: string): T => {
  if (value === undefined || value === '') throw refused(`The AppSpec file must contain a value for ${name}.`)
  return value
}

const parsed = (content: string): YamlMap => {
  if (content.length > APP_SPEC_CHARACTERS) {
    throw refused(`The AppSpec file is larger than ${APP_SPEC_CHARACTERS} characters.`)
  }
  try {
    const value = parseYaml(content)
    if (isMap(value)) return value
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw refused(`The AppSpec file must be valid JSON or YAML. ${error.message}.`)
  }
  throw refused('The AppSpec file must be valid JSON or YAML. The template cannot be parsed.')
}

const networkOf = (properties: YamlMap): NetworkConfiguration | undefined => {
  const network = member(properties, 'NetworkConfiguration')
  if (network === undefined) return undefined
  const vpc = isMap(network) ? member(network, 'AwsvpcConfiguration') : undefined
  if (!isMap(vpc)) throw refused('The AppSpec file must contain a value for AwsvpcConfiguration.')
  const assignPublicIp = textOf(vpc, 'AssignPublicIp')
  if (assignPublicIp !== undefined && assignPublicIp !== 'ENABLED' && assignPublicIp !== 'DISABLED') {
    throw refused('The AppSpec file contains an invalid value for AssignPublicIp.')
  }
  return {
    awsvpcConfiguration: {
      subnets: listOf(member(vpc, 'Subnets')).map(String),
      securityGroups: listOf(member(vpc, 'SecurityGroups')).map(String),
      ...(assignPublicIp === undefined ? {} : { assignPublicIp }),
    },
  }
}

const strategyOf = (properties: YamlMap): CapacityProviderStrategyItem[] | undefined => {
  const strategy = member(properties, 'CapacityProviderStrategy')
  if (strategy === undefined) return undefined
  return listOf(strategy).map((item) => {
    if (!isMap(item)) throw refused('The AppSpec file contains an invalid value for CapacityProviderStrategy.')
    return {
      capacityProvider: required(textOf(item, 'CapacityProvider'), 'CapacityProvider'),
      base: Number(textOf(item, 'Base') ?? 0),
      weight: Number(textOf(item, 'Weight') ?? 0),
    }
  })
}

const hooksOf = (document: YamlMap): Hooks => {
  const hooks: Partial<Record<HookableEvent, string>> = {}
  const listed = member(document, 'Hooks')
  const maps = isMap(listed) ? [listed] : listOf(listed)
  for (const map of maps) {
    if (!isMap(map)) throw refused('The AppSpec file contains an invalid Hooks section.')
    for (const name of Object.keys(map)) {
      const event = HOOKABLE.find((one) => one.toLowerCase() === name.toLowerCase())
      if (event === undefined) throw refused(`The AppSpec file contains an invalid lifecycle event: ${name}.`)
      hooks[event] = required(textOf(map, name), name)
    }
  }
  return hooks
}

/** Refuses what is no AppSpec file for ECS. */
export const readAppSpec = (content: string): AppSpec => {
  const document = parsed(content)
  // The only one there is. (https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html)
  if (Number(required(textOf(document, 'version'), 'version')) !== 0) {
    throw refused('The AppSpec file contains an invalid value for version.')
  }
  const resources = listOf(member(document, 'Resources'))
    .filter(isMap)
    .flatMap(Object.values<YamlValue>)
  const [service, ...others] = resources
  if (!isMap(service) || others.length > 0) {
    throw refused('Exactly one target service must be specified in the AppSpec file.')
  }
  if (textOf(service, 'Type') !== 'AWS::ECS::Service') {
    throw refused('The resource type in the AppSpec file must be AWS::ECS::Service.')
  }
  const properties = member(service, 'Properties')
  if (!isMap(properties)) throw refused('The AppSpec file must contain a value for Properties.')
  const balancer = member(properties, 'LoadBalancerInfo')
  if (!isMap(balancer)) throw refused('The AppSpec file must contain a value for LoadBalancerInfo.')
  const containerPort = Number(required(textOf(balancer, 'ContainerPort'), 'ContainerPort'))
  if (!Number.isInteger(containerPort) || containerPort < 1 || containerPort > 65_535) {
    throw refused('The AppSpec file contains an invalid value for ContainerPort.')
  }
  const platformVersion = textOf(properties, 'PlatformVersion')
  const networkConfiguration = networkOf(properties)
  const capacityProviderStrategy = strategyOf(properties)
  return {
    taskDefinition: required(textOf(properties, 'TaskDefinition'), 'TaskDefinition'),
    containerName: required(textOf(balancer, 'ContainerName'), 'ContainerName'),
    containerPort,
    ...(platformVersion === undefined ? {} : { platformVersion }),
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...(capacityProviderStrategy === undefined ? {} : { capacityProviderStrategy }),
    hooks: hooksOf(document),
  }
}
