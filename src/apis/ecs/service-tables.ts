// The tables of ECS's services, and the questions that may be asked of them.

import type { ServiceArn } from '#aws/arn.ts'
import { scopeKey } from '#aws/scope.ts'
import { type Reader, table } from '#store/store.ts'
import type { ServiceDeploymentRecord } from './model/service-deployment.ts'
import type { ServiceRevisionRecord } from './model/service-revision.ts'
import type { ServiceEventRecord, ServiceRecord } from './model/service.ts'
import type { TaskSetRecord } from './model/task-set.ts'

export const services = table<ServiceRecord>({
  name: 'ecs.services',
  key: (service) => service.arn,
  indexes: {
    cluster: (service) => [service.clusterArn],
    scope: (service) => [scopeKey(service.scope)],
    /** Those that the service controller has, or may come to have, work with. */
    unfinished: (service) => (service.status.state === 'INACTIVE' ? [] : ['yes']),
    inactive: (service) => (service.status.state === 'INACTIVE' ? ['yes'] : []),
  },
})

/** In the order in which they were told. */
export const serviceEvents = table<ServiceEventRecord>({
  name: 'ecs.service-events',
  key: (event) => `${event.serviceArn} ${String(event.number).padStart(12, '0')}`,
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

export const revisionsOfService = (reader: Reader, arn: ServiceArn): Promise<ServiceRevisionRecord[]> =>
  reader.list(serviceRevisions, { index: 'service', value: arn })

export const deploymentsOfService = (reader: Reader, arn: ServiceArn): Promise<ServiceDeploymentRecord[]> =>
  reader.list(serviceDeployments, { index: 'service', value: arn })

export const taskSetsOfService = (reader: Reader, arn: ServiceArn): Promise<TaskSetRecord[]> =>
  reader.list(taskSets, { index: 'service', value: arn })
