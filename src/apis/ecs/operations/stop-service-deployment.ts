// StopServiceDeployment: records the wish that a deployment goes back to where it came from.

import type { StopServiceDeploymentRequest, StopServiceDeploymentResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { ConflictException, InvalidParameterException, ServiceDeploymentNotFoundException } from '../errors.ts'
import { isStoppable } from '../model/service-deployment.ts'
import { deploymentNamed, serviceDeployments } from '../tables.ts'

export const stopServiceDeployment: Operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse> = async (
  { serviceDeploymentArn, stopType: type = 'ROLLBACK' },
  call,
) => {
  // The model knows ABORT; AWS's reference knows ROLLBACK as the only valid value.
  if (type !== 'ROLLBACK') throw InvalidParameterException(`${type} should be one of [ROLLBACK]`)
  return call.store.write(async (tx) => {
    const deployment = await deploymentNamed(tx, call.scope, serviceDeploymentArn)
    if (deployment === undefined) throw ServiceDeploymentNotFoundException('Service deployment not found.')
    const { spec, progress } = deployment
    if (!isStoppable(deployment)) {
      throw ConflictException(`The service deployment can not be stopped, because its status is ${progress.state}.`, {
        resourceIds: [deployment.arn],
      })
    }
    if (spec.stop === undefined) {
      const stop = { type, at: call.clock.now().toISOString() }
      await tx.put(serviceDeployments, { ...deployment, spec: { ...spec, stop } })
    }
    return { serviceDeploymentArn: deployment.arn }
  })
}
