// What a request to one of our own routes names: a region, a cluster, a task or a service, by name or by ARN.

import { clusterNameOf, DEFAULT_CLUSTER, isTaskId, serviceArnOf, taskArnOf } from '#apis/ecs/model/identifiers.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { services, taskByArn } from '#apis/ecs/tables.ts'
import { parseArn, type ServiceArn, type TaskArn } from '#aws/arn.ts'
import type { Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import { partitionOf, type Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'

const DEFAULT_REGION = 'us-east-1'

/** ARNs name their region; for everything else it is the query's "region". */
export const scopeOf = (query: URLSearchParams, caller: Caller | undefined, named = ''): Scope => {
  const region = parseArn(named)?.region ?? query.get('region') ?? DEFAULT_REGION
  return { partition: partitionOf(region), region, account: caller?.account ?? '' }
}

/** By the query's "cluster", or by the cluster in the ARN. */
const clusterFor = (scope: Scope, query: URLSearchParams, named: string): string => {
  const [, cluster, rest] = parseArn(named)?.resource.split('/') ?? []
  const given = query.get('cluster') ?? (rest === undefined ? undefined : cluster) ?? DEFAULT_CLUSTER
  const name = clusterNameOf(scope, given)
  if (name === undefined) throw new AwsError('InvalidParameter', `${given} is no cluster’s name or ARN`)
  return name
}

export const namedTaskArn = (query: URLSearchParams, caller: Caller | undefined, named: string): TaskArn => {
  const scope = scopeOf(query, caller, named)
  // A slip, and no service's name: not for a lesson in the lengths of ids.
  if (parseArn(named) === undefined && !isTaskId(named)) {
    throw new AwsError('TaskNotFound', `${named} is no task's id or ARN. See: aws ecs list-tasks`)
  }
  return taskArnOf(scope, clusterFor(scope, query, named), named)
}

export const namedServiceArn = (query: URLSearchParams, caller: Caller | undefined, named: string): ServiceArn => {
  const scope = scopeOf(query, caller, named)
  const arn = serviceArnOf(scope, clusterFor(scope, query, named), named)
  if (arn === undefined) throw new AwsError('InvalidParameter', `${named} is no service’s name or ARN`)
  return arn
}

const placeOf = (arn: string): string => `${parseArn(arn)?.resource.split('/')[1]} of ${parseArn(arn)?.region}`

/** Refuses what is not there. */
export const namedTask = async (
  reader: Reader,
  query: URLSearchParams,
  caller: Caller | undefined,
  named: string,
): Promise<TaskRecord> => {
  const arn = namedTaskArn(query, caller, named)
  const task = await taskByArn(reader, arn)
  if (task !== undefined) return task
  throw new AwsError(
    'TaskNotFound',
    `there is no task ${named} in cluster ${placeOf(arn)}. See: aws ecs list-tasks --desired-status STOPPED`,
  )
}

export const namedService = async (
  reader: Reader,
  query: URLSearchParams,
  caller: Caller | undefined,
  named: string,
): Promise<ServiceRecord> => {
  const arn = namedServiceArn(query, caller, named)
  const service = await reader.get(services, arn)
  if (service !== undefined) return service
  throw new AwsError(
    'ServiceNotFound',
    `there is no service ${named} in cluster ${placeOf(arn)}. See: aws ecs list-services`,
  )
}

/** A whole number of the query; `byDefault` when it is not given. Refuses anything else. */
export const wholeNumber = (query: URLSearchParams, name: string, byDefault: number, most: number): number => {
  const text = query.get(name)
  const number = text === null ? byDefault : Number(text)
  if (Number.isInteger(number) && number >= 0 && number <= most && text !== '') return number
  throw new AwsError('InvalidParameter', `${name} must be a whole number from 0 to ${most}, and is "${text}"`)
}
