// Shows one attribute of a VPC.

import type { DescribeVpcAttributeRequest, DescribeVpcAttributeResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { invalidValue } from '../errors.ts'
import { VPC } from '../model/resource-kind.ts'
import { existing, vpcs } from '../tables.ts'

export const describeVpcAttribute: Operation<DescribeVpcAttributeRequest, DescribeVpcAttributeResult> = async (
  input,
  call,
) => {
  const vpc = await call.store.read((reader) => existing(reader, vpcs, VPC, call.scope, input.VpcId))
  switch (input.Attribute) {
    case 'enableDnsSupport':
      return { VpcId: vpc.id, EnableDnsSupport: { Value: vpc.enableDnsSupport } }
    case 'enableDnsHostnames':
      return { VpcId: vpc.id, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } }
    case 'enableNetworkAddressUsageMetrics':
      return {
        VpcId: vpc.id,
        EnableNetworkAddressUsageMetrics: { Value: vpc.enableNetworkAddressUsageMetrics ?? false },
      }
    default:
      throw invalidValue(input.Attribute, 'vpcAttribute', 'Unknown attribute.')
  }
}
