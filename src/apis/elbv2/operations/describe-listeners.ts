// Shows listeners: those of a load balancer, or those that are named.

import type { DescribeListenersInput, DescribeListenersOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { ListenerNotFound, validationError } from '../errors.ts'
import { allThere, checkedListenerArn } from '../model/arns.ts'
import { describeListener } from '../model/describe-listener.ts'
import { paged } from '../paging.ts'
import { existingLoadBalancer, listeners, listenersOf } from '../tables.ts'

export const describeListeners: Operation<DescribeListenersInput, DescribeListenersOutput> = async (input, call) => {
  const { LoadBalancerArn, ListenerArns = [] } = input
  if ((LoadBalancerArn === undefined) === (ListenerArns.length === 0)) {
    throw validationError('You must specify either listener ARNs or a load balancer ARN')
  }
  const rows = await call.store.read(async (reader) => {
    if (LoadBalancerArn !== undefined) {
      return listenersOf(reader, (await existingLoadBalancer(reader, call.scope, LoadBalancerArn)).arn)
    }
    const named = ListenerArns.map((arn) => reader.get(listeners, checkedListenerArn(arn, call.scope)))
    return allThere(await Promise.all(named), ListenerNotFound('One or more listeners not found'))
  })
  const request = ['DescribeListeners', call.scope, LoadBalancerArn, ListenerArns]
  const { items, marker } = paged(rows, input, request, ({ arn }) => arn)
  return { Listeners: items.map(describeListener), ...marker }
}
