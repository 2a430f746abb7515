// The tables of ECS's services, and the questions that may be asked of them.

import type { ClusterArn, ServiceArn, TargetGroupArn } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table, type Table, type Transaction } from '#store/store.ts'
import { InvalidParameterException, TaskSetNotFoundException } from './errors.ts'
import { taskSetArnOf } from './model/identifiers.ts'
import { EVENTS_SHOWN } from './model/limits.ts'
import { idleSecondsOf, type SleepingServiceRecord } from './model/scale-to-zero.ts'
import type { ServiceDeploymentRecord } from './model/service-deployment.ts'
import type { ServiceRevisionRecord } from './model/service-revision.ts'
import type { ServiceEventRecord, ServiceRecord } from './model/service.ts'
import type { TaskSetRecord } from './model/task-set.ts'

export const services = table<ServiceRecord>({
  name: 'ecs.services',
  key: (service) => service.arn,
  indexes: {
    cluster: (service) => [service.clusterArn],
    clusterState: (service) => [`${service.clusterArn} ${service.status.state}`],
    scope: (service) => [scopeKey(service.scope)],
    /** Those that the service controller has, or may come to have, work with. */
    unfinished: (service) => (service.status.state === 'INACTIVE' ? [] : ['yes']),
    inactive: (service) => (service.status.state === 'INACTIVE' ? ['yes'] : []),
    scalesToZero: (service) =>
      service.status.state === 'INACTIVE' || idleSecondsOf(service) === undefined ? [] : ['yes'],
  },
})

const eventKey = (arn: ServiceArn, number: number): string => `${arn} ${String(number).padStart(12, '0')}`

/** In the order in which they were told. */
export const serviceEvents = table<ServiceEventRecord>({
  name: 'ecs.service-events',
  key: (event) => eventKey(event.serviceArn, event.number),
  indexes: { service: (event) => [event.serviceArn] },
})

export const serviceRevisions = table<ServiceRevisionRecord>({
  name: 'ecs.service-revisions',
  key: (revision) => revision.arn,
  indexes: { service: (revision) => [revision.serviceArn] },
})

export const serviceDeployments = table<ServiceDeploymentRecord>({
  name: 'ecs.service-deployments',
  key: (deployment) => deployment.arn,
  indexes: { service: (deployment) => [deployment.serviceArn] },
})

export const taskSets = table<TaskSetRecord>({
  name: 'ecs.task-sets',
  key: (set) => set.arn,
  indexes: { service: (set) => [set.serviceArn] },
})

export const sleepingServices = table<SleepingServiceRecord>({
  name: 'ecs.sleeping-services',
  key: (sleeping) => sleeping.serviceArn,
  indexes: { service: (sleeping) => [sleeping.serviceArn] },
})

/** Those that go to 0 tasks when nobody asks for them, and those that have lost that wish in their sleep. */
export const servicesThatSleep = async (reader: Reader): Promise<ServiceRecord[]> => {
  const wished = await reader.list(services, { index: 'scalesToZero', value: 'yes' })
  const asleep = await Promise.all(
    (await reader.list(sleepingServices)).map(({ serviceArn }) => reader.get(services, serviceArn)),
  )
  const others = asleep.flatMap((service) =>
    service === undefined || wished.some(({ arn }) => arn === service.arn) ? [] : [service],
  )
  return [...wished, ...others]
}

/** Those that its tasks are registered with, or will be when the traffic shifts. */
export const targetGroupsOfService = async (
  reader: Reader,
  { status }: Pick<ServiceRecord, 'status'>,
): Promise<TargetGroupArn[]> => {
  const revision =
    status.primaryRevisionArn === undefined ? undefined : await reader.get(serviceRevisions, status.primaryRevisionArn)
  const arns = (revision?.template.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration }) => [
    targetGroupArn,
    advancedConfiguration?.alternateTargetGroupArn,
  ])
  return arns.filter((arn) => arn !== undefined) as TargetGroupArn[]
}

