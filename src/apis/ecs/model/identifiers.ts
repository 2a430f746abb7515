// How requests name clusters, tasks and task definitions: short names, ids and ARNs of the caller's own account.

import { parseArn, type ServiceArn, serviceArn, type TaskArn, taskArn, type TaskSetArn, taskSetArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { InvalidParameterException } from '../errors.ts'
import type { ServiceRecord } from './service.ts'

export const DEFAULT_CLUSTER = 'default'

const NAME = /^[A-Za-z0-9_-]{1,255}$/

/** The resource part of an ECS ARN of this account and region; undefined for any other text. */
const ownResource = (scope: Scope, text: string): string | undefined => {
  const arn = parseArn(text)
  const isOwn = arn?.service === 'ecs' && arn.region === scope.region && arn.account === scope.account
  return isOwn ? arn.resource : undefined
}

/** Undefined when it can be no cluster of the caller's. */
export const clusterNameOf = (scope: Scope, named: string | undefined): string | undefined => {
  if (named === undefined || named === '') return DEFAULT_CLUSTER
  if (!named.startsWith('arn:')) return NAME.test(named) ? named : undefined
  const [kind, name = '', ...rest] = ownResource(scope, named)?.split('/') ?? []
  return kind === 'cluster' && NAME.test(name) && rest.length === 0 ? name : undefined
}

const TASK_ID_LENGTHS = [32, 36]

/** The ARN of a task of that cluster. Refuses what can be none, in AWS's words. */
export const taskArnOf = (scope: Scope, cluster: string, named: string): TaskArn => {
  if (!named.startsWith('arn:')) return taskArn(scope, cluster, checkedTaskId(named))
  const parts = ownResource(scope, named)?.split('/') ?? []
  if (parts[0] !== 'task' || parts.length > 3) throw InvalidParameterException('Invalid identifier: Unexpected ARN.')
  // Before 2018 task ARNs had no cluster in them.
  const [id = '', namedCluster = cluster] = parts.slice(1).reverse()
  if (namedCluster !== cluster) {
    throw InvalidParameterException(
      `Invalid identifier: Identifier is for cluster ${namedCluster}. Your cluster is ${cluster}`,
    )
  }
  return taskArn(scope, cluster, checkedTaskId(id))
}

/** Whether it can be a task's id; no service need be named like that. */
export const isTaskId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)

const checkedTaskId = (id: string): string => {
  if (!TASK_ID_LENGTHS.includes(id.length)) {
    throw InvalidParameterException(`taskId length should be one of [${TASK_ID_LENGTHS.join(',')}]`)
  }
  if (!/^[A-Za-z0-9-]+$/.test(id)) throw InvalidParameterException('taskId contains invalid characters.')
  return id
}

/** The ARN of a service of that cluster. Refuses one of another cluster; undefined when it can be no service. */
export const serviceArnOf = (scope: Scope, cluster: string, named: string): ServiceArn | undefined => {
  if (!named.startsWith('arn:')) return NAME.test(named) ? serviceArn(scope, cluster, named) : undefined
  const parts = ownResource(scope, named)?.split('/') ?? []
  if (parts[0] !== 'service' || parts.length > 3) return undefined
  // Before 2018 service ARNs had no cluster in them.
  const [name = '', namedCluster = cluster] = parts.slice(1).reverse()
  if (namedCluster !== cluster) {
    throw InvalidParameterException(
      `Invalid identifier: Identifier is for cluster ${namedCluster}. Your cluster is ${cluster}`,
    )
  }
  return NAME.test(name) ? serviceArn(scope, cluster, name) : undefined
}

/** The ARN of a task set of that service, by its id or ARN; undefined when it can be none. */
export const taskSetArnOf = (service: ServiceRecord, named: string): TaskSetArn | undefined => {
  const { scope, clusterName, name } = service
  const id = /(?:^|\/)(ecs-svc\/\d{19})$/.exec(named)?.[1]
  const arn = id === undefined ? undefined : taskSetArn(scope, clusterName, name, id)
  return named === id || named === arn ? arn : undefined
}

export interface TaskDefinitionId {
  readonly family: string
  readonly revision?: number
}

/** Undefined when it can be no task definition of the caller's. */
export const parseTaskDefinitionId = (scope: Scope, named: string): TaskDefinitionId | undefined => {
  const text = named.startsWith('arn:') ? ownResource(scope, named)?.replace(/^task-definition\//, '') : named
  const [, family, revision] = /^([A-Za-z0-9_-]{1,255})(?::(\d{1,10}))?$/.exec(text ?? '') ?? []
  if (family === undefined) return undefined
  return revision === undefined ? { family } : { family, revision: Number(revision) }
}
