// The tables of ECS, and the only questions anyone may ask of them.

import type { NetworkConfiguration, TaskDefinitionStatus } from '@aws-sdk/client-ecs'
import {
  type ClusterArn,
  clusterArn,
  lastPart,
  type ServiceArn,
  type ServiceRevisionArn,
  type TaskArn,
  type TaskDefinitionArn,
  taskDefinitionArn,
  type TaskSetArn,
} from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table, type Transaction } from '#store/store.ts'
import { ec2Key, securityGroups, subnets } from '../ec2/tables.ts'
import {
  ClusterNotFoundException,
  InvalidParameterException,
  ServiceNotActiveException,
  ServiceNotFoundException,
} from './errors.ts'
import type { AccountSettingRecord } from './model/account-setting.ts'
import type { ClusterCounts, ClusterRecord } from './model/cluster.ts'
import type { ClientTokenRecord } from './model/client-token.ts'
import { clusterNameOf, parseTaskDefinitionId, serviceArnOf } from './model/identifiers.ts'
import { SCAN_ROWS } from './model/limits.ts'
import type { TaskCounts } from './model/describe-service.ts'
import type { ServiceRecord } from './model/service.ts'
import type { TaskDefinitionRecord } from './model/task-definition.ts'
import { foundNetworkProblems, networkConfigurationProblems, type TaskNetwork } from './model/task-network.ts'
import { countedAs, desiredStatus, isStopped, type TaskRecord, type TaskState } from './model/task.ts'
import { firstOf } from './model/validation/problem.ts'
import { countServices, serviceByArn, serviceRevisions, servicesInState, taskSetsOfService } from './service-tables.ts'

export * from './service-tables.ts'

export const clusters = table<ClusterRecord>({
  name: 'ecs.clusters',
  key: (cluster) => cluster.arn,
  indexes: { scope: (cluster) => [scopeKey(cluster.scope)] },
})

export const taskDefinitions = table<TaskDefinitionRecord>({
  name: 'ecs.task-definitions',
  key: (definition) => definition.arn,
  indexes: {
    scope: (definition) => [scopeKey(definition.scope)],
    family: (definition) => [familyKey(definition.scope, definition.family)],
    familyStatus: (definition) => [`${familyKey(definition.scope, definition.family)} ${definition.status}`],
  },
})

/** Families keep counting when every revision has been deleted: revisions are never reused. */
export interface FamilyRecord {
  readonly scope: Scope
  readonly family: string
  readonly lastRevision: number
}

export const familyKey = (scope: Scope, family: string): string => `${scopeKey(scope)}/${family}`

export const families = table<FamilyRecord>({
  name: 'ecs.families',
  key: (family) => familyKey(family.scope, family.family),
  indexes: { scope: (family) => [scopeKey(family.scope)] },
})

const wished = (task: TaskRecord): string => `${task.clusterArn} ${desiredStatus(task)}`
const familyOf = (task: TaskRecord): string => lastPart(task.spec.taskDefinitionArn).split(':', 1)[0] ?? ''

export const tasks = table<TaskRecord>({
  name: 'ecs.tasks',
  key: (task) => task.arn,
  indexes: {
    cluster: (task) => [task.clusterArn],
    clusterStatus: (task) => [`${task.clusterArn} ${task.status.lastStatus}`],
    clusterDesired: (task) => [wished(task)],
    clusterFamily: (task) => [`${wished(task)} ${familyOf(task)}`],
    clusterGroup: (task) => [`${wished(task)} ${task.spec.group}`],
    clusterStartedBy: (task) => (task.spec.startedBy === undefined ? [] : [`${wished(task)} ${task.spec.startedBy}`]),
    /** Every task that the task controller still has work with. */
    unfinished: (task) => (isStopped(task) ? [] : ['yes']),
    stopped: (task) => (isStopped(task) ? ['yes'] : []),
    /** A service's tasks that its controller must still look at: live ones, and those whose end it has not counted. */
    service: (task) =>
      task.owner === undefined || (isStopped(task) && task.owner.isCounted === true) ? [] : [task.owner.serviceArn],
    /** Those that a service counts, by the revision or task set that they were made from. */
    counted: (task) => {
      const as = countedAs(task)
      const source = task.owner?.revisionArn ?? task.owner?.taskSetArn
      return as === undefined || source === undefined ? [] : [`${source} ${as}`]
    },
  },
})

