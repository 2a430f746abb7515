// A service after UpdateService: members that are not given stay as they are.

import type { UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { changedDeploymentConfiguration } from './deployment-configuration.ts'
import type { ServiceRecord, ServiceSpec } from './service.ts'

/** All of these hold at once; none starts a deployment. */
export const updatedService = (service: ServiceRecord, input: Checked<UpdateServiceRequest>): ServiceRecord => {
  const { spec } = service
  const changed: ServiceSpec = {
    ...spec,
    desiredCount: input.desiredCount ?? spec.desiredCount,
    deploymentConfiguration: changedDeploymentConfiguration(
      spec.deploymentConfiguration,
      input.deploymentConfiguration ?? {},
      spec.deploymentController,
    ),
    healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? spec.healthCheckGracePeriodSeconds,
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? spec.availabilityZoneRebalancing,
    enableECSManagedTags: input.enableECSManagedTags ?? spec.enableECSManagedTags,
    propagateTags: input.propagateTags ?? spec.propagateTags,
    enableExecuteCommand: input.enableExecuteCommand ?? spec.enableExecuteCommand,
    placementConstraints: input.placementConstraints ?? spec.placementConstraints,
    placementStrategy: input.placementStrategy ?? spec.placementStrategy,
  }
  return { ...service, spec: changed }
}
