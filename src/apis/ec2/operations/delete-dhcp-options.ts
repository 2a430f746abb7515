// Deletes a set of DHCP options that no VPC uses.

import type { DeleteDhcpOptionsRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dhcpOptionsIdOf } from '../model/dhcp-options.ts'
import { dependencyViolation } from '../errors.ts'
import { existingDhcpOptions } from '../dhcp-options-sets.ts'
import { dhcpOptions, ec2Key, inScope, vpcs } from '../tables.ts'

export const deleteDhcpOptions: Operation<DeleteDhcpOptionsRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const row = await existingDhcpOptions(tx, scope, input.DhcpOptionsId)
    const users = await inScope(tx, vpcs, scope)
    // The default options are what the next VPC will use.
    if (row.isDefault || users.some((vpc) => dhcpOptionsIdOf(vpc) === row.id)) {
      throw dependencyViolation(`The dhcpOptions '${row.id}' has dependencies and cannot be deleted.`)
    }
    await tx.delete(dhcpOptions, ec2Key(scope, row.id))
  })
  return {}
}
