// Puts another rule in the place of one of a network ACL.

import type { ReplaceNetworkAclEntryRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { requestedEntry, withReplacedEntry } from '../model/network-acl-entry.ts'
import { existingNetworkAcl } from '../network-acls.ts'
import { networkAcls } from '../tables.ts'

export const replaceNetworkAclEntry: Operation<ReplaceNetworkAclEntryRequest, {}> = async (input, call) => {
  const entry = requestedEntry(input)
  await call.store.write(async (tx) => {
    const acl = await existingNetworkAcl(tx, call.scope, input.NetworkAclId)
    await tx.put(networkAcls, withReplacedEntry(acl, entry))
  })
  return {}
}
