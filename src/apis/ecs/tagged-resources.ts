// Whatever of ECS can carry tags, found by its ARN.

import type { Tag } from '@aws-sdk/client-ecs'
import { clusterArn, lastPart, parseArn, taskArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { Reader, Transaction } from '#store/store.ts'
import { ClusterNotFoundException, InvalidParameterException, ServiceNotFoundException } from './errors.ts'
import {
  clusterByArn,
  clusters,
  services,
  taskByArn,
  taskDefinitionNamed,
  taskDefinitions,
  tasks,
  taskSets,
} from './tables.ts'

export interface TaggedResource {
  readonly tags: readonly Tag[]
  /** Puts the same resource with other tags. */
  put(tx: Transaction, tags: readonly Tag[]): Promise<void>
}

/** Refuses an ARN that is none of the caller's resources, or one that has ended. */
export const taggedResource = async (reader: Reader, scope: Scope, arn: string): Promise<TaggedResource> => {
  const { service, region, account, resource = '' } = parseArn(arn) ?? {}
  const [kind, first = '', id] = resource.split('/')
  if (service !== 'ecs' || region !== scope.region || account !== scope.account || first === '') {
    throw InvalidParameterException('The specified resource ARN is invalid. Specify a valid ARN and try again.')
  }
  if (kind === 'cluster') return taggedCluster(reader, scope, first)
  if (kind === 'task-definition') return taggedDefinition(reader, scope, lastPart(arn))
  if (kind === 'task' && id === undefined) {
    throw InvalidParameterException('Long arn format must be used for tagging operations')
  }
  if (kind === 'task') return taggedTask(reader, scope, first, id ?? '')
  if (kind === 'service' && id === undefined) {
    throw InvalidParameterException('Long arn format must be used for tagging operations')
  }
  if (kind === 'service') return taggedService(reader, arn)
  if (kind === 'task-set') return taggedTaskSet(reader, arn)
  throw InvalidParameterException('The specified resource ARN is invalid. Specify a valid ARN and try again.')
}

const inactive = (what: string) =>
  InvalidParameterException(`The specified ${what} is inactive. Specify an active ${what} and try again.`)

const taggedCluster = async (reader: Reader, scope: Scope, name: string): Promise<TaggedResource> => {
  const cluster = await clusterByArn(reader, clusterArn(scope, name))
  if (cluster === undefined) throw ClusterNotFoundException('Cluster not found.')
  if (cluster.status === 'INACTIVE') throw inactive('cluster')
  return { tags: cluster.tags, put: (tx, tags) => tx.put(clusters, { ...cluster, tags }) }
}

const taggedDefinition = async (reader: Reader, scope: Scope, id: string): Promise<TaggedResource> => {
  const definition = await taskDefinitionNamed(reader, scope, id)
  if (definition === undefined) {
    throw InvalidParameterException('The specified task definition does not exist.')
  }
  if (definition.status !== 'ACTIVE') throw inactive('task definition')
  return { tags: definition.tags, put: (tx, tags) => tx.put(taskDefinitions, { ...definition, tags }) }
}

const taggedTask = async (reader: Reader, scope: Scope, cluster: string, id: string): Promise<TaggedResource> => {
  const task = await taskByArn(reader, taskArn(scope, cluster, id))
  if (task === undefined) throw InvalidParameterException('The referenced task was not found.')
  if (task.status.lastStatus === 'STOPPED') {
    throw InvalidParameterException('The specified task is stopped. Specify a running task and try again.')
  }
  return { tags: task.spec.tags, put: (tx, tags) => tx.put(tasks, { ...task, spec: { ...task.spec, tags } }) }
}

const taggedService = async (reader: Reader, arn: string): Promise<TaggedResource> => {
  const service = await reader.get(services, arn)
  if (service === undefined) throw ServiceNotFoundException('Service not found.')
  if (service.status.state === 'INACTIVE') throw inactive('service')
  return {
    tags: service.spec.tags,
    put: (tx, tags) => tx.put(services, { ...service, spec: { ...service.spec, tags } }),
  }
}

const taggedTaskSet = async (reader: Reader, arn: string): Promise<TaggedResource> => {
  const set = await reader.get(taskSets, arn)
  if (set === undefined) throw InvalidParameterException('The specified task set does not exist.')
  return { tags: set.spec.tags, put: (tx, tags) => tx.put(taskSets, { ...set, spec: { ...set.spec, tags } }) }
}
