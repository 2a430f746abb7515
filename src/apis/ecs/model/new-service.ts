// A service at its birth, with every default that AWS fills in.

import type { CreateServiceRequest } from '@aws-sdk/client-ecs'
import { serviceArn } from '#aws/arn.ts'
import type { Checked } from '#aws/operation.ts'
import { sameForm } from './client-token.ts'
import type { ClusterRecord } from './cluster.ts'
import { filledDeploymentConfiguration } from './deployment-configuration.ts'
import type { ServiceRecord } from './service.ts'

export const newService = (
  input: Checked<CreateServiceRequest>,
  { cluster, at, by }: { readonly cluster: ClusterRecord; readonly at: string; readonly by: string },
): ServiceRecord => {
  const { serviceName: name, clientToken } = input
  const controller = input.deploymentController?.type ?? 'ECS'
  return {
    arn: serviceArn(cluster.scope, cluster.name, name),
    name,
    scope: cluster.scope,
    clusterName: cluster.name,
    clusterArn: cluster.arn,
    createdAt: at,
    createdBy: by,
    creation: { ...(clientToken === undefined ? {} : { clientToken }), request: sameForm(input) },
    spec: {
      desiredCount: input.desiredCount ?? 0,
      deploymentController: controller,
      deploymentConfiguration: filledDeploymentConfiguration(input.deploymentConfiguration, controller),
      healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0,
      // Only the rolling controller can rebalance, and it needs room for one task more.
      availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? defaultRebalancing(input),
      enableECSManagedTags: input.enableECSManagedTags ?? false,
      propagateTags: input.propagateTags ?? 'NONE',
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      placementConstraints: input.placementConstraints ?? [],
      placementStrategy: input.placementStrategy ?? [],
      tags: input.tags ?? [],
    },
    status: { state: 'ACTIVE', isSteady: false, toldAt: {}, lastEvent: 0 },
  }
}

const defaultRebalancing = ({ deploymentController, deploymentConfiguration }: Checked<CreateServiceRequest>) =>
  (deploymentController?.type ?? 'ECS') === 'ECS' && (deploymentConfiguration?.maximumPercent ?? 200) > 100
    ? 'ENABLED'
    : 'DISABLED'