/** Live tasks, and those whose end the service controller has not counted yet. */
export const tasksOfService = (reader: Reader, arn: ServiceArn): Promise<TaskRecord[]> =>
  reader.list(tasks, { index: 'service', value: arn })

/** Of a revision or a task set; read from the index alone. */
export const taskCounts = async (reader: Reader, source: ServiceRevisionArn | TaskSetArn): Promise<TaskCounts> => ({
  running: await reader.count(tasks, { index: 'counted', value: `${source} running` }),
  pending: await reader.count(tasks, { index: 'counted', value: `${source} pending` }),
})

/** Only settings that somebody has put; everything else has its default. */
export const accountSettings = table<AccountSettingRecord>({
  name: 'ecs.account-settings',
  key: (setting) => accountSettingKey(setting.scope, setting.principalArn, setting.name),
  indexes: { scope: (setting) => [scopeKey(setting.scope)] },
})

export const accountSettingKey = (scope: Scope, principalArn: string, name: string): string =>
  `${scopeKey(scope)}/${principalArn} ${name}`

/** Ordered by the time at which they are forgotten. */
export const clientTokens = table<ClientTokenRecord>({
  name: 'ecs.client-tokens',
  key: (row) => `${row.expiresAt}/${clientTokenKey(row.clusterArn, row.token)}`,
  indexes: { token: (row) => [clientTokenKey(row.clusterArn, row.token)] },
})

export const clientTokenKey = (arn: ClusterArn, token: string): string => `${arn} ${token}`

export const clusterByArn = (reader: Reader, arn: ClusterArn): Promise<ClusterRecord | undefined> =>
  reader.get(clusters, arn)

export const taskByArn = (reader: Reader, arn: TaskArn): Promise<TaskRecord | undefined> => reader.get(tasks, arn)

export const taskDefinitionByArn = (
  reader: Reader,
  arn: TaskDefinitionArn,
): Promise<TaskDefinitionRecord | undefined> => reader.get(taskDefinitions, arn)

export const unfinishedTasks = (reader: Reader): Promise<TaskRecord[]> =>
  reader.list(tasks, { index: 'unfinished', value: 'yes' })

export const tasksOfCluster = (reader: Reader, arn: ClusterArn): Promise<TaskRecord[]> =>
  reader.list(tasks, { index: 'cluster', value: arn })

/** The cluster that a request names by name or ARN, "default" where it names none. Refuses one that is not active. */
export const activeCluster = async (
  reader: Reader,
  scope: Scope,
  named: string | undefined,
): Promise<ClusterRecord> => {
  const name = clusterNameOf(scope, named)
  const cluster = name === undefined ? undefined : await clusterByArn(reader, clusterArn(scope, name))
  if (cluster === undefined) throw ClusterNotFoundException('Cluster not found.')
  if (cluster.status === 'INACTIVE') throw ClusterNotFoundException('The referenced cluster was inactive.')
  return cluster
}

/** The service that a request names by name or ARN. Refuses one that is not active. */
export const activeService = async (reader: Reader, cluster: ClusterRecord, named: string): Promise<ServiceRecord> => {
  const service = await serviceNamed(reader, cluster, named)
  if (service.status.state !== 'ACTIVE') throw ServiceNotActiveException('Service was not ACTIVE.')
  return service
}

/** In whatever state. Refuses one that is not there. */
export const serviceNamed = async (reader: Reader, cluster: ClusterRecord, named: string): Promise<ServiceRecord> => {
  const arn = serviceArnOf(cluster.scope, cluster.name, named)
  const service = arn === undefined ? undefined : await serviceByArn(reader, arn)
  if (service === undefined) throw ServiceNotFoundException('Service not found.')
  return service
}

const countOf = (reader: Reader, arn: ClusterArn, status: TaskState): Promise<number> =>
  reader.count(tasks, { index: 'clusterStatus', value: `${arn} ${status}` })

const AWAITED: readonly TaskState[] = ['PROVISIONING', 'PENDING', 'ACTIVATING']

