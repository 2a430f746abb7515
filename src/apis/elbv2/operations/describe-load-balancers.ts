// Shows load balancers: all, or those that are named.

import type { DescribeLoadBalancersInput, DescribeLoadBalancersOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { LoadBalancerNotFound, validationError } from '../errors.ts'
import { allThere, checkedLoadBalancerArn } from '../model/arns.ts'
import { describeLoadBalancer } from '../model/describe-load-balancer.ts'
import type { LoadBalancerRecord } from '../model/load-balancer.ts'
import { paged } from '../paging.ts'
import { loadBalancerByArn, loadBalancerNamed, loadBalancersOfScope } from '../tables.ts'

export const describeLoadBalancers: Operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput> = async (
  input,
  call,
) => {
  const { LoadBalancerArns = [], Names = [] } = input
  if (LoadBalancerArns.length > 0 && Names.length > 0) {
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time')
  }
  const rows = await call.store.read(async (reader): Promise<LoadBalancerRecord[]> => {
    if (LoadBalancerArns.length > 0) {
      const arns = LoadBalancerArns.map((arn) => checkedLoadBalancerArn(arn, call.scope))
      const rows = await Promise.all(arns.map((arn) => loadBalancerByArn(reader, arn)))
      return allThere(rows, LoadBalancerNotFound('One or more load balancers not found'))
    }
    if (Names.length === 0) return loadBalancersOfScope(reader, call.scope)
    const named = await Promise.all(Names.map((name) => loadBalancerNamed(reader, call.scope, name)))
    const missing = Names.filter((_, index) => named[index] === undefined)
    if (missing.length > 0) throw LoadBalancerNotFound(`Load balancers '[${missing.join(', ')}]' not found`)
    return named.filter((row) => row !== undefined)
  })
  const request = ['DescribeLoadBalancers', call.scope, LoadBalancerArns, Names]
  const { items, marker } = paged(rows, input, request, ({ arn }) => arn)
  return { LoadBalancers: items.map(describeLoadBalancer), ...marker }
}
