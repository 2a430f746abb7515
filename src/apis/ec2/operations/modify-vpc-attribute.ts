// Changes one attribute of a VPC.

import type { ModifyVpcAttributeRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { invalidCombination, invalidParameter } from '../errors.ts'
import { VPC } from '../model/resource-kind.ts'
import { existing, vpcs } from '../tables.ts'

export const modifyVpcAttribute: Operation<ModifyVpcAttributeRequest, {}> = async (input, call) => {
  const { EnableDnsSupport, EnableDnsHostnames, EnableNetworkAddressUsageMetrics } = input
  const given = [EnableDnsSupport, EnableDnsHostnames, EnableNetworkAddressUsageMetrics].filter(
    (value) => value?.Value !== undefined,
  )
  if (given.length === 0) throw invalidCombination('No attributes specified.')
  if (given.length > 1) throw invalidCombination('Fields for multiple attribute types specified.')
  await call.store.write(async (tx) => {
    const vpc = await existing(tx, vpcs, VPC, call.scope, input.VpcId)
    const enableDnsSupport = EnableDnsSupport?.Value ?? vpc.enableDnsSupport
    const enableDnsHostnames = EnableDnsHostnames?.Value ?? vpc.enableDnsHostnames
    if (EnableDnsHostnames?.Value === true && !enableDnsSupport) {
      throw invalidParameter('DNS support must be enabled before enabling DNS hostnames.')
    }
    const metrics = EnableNetworkAddressUsageMetrics?.Value ?? vpc.enableNetworkAddressUsageMetrics ?? false
    await tx.put(vpcs, {
      ...vpc,
      enableDnsSupport,
      enableDnsHostnames,
      enableNetworkAddressUsageMetrics: metrics,
    })
  })
  return {}
}