export const clusterCounts = async (reader: Reader, arn: ClusterArn): Promise<ClusterCounts> => {
  const awaited = await Promise.all(AWAITED.map((status) => countOf(reader, arn, status)))
  return {
    runningTasks: await countOf(reader, arn, 'RUNNING'),
    pendingTasks: awaited.reduce((sum, count) => sum + count, 0),
    activeServices: await countServices(reader, arn, 'ACTIVE'),
    drainingServices: await countServices(reader, arn, 'DRAINING'),
  }
}

/** Whether any task of the cluster has not stopped yet. */
export const hasLiveTasks = async (reader: Reader, arn: ClusterArn): Promise<boolean> => {
  const all = await reader.count(tasks, { index: 'cluster', value: arn })
  return all > (await countOf(reader, arn, 'STOPPED'))
}

/** By "family" (its newest active revision), "family:revision" or ARN. */
export const taskDefinitionNamed = async (
  reader: Reader,
  scope: Scope,
  named: string,
): Promise<TaskDefinitionRecord | undefined> => {
  const id = parseTaskDefinitionId(scope, named)
  if (id === undefined) return undefined
  if (id.revision !== undefined) {
    return taskDefinitionByArn(reader, taskDefinitionArn(scope, id.family, id.revision))
  }
  const newest = (await reader.get(families, familyKey(scope, id.family)))?.lastRevision ?? 0
  for (let revision = newest; revision > 0; revision--) {
    const definition = await taskDefinitionByArn(reader, taskDefinitionArn(scope, id.family, revision))
    if (definition?.status === 'ACTIVE') return definition
  }
  return undefined
}

/** What a network configuration names, as EC2 knows it; without groups, the VPC's default one. Refuses what EC2 lacks. */
export const taskNetwork = async (
  reader: Reader,
  scope: Scope,
  configuration: NetworkConfiguration | undefined,
): Promise<TaskNetwork> => {
  const refused = firstOf(networkConfigurationProblems(configuration))
  if (refused !== undefined) throw InvalidParameterException(refused)
  const {
    subnets: subnetIds = [],
    securityGroups: groupIds = [],
    assignPublicIp,
  } = configuration?.awsvpcConfiguration ?? {}
  const foundSubnets = new Map(
    await Promise.all(subnetIds.map(async (id) => [id, await reader.get(subnets, ec2Key(scope, id))] as const)),
  )
  const foundGroups = new Map(
    await Promise.all(groupIds.map(async (id) => [id, await reader.get(securityGroups, ec2Key(scope, id))] as const)),
  )
  const problem = firstOf(foundNetworkProblems(foundSubnets, foundGroups))
  if (problem !== undefined) throw InvalidParameterException(problem)
  const known = [...foundSubnets.values()].filter((subnet) => subnet !== undefined)
  const groups =
    foundGroups.size > 0 ? [...foundGroups.keys()] : await defaultGroupOf(reader, scope, known[0]?.vpcId ?? '')
  return { subnets: known, securityGroups: groups, assignPublicIp: assignPublicIp === 'ENABLED' }
}

const defaultGroupOf = async (reader: Reader, scope: Scope, vpcId: string): Promise<string[]> => {
  const groups = await reader.list(securityGroups, { index: 'vpc', value: ec2Key(scope, vpcId) })
  return groups.filter(({ name }) => name === 'default').map(({ id }) => id)
}

export const settingsOfScope = (reader: Reader, scope: Scope): Promise<AccountSettingRecord[]> =>
  reader.list(accountSettings, { index: 'scope', value: scopeKey(scope) })

/** `now` is ISO 8601: a token that has expired is as good as none. */
export const tokenOf = async (
  reader: Reader,
  arn: ClusterArn,
  token: string,
  now: string,
): Promise<ClientTokenRecord | undefined> => {
  const rows = await reader.list(clientTokens, { index: 'token', value: clientTokenKey(arn, token) })
  return rows.find((row) => row.expiresAt > now)
}

export const keepToken = (tx: Transaction, row: ClientTokenRecord): Promise<void> => tx.put(clientTokens, row)

/** A few at a time, whenever one is added: there are never many more than were used in a day. `now` is ISO 8601. */
export const forgetExpiredTokens = async (tx: Transaction, now: string): Promise<void> => {
  const oldest = await tx.list(clientTokens, { limit: 10 })
  for (const row of oldest) if (row.expiresAt <= now) await tx.delete(clientTokens, clientTokens.key(row))
}

