// The tables of CodeDeploy, and the only questions anyone may ask of them.

import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table, type Transaction } from '#store/store.ts'
import {
  ApplicationDoesNotExistException,
  DeploymentConfigDoesNotExistException,
  DeploymentDoesNotExistException,
  DeploymentGroupDoesNotExistException,
  DeploymentIdRequiredException,
  InvalidDeploymentIdException,
} from './errors.ts'
import type { ApplicationRecord } from './model/application.ts'
import { type DeploymentConfigRecord, PREDEFINED, type Routing } from './model/deployment-config.ts'
import type { DeploymentGroupRecord } from './model/deployment-group.ts'
import { type DeploymentRecord, isOver } from './model/deployment.ts'
import { DEPLOYMENTS_KEPT_PER_GROUP, REVISIONS_KEPT_PER_APPLICATION } from './model/limits.ts'
import type { RevisionRecord } from './model/revision.ts'

export const applications = table<ApplicationRecord>({
  name: 'codedeploy.applications',
  key: (row) => row.id,
  indexes: { scope: (row) => [scopeKey(row.scope)], name: (row) => [`${scopeKey(row.scope)} ${row.name}`] },
})

export const deploymentConfigs = table<DeploymentConfigRecord>({
  name: 'codedeploy.deployment-configs',
  key: (row) => `${scopeKey(row.scope)} ${row.name}`,
  indexes: { scope: (row) => [scopeKey(row.scope)] },
})

const serviceKey = (scope: Scope, { clusterName, serviceName }: DeploymentGroupRecord['spec']['ecsService']): string =>
  `${scopeKey(scope)} ${clusterName} ${serviceName}`

export const deploymentGroups = table<DeploymentGroupRecord>({
  name: 'codedeploy.deployment-groups',
  key: (row) => row.id,
  indexes: {
    application: (row) => [row.applicationId],
    name: (row) => [`${row.applicationId} ${row.spec.name}`],
    service: (row) => [serviceKey(row.scope, row.spec.ecsService)],
    config: (row) => [`${scopeKey(row.scope)} ${row.spec.deploymentConfigName}`],
  },
})

export const revisions = table<RevisionRecord>({
  name: 'codedeploy.revisions',
  key: (row) => `${row.applicationId} ${row.key}`,
  indexes: { application: (row) => [row.applicationId] },
})

export const deployments = table<DeploymentRecord>({
  name: 'codedeploy.deployments',
  key: (row) => row.id,
  indexes: {
    scope: (row) => [scopeKey(row.scope)],
    group: (row) => [row.groupId],
    /** Those that the deployment controller has work with. */
    unfinished: (row) => (isOver(row) ? [] : ['yes']),
  },
})

export const applicationNamed = async (
  reader: Reader,
  scope: Scope,
  name: string,
): Promise<ApplicationRecord | undefined> =>
  (await reader.list(applications, { index: 'name', value: `${scopeKey(scope)} ${name}` }))[0]

export const existingApplication = async (reader: Reader, scope: Scope, name: string): Promise<ApplicationRecord> => {
  const found = await applicationNamed(reader, scope, name)
  if (found === undefined) throw ApplicationDoesNotExistException(`No application found for name: ${name}`)
  return found
}

export const applicationsOfScope = (reader: Reader, scope: Scope): Promise<ApplicationRecord[]> =>
  reader.list(applications, { index: 'scope', value: scopeKey(scope) })

export const groupNamed = async (
  reader: Reader,
  application: ApplicationRecord,
  name: string,
): Promise<DeploymentGroupRecord | undefined> =>
  (await reader.list(deploymentGroups, { index: 'name', value: `${application.id} ${name}` }))[0]

export const existingGroup = async (
  reader: Reader,
  application: ApplicationRecord,
  name: string,
): Promise<DeploymentGroupRecord> => {
  const found = await groupNamed(reader, application, name)
  if (found === undefined) throw DeploymentGroupDoesNotExistException(`No Deployment Group found for name: ${name}`)
  return found
}

export const groupsOfApplication = (reader: Reader, { id }: ApplicationRecord): Promise<DeploymentGroupRecord[]> =>
  reader.list(deploymentGroups, { index: 'application', value: id })

export const groupsOfService = (
  reader: Reader,
  scope: Scope,
  service: DeploymentGroupRecord['spec']['ecsService'],
): Promise<DeploymentGroupRecord[]> =>
  reader.list(deploymentGroups, { index: 'service', value: serviceKey(scope, service) })

export const isConfigInUse = async (reader: Reader, scope: Scope, name: string): Promise<boolean> =>
  (await reader.count(deploymentGroups, { index: 'config', value: `${scopeKey(scope)} ${name}` })) > 0

export const configNamed = (reader: Reader, scope: Scope, name: string): Promise<DeploymentConfigRecord | undefined> =>
  reader.get(deploymentConfigs, `${scopeKey(scope)} ${name}`)

