// DescribeCapacityProviders: FARGATE and FARGATE_SPOT, which every account has.

import type { DescribeCapacityProvidersRequest, DescribeCapacityProvidersResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import { describeCapacityProvider, FARGATE_PROVIDERS, fargateProvider } from '../model/capacity.ts'
import { paged } from '../paging.ts'

export const describeCapacityProviders: Operation<
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse
> = async (input, call) => {
  const named = input.capacityProviders ?? []
  const options = paged(call, 'DescribeCapacityProviders', input, named)
  const known = named.length === 0 ? FARGATE_PROVIDERS : new Set(named.flatMap((name) => fargateProvider(name) ?? []))
  const { items, ...more } = pageOf([...known], { ...options, keyOf: (name) => name })
  return {
    capacityProviders: items.map((name) => describeCapacityProvider(call.scope, name)),
    failures: named.filter((name) => fargateProvider(name) === undefined).map((arn) => ({ arn, reason: 'MISSING' })),
    ...more,
  }
}
