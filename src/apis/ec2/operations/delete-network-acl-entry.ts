// Takes a rule out of a network ACL.

import type { DeleteNetworkAclEntryRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { directionOf, withoutEntry } from '../model/network-acl-entry.ts'
import { existingNetworkAcl } from '../network-acls.ts'
import { networkAcls } from '../tables.ts'

export const deleteNetworkAclEntry: Operation<DeleteNetworkAclEntryRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const acl = await existingNetworkAcl(tx, call.scope, input.NetworkAclId)
    await tx.put(networkAcls, withoutEntry(acl, directionOf(input.Egress), input.RuleNumber))
  })
  return {}
}