export const clustersOfScope = (reader: Reader, scope: Scope): Promise<ClusterRecord[]> =>
  reader.list(clusters, { index: 'scope', value: scopeKey(scope) })

export const familiesOfScope = (reader: Reader, scope: Scope): Promise<FamilyRecord[]> =>
  reader.list(families, { index: 'scope', value: scopeKey(scope) })

export const definitionsOfScope = (reader: Reader, scope: Scope): Promise<TaskDefinitionRecord[]> =>
  reader.list(taskDefinitions, { index: 'scope', value: scopeKey(scope) })

export const definitionsOfFamily = (reader: Reader, scope: Scope, family: string): Promise<TaskDefinitionRecord[]> =>
  reader.list(taskDefinitions, { index: 'family', value: familyKey(scope, family) })

export const hasRevision = async (
  reader: Reader,
  scope: Scope,
  family: string,
  status: TaskDefinitionStatus,
): Promise<boolean> =>
  (await reader.count(taskDefinitions, { index: 'familyStatus', value: `${familyKey(scope, family)} ${status}` })) > 0

/** Whether a task that has not stopped was placed by that capacity provider, or a service's tasks may yet be. */
export const usesProvider = async (reader: Reader, arn: ClusterArn, provider: string): Promise<boolean> => {
  const running = await tasksOfCluster(reader, arn)
  if (running.some((task) => task.spec.capacityProviderName === provider && !isStopped(task))) return true
  for (const service of await servicesInState(reader, arn, 'ACTIVE')) {
    if ((await providersOf(reader, service)).includes(provider)) return true
  }
  return false
}

const providersOf = async (reader: Reader, { arn, status, spec }: ServiceRecord): Promise<string[]> => {
  const revisions = [status.primaryRevisionArn, spec.revisionArn].filter((one) => one !== undefined)
  const templates = [
    ...(await Promise.all(revisions.map((one) => reader.get(serviceRevisions, one)))).map((one) => one?.template),
    ...(await taskSetsOfService(reader, arn)).map((set) => set.spec.template),
  ]
  return templates.flatMap((template) =>
    (template?.capacityProviderStrategy ?? []).map(({ capacityProvider = '' }) => capacityProvider),
  )
}

/** What ListTasks can filter by. */
export interface TaskFilter {
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  readonly family?: string | undefined
  readonly startedBy?: string | undefined
  readonly serviceName?: string | undefined
}

/** In the order of their ARNs, by the narrowest index; read in batches where more than one filter applies. */
export const matchingTasks = async (
  reader: Reader,
  arn: ClusterArn,
  filter: TaskFilter,
  options: { readonly after: string | undefined; readonly limit: number },
): Promise<TaskRecord[]> => {
  const { family, startedBy, serviceName } = filter
  const group = serviceName === undefined ? undefined : `service:${serviceName}`
  const found: TaskRecord[] = []
  let { after } = options
  for (;;) {
    const batch = await reader.list(tasks, {
      ...indexFor(`${arn} ${filter.desiredStatus}`, { ...filter, group }),
      limit: SCAN_ROWS,
      ...(after === undefined ? {} : { after }),
    })
    for (const task of batch) {
      const isWanted =
        (family === undefined || familyOf(task) === family) &&
        (startedBy === undefined || task.spec.startedBy === startedBy) &&
        (group === undefined || task.spec.group === group)
      if (isWanted) found.push(task)
      if (found.length === options.limit) return found
    }
    after = batch.at(-1)?.arn
    if (batch.length < SCAN_ROWS) return found
  }
}

const indexFor = (
  wish: string,
  {
    startedBy,
    group,
    family,
  }: { startedBy?: string | undefined; group?: string | undefined; family?: string | undefined },
): { index: string; value: string } => {
  if (startedBy !== undefined) return { index: 'clusterStartedBy', value: `${wish} ${startedBy}` }
  if (group !== undefined) return { index: 'clusterGroup', value: `${wish} ${group}` }
  if (family !== undefined) return { index: 'clusterFamily', value: `${wish} ${family}` }
  return { index: 'clusterDesired', value: wish }
}