export const configsOfScope = (reader: Reader, scope: Scope): Promise<DeploymentConfigRecord[]> =>
  reader.list(deploymentConfigs, { index: 'scope', value: scopeKey(scope) })

/** AWS's own or the caller's. */
export const existingConfig = async (
  reader: Reader,
  scope: Scope,
  name: string,
): Promise<Pick<DeploymentConfigRecord, 'name' | 'routing'> & Partial<DeploymentConfigRecord>> => {
  const routing: Routing | undefined = Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined
  if (routing !== undefined) return { name, routing }
  const found = await configNamed(reader, scope, name)
  if (found === undefined) {
    throw DeploymentConfigDoesNotExistException(`No Deployment Configuration found for name: ${name}`)
  }
  return found
}

/** Another account's or region's is as good as none. */
/** Refuses what is no id. */
export const deploymentWithId = async (
  reader: Reader,
  scope: Scope,
  id: string | undefined,
): Promise<DeploymentRecord | undefined> => {
  if (id === undefined || id === '') throw DeploymentIdRequiredException('Deployment ID must be specified')
  if (!/^d-[A-Z0-9]{9}$/.test(id)) throw InvalidDeploymentIdException(`The deployment ID ${id} is not valid`)
  const found = await reader.get(deployments, id)
  return found === undefined || scopeKey(found.scope) !== scopeKey(scope) ? undefined : found
}

export const existingDeployment = async (
  reader: Reader,
  scope: Scope,
  id: string | undefined,
): Promise<DeploymentRecord> => {
  const found = await deploymentWithId(reader, scope, id)
  if (found === undefined) throw DeploymentDoesNotExistException(`The deployment ${id} could not be found`)
  return found
}

const byAge = (a: DeploymentRecord, b: DeploymentRecord): number =>
  a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1

/** Oldest first. */
export const deploymentsOfGroup = async (reader: Reader, groupId: string): Promise<DeploymentRecord[]> =>
  (await reader.list(deployments, { index: 'group', value: groupId })).toSorted(byAge)

/** Oldest first. */
export const deploymentsOfScope = async (reader: Reader, scope: Scope): Promise<DeploymentRecord[]> =>
  (await reader.list(deployments, { index: 'scope', value: scopeKey(scope) })).toSorted(byAge)

export const unfinishedDeployments = (reader: Reader): Promise<DeploymentRecord[]> =>
  reader.list(deployments, { index: 'unfinished', value: 'yes' })

/** The last one that went well before that one. */
export const lastGoodBefore = async (
  reader: Reader,
  deployment: Pick<DeploymentRecord, 'groupId' | 'createdAt'>,
): Promise<DeploymentRecord | undefined> =>
  (await deploymentsOfGroup(reader, deployment.groupId)).findLast(
    ({ createdAt, progress }) => createdAt < deployment.createdAt && progress.state === 'Succeeded',
  )

/** The oldest finished ones of the group are forgotten. */
export const keepDeployment = async (tx: Transaction, deployment: DeploymentRecord): Promise<void> => {
  await tx.put(deployments, deployment)
  const all = await deploymentsOfGroup(tx, deployment.groupId)
  for (const old of all.filter(isOver).slice(0, Math.max(0, all.length - DEPLOYMENTS_KEPT_PER_GROUP))) {
    await tx.delete(deployments, old.id)
  }
}

export const revisionsOfApplication = (reader: Reader, { id }: ApplicationRecord): Promise<RevisionRecord[]> =>
  reader.list(revisions, { index: 'application', value: id })

/** The application's oldest are forgotten. */
export const keepRevision = async (tx: Transaction, revision: RevisionRecord): Promise<void> => {
  await tx.put(revisions, revision)
  const all = await tx.list(revisions, { index: 'application', value: revision.applicationId })
  const oldest = all.toSorted((a, b) => (a.registeredAt < b.registeredAt ? -1 : 1))
  for (const row of oldest.slice(0, Math.max(0, all.length - REVISIONS_KEPT_PER_APPLICATION))) {
    await tx.delete(revisions, revisions.key(row))
  }
}

/** With its deployments. */
export const forgetGroup = async (tx: Transaction, group: DeploymentGroupRecord): Promise<void> => {
  for (const { id } of await deploymentsOfGroup(tx, group.id)) await tx.delete(deployments, id)
  await tx.delete(deploymentGroups, group.id)
}

/** With everything that is kept below it. */
export const forgetApplication = async (tx: Transaction, application: ApplicationRecord): Promise<void> => {
  for (const group of await groupsOfApplication(tx, application)) await forgetGroup(tx, group)
  for (const row of await revisionsOfApplication(tx, application)) await tx.delete(revisions, revisions.key(row))
  await tx.delete(applications, application.id)
}
