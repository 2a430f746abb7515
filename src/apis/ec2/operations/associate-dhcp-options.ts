// Makes a VPC use a set of DHCP options, or none.

import type { AssociateDhcpOptionsRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { existingDhcpOptions } from '../dhcp-options-sets.ts'
import { NO_OPTIONS } from '../model/dhcp-options.ts'
import { VPC } from '../model/resource-kind.ts'
import { existing, vpcs } from '../tables.ts'

export const associateDhcpOptions: Operation<AssociateDhcpOptionsRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    const { DhcpOptionsId } = input
    if (DhcpOptionsId !== NO_OPTIONS) await existingDhcpOptions(tx, scope, DhcpOptionsId)
    await tx.put(vpcs, { ...vpc, dhcpOptionsId: DhcpOptionsId })
  })
  return {}
}
