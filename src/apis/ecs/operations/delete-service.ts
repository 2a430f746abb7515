// DeleteService: nothing is wished for any more. The service controller stops what runs, and then it is INACTIVE.

import type { DeleteServiceRequest, DeleteServiceResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException, ServiceNotFoundException } from '../errors.ts'
import { askedToDelete } from '../model/service.ts'
import { describedService } from '../service-views.ts'
import { activeCluster, serviceNamed, services, taskSetsOfService } from '../tables.ts'

export const deleteService: Operation<DeleteServiceRequest, DeleteServiceResponse> = async (input, call) =>
  call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const service = await serviceNamed(tx, cluster, input.service)
    if (service.status.state === 'INACTIVE') throw ServiceNotFoundException('Service not found.')
    if (service.status.state === 'DRAINING') return { service: await describedService(tx, service, { tags: true }) }
    if (input.force !== true && service.spec.desiredCount > 0) {
      throw InvalidParameterException('The service cannot be stopped while it is scaled above 0.')
    }
    // The primary task set of a service that CodeDeploy deploys is the service's own.
    const isTheirs = service.spec.deploymentController === 'EXTERNAL'
    if (input.force !== true && isTheirs && (await taskSetsOfService(tx, service.arn)).length > 0) {
      throw InvalidParameterException('The service cannot be stopped while it has task sets.')
    }
    const draining = askedToDelete(service, call.clock.now().toISOString())
    await tx.put(services, draining)
    return { service: await describedService(tx, draining, { tags: true }) }
  })
