// Adds a rule to a network ACL.

import type { CreateNetworkAclEntryRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { requestedEntry, withEntry } from '../model/network-acl-entry.ts'
import { existingNetworkAcl } from '../network-acls.ts'
import { networkAcls } from '../tables.ts'

export const createNetworkAclEntry: Operation<CreateNetworkAclEntryRequest, {}> = async (input, call) => {
  const entry = requestedEntry(input)
  await call.store.write(async (tx) => {
    const acl = await existingNetworkAcl(tx, call.scope, input.NetworkAclId)
    await tx.put(networkAcls, withEntry(acl, entry))
  })
  return {}
}
