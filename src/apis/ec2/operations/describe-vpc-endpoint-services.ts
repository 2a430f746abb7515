// Shows the services that VPC endpoints can lead to.

import type { DescribeVpcEndpointServicesRequest, DescribeVpcEndpointServicesResult } from '@aws-sdk/client-ec2'
import { filtered } from '#aws/filters.ts'
import type { Operation } from '#aws/operation.ts'
import { describeService, endpointServices, serviceFilters, unknownService } from '../model/endpoint-service.ts'
import { paged } from '../model/selection.ts'

export const describeVpcEndpointServices: Operation<
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult
> = async (input, call) => {
  const { scope } = call
  const all = endpointServices(scope)
  const unknown = input.ServiceNames?.find((name) => !all.some((service) => service.name === name))
  if (unknown !== undefined) throw unknownService(unknown)
  const isHere = input.ServiceRegions?.includes(scope.region) ?? true
  const wanted = all.filter((service) => isHere && (input.ServiceNames?.includes(service.name) ?? true))
  const described = wanted.map((service) => describeService(service, scope))
  const matching = filtered(described, input.Filters, serviceFilters, () => [])
  const keyOf = (service: (typeof matching)[number]): string => `${service.ServiceName} ${service.ServiceId}`
  const { items, ...rest } = paged(matching, keyOf, input, 1)
  return {
    ServiceDetails: items,
    ServiceNames: [...new Set(items.flatMap((service) => service.ServiceName ?? []))],
    ...rest,
  }
}
