// What a new account finds in ECS.

import type { ClusterRecord } from './cluster.ts'
import { clusterArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { DEFAULT_CLUSTER } from './identifiers.ts'

/**
 * The cluster that requests mean when they name none. In AWS the console or the first CreateCluster makes it; here it is
 * there at once, with Fargate's providers associated as the console does. `now` is ISO 8601.
 */
export const defaultCluster = (scope: Scope, now: string): ClusterRecord => ({
  arn: clusterArn(scope, DEFAULT_CLUSTER),
  scope,
  name: DEFAULT_CLUSTER,
  status: 'ACTIVE',
  settings: [{ name: 'containerInsights', value: 'disabled' }],
  capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
  defaultCapacityProviderStrategy: [],
  tags: [],
  createdAt: now,
})