export const serviceByArn = (reader: Reader, arn: ServiceArn): Promise<ServiceRecord | undefined> =>
  reader.get(services, arn)

/** Those that are not INACTIVE. */
export const unfinishedServices = (reader: Reader): Promise<ServiceRecord[]> =>
  reader.list(services, { index: 'unfinished', value: 'yes' })

/** The newest hundred, newest first. */
export const newestEvents = async (reader: Reader, { arn, status }: ServiceRecord): Promise<ServiceEventRecord[]> => {
  const events = await reader.list(serviceEvents, {
    index: 'service',
    value: arn,
    after: eventKey(arn, Math.max(0, status.lastEvent - EVENTS_SHOWN)),
  })
  return events.reverse()
}

export const revisionsOfService = (reader: Reader, arn: ServiceArn): Promise<ServiceRevisionRecord[]> =>
  reader.list(serviceRevisions, { index: 'service', value: arn })

export const deploymentsOfService = (reader: Reader, arn: ServiceArn): Promise<ServiceDeploymentRecord[]> =>
  reader.list(serviceDeployments, { index: 'service', value: arn })

export const taskSetsOfService = (reader: Reader, arn: ServiceArn): Promise<TaskSetRecord[]> =>
  reader.list(taskSets, { index: 'service', value: arn })

export const servicesInState = (
  reader: Reader,
  cluster: ClusterArn,
  state: ServiceRecord['status']['state'],
): Promise<ServiceRecord[]> => reader.list(services, { index: 'clusterState', value: `${cluster} ${state}` })

export const countServices = (
  reader: Reader,
  cluster: ClusterArn,
  state: ServiceRecord['status']['state'],
): Promise<number> => reader.count(services, { index: 'clusterState', value: `${cluster} ${state}` })

/** By its ARN; undefined when it is none of the caller's. */
export const deploymentNamed = async (
  reader: Reader,
  scope: Scope,
  arn: string,
): Promise<ServiceDeploymentRecord | undefined> => {
  const deployment = await reader.get(serviceDeployments, arn)
  return deployment !== undefined && scopeKey(deployment.scope) === scopeKey(scope) ? deployment : undefined
}

/** By its ARN; undefined when it is none of the caller's. */
export const revisionNamed = async (
  reader: Reader,
  scope: Scope,
  arn: string,
): Promise<ServiceRevisionRecord | undefined> => {
  const revision = await reader.get(serviceRevisions, arn)
  return revision !== undefined && scopeKey(revision.scope) === scopeKey(scope) ? revision : undefined
}

/** By its id or ARN. Refuses one that the service does not have. */
export const taskSetNamed = async (reader: Reader, service: ServiceRecord, named: string): Promise<TaskSetRecord> => {
  const arn = taskSetArnOf(service, named)
  const set = arn === undefined ? undefined : await reader.get(taskSets, arn)
  if (set === undefined) throw TaskSetNotFoundException('The specified task set was not found.')
  return set
}

/** Refuses one that is being deleted, too. */
export const activeTaskSet = async (reader: Reader, service: ServiceRecord, named: string): Promise<TaskSetRecord> => {
  const set = await taskSetNamed(reader, service, named)
  if (set.spec.deleteRequestedAt !== undefined) throw InvalidParameterException('The specified task set is draining.')
  return set
}

/** With everything that is kept of it. */
export const forgetService = async (tx: Transaction, { arn }: ServiceRecord): Promise<void> => {
  await forgetRows(tx, serviceEvents, arn)
  await forgetRows(tx, serviceRevisions, arn)
  await forgetRows(tx, serviceDeployments, arn)
  await forgetRows(tx, taskSets, arn)
  await forgetRows(tx, sleepingServices, arn)
  await tx.delete(services, arn)
}

const forgetRows = async <Row>(tx: Transaction, of: Table<Row>, arn: ServiceArn): Promise<void> => {
  for (const row of await tx.list(of, { index: 'service', value: arn })) await tx.delete(of, of.key(row))
}
