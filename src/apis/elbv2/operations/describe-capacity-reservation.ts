// Shows that no capacity is reserved: a load balancer here has what the host has.

import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { existingLoadBalancer } from '../tables.ts'

export const describeCapacityReservation: Operation<
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput
> = async (input, call) => {
  await call.store.read((reader) => existingLoadBalancer(reader, call.scope, input.LoadBalancerArn))
  return { CapacityReservationState: [] }
}
