// UpdateService: changes the wish; what tasks are made of changes by a new deployment, everything else at once.

import type { UpdateServiceRequest, UpdateServiceResponse } from '@aws-sdk/client-ecs'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { InvalidParameterException, UnsupportedFeatureException } from '../errors.ts'
import { sameForm } from '../model/client-token.ts'
import type { ClusterRecord } from '../model/cluster.ts'
import type { RevisionTemplate } from '../model/service-revision.ts'
import type { ServiceRecord } from '../model/service.ts'
import { updatedService } from '../model/updated-service.ts'
import { firstOf } from '../model/validation/problem.ts'
import { unsupportedInService, updateServiceProblems } from '../model/validation/service.ts'
import { deployed } from '../service-deployments.ts'
import { checkedTemplate } from '../service-templates.ts'
import { describedService } from '../service-views.ts'
import { activeCluster, activeService, serviceRevisions, services } from '../tables.ts'

type Request = Checked<UpdateServiceRequest>

export const updateService: Operation<UpdateServiceRequest, UpdateServiceResponse> = async (input, call) =>
  call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const service = await activeService(tx, cluster, input.service)
    const updated = updatedService(service, input)
    const problem = firstOf(updateServiceProblems(input, service, updated.spec))
    if (problem !== undefined) throw InvalidParameterException(problem)
    const unsupported = unsupportedInService(input)
    if (unsupported !== undefined) throw UnsupportedFeatureException(unsupported)
    const template = await newTemplate(tx, call, cluster, updated, input)
    if (template === undefined) await tx.put(services, updated)
    const changed = template === undefined ? updated : await deployed(tx, call, updated, template)
    return { service: await describedService(tx, changed, { tags: true }) }
  })

/** A change of any of these starts a deployment; AWS's reference says so of each. */
const OF_TEMPLATE = [
  'taskDefinition',
  'capacityProviderStrategy',
  'networkConfiguration',
  'platformVersion',
  'loadBalancers',
  'serviceRegistries',
  'serviceConnectConfiguration',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
  'monitoring',
] as const satisfies readonly (keyof Request)[]

/** Holds at once, but not whatever the tasks are made of. */
const BY_TEMPLATE = [
  'enableExecuteCommand',
  'healthCheckGracePeriodSeconds',
  'deploymentConfiguration',
] as const satisfies readonly (keyof Request)[]

/** Undefined when nothing that tasks are made of has changed, and no deployment is forced. */
const newTemplate = async (
  tx: Transaction,
  call: Call,
  cluster: ClusterRecord,
  { spec, status }: ServiceRecord,
  input: Request,
): Promise<RevisionTemplate | undefined> => {
  const { primaryRevisionArn } = status
  const isForced = input.forceNewDeployment === true
  const isTouched = isForced || [...OF_TEMPLATE, ...BY_TEMPLATE].some((member) => input[member] !== undefined)
  if (primaryRevisionArn === undefined || !isTouched) return undefined
  const present = (await tx.get(serviceRevisions, primaryRevisionArn))?.template
  if (present === undefined) throw new Error(`${primaryRevisionArn} is not on record`)
  const changed = await checkedTemplate(tx, call, cluster, {
    ...present,
    ...input,
    // An empty strategy leads back to the launch type, which is Fargate's for want of any other.
    ...(input.capacityProviderStrategy?.length === 0 ? { launchType: 'FARGATE' } : {}),
    taskDefinition: input.taskDefinition ?? present.taskDefinitionArn,
    keepsDefinition: input.taskDefinition === undefined,
    enableExecuteCommand: spec.enableExecuteCommand,
    strategy: spec.deploymentConfiguration.strategy,
  })
  if (isForced) return changed
  if (sameForm(capacityIn(changed)) !== sameForm(capacityIn(present))) {
    throw InvalidParameterException(
      'When switching from launch type to capacity provider strategy on an existing service, or making a change to ' +
        'a capacity provider strategy on a service that is already using one, you must force a new deployment.',
    )
  }
  return sameForm(changed) === sameForm(present) ? undefined : changed
}

const capacityIn = ({ launchType, capacityProviderStrategy }: RevisionTemplate) => [
  launchType,
  capacityProviderStrategy,
]
