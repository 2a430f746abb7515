// CreateService: records the wish for a service, and the first deployment of it. The service controller starts its tasks.

import type { CreateServiceRequest, CreateServiceResponse } from '@aws-sdk/client-ecs'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { ClientException, InvalidParameterException, UnsupportedFeatureException } from '../errors.ts'
import { sameForm } from '../model/client-token.ts'
import type { ClusterRecord } from '../model/cluster.ts'
import { SERVICES_PER_CLUSTER } from '../model/limits.ts'
import { newService } from '../model/new-service.ts'
import { newTaskSet } from '../model/new-task-set.ts'
import type { RevisionTemplate } from '../model/service-revision.ts'
import type { ServiceRecord } from '../model/service.ts'
import { firstOf } from '../model/validation/problem.ts'
import { createServiceProblems, unsupportedInService } from '../model/validation/service.ts'
import { checkedTemplate } from '../service-templates.ts'
import { describedService } from '../service-views.ts'
import { deployed } from '../service-deployments.ts'
import { activeCluster, countServices, forgetService, serviceByArn, services, taskSets } from '../tables.ts'

type Request = Checked<CreateServiceRequest>

export const createService: Operation<CreateServiceRequest, CreateServiceResponse> = async (input, call) =>
  call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const service = newService(input, { cluster, at: call.clock.now().toISOString(), by: call.caller.arn })
    const problem = firstOf(createServiceProblems(input, service.spec))
    if (problem !== undefined) throw InvalidParameterException(problem)
    const unsupported = unsupportedInService(input)
    if (unsupported !== undefined) throw UnsupportedFeatureException(unsupported)
    const existing = await serviceByArn(tx, service.arn)
    const made = repeated(existing, input) ?? (await created(tx, call, cluster, input, service))
    return { service: await describedService(tx, made, { tags: true }) }
  })

/** The service that the same request has made already; undefined when its name is free. */
const repeated = (existing: ServiceRecord | undefined, input: Request): ServiceRecord | undefined => {
  if (existing === undefined || existing.status.state === 'INACTIVE') return undefined
  if (existing.status.state === 'DRAINING') {
    throw InvalidParameterException('Unable to Start a service that is still Draining.')
  }
  const { creation } = existing
  if (creation?.clientToken === input.clientToken && creation?.request === sameForm(input)) return existing
  throw InvalidParameterException('Creation of service was not idempotent.')
}

const created = async (
  tx: Transaction,
  call: Call,
  cluster: ClusterRecord,
  input: Request,
  service: ServiceRecord,
): Promise<ServiceRecord> => {
  if ((await countServices(tx, cluster.arn, 'ACTIVE')) >= SERVICES_PER_CLUSTER) {
    throw ClientException(`The cluster has reached its limit of ${SERVICES_PER_CLUSTER} services.`)
  }
  // What is left of an INACTIVE service of that name is another service's history.
  await forgetService(tx, service)
  const { deploymentController, enableExecuteCommand, deploymentConfiguration } = service.spec
  if (deploymentController === 'EXTERNAL') {
    await tx.put(services, service)
    return service
  }
  const { taskDefinition = '' } = input
  const template = await checkedTemplate(tx, call, cluster, {
    ...input,
    taskDefinition,
    enableExecuteCommand,
    strategy: deploymentConfiguration.strategy,
  })
  return deploymentController === 'CODE_DEPLOY'
    ? withTaskSet(tx, call, service, template)
    : deployed(tx, call, service, template)
}

/** What CodeDeploy's first deployment will replace: the whole service in one task set, which serves. */
const withTaskSet = async (
  tx: Transaction,
  { random, clock }: Call,
  service: ServiceRecord,
  template: RevisionTemplate,
): Promise<ServiceRecord> => {
  const at = clock.now().toISOString()
  await tx.put(services, service)
  await tx.put(taskSets, newTaskSet(service, { template, percent: 100, isPrimary: true }, { random, at }))
  return service
}
