// Deletes a network ACL that no subnet follows.

import type { DeleteNetworkAclRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation, invalidParameter } from '../errors.ts'
import { existingNetworkAcl } from '../network-acls.ts'
import { ec2Key, networkAcls } from '../tables.ts'

export const deleteNetworkAcl: Operation<DeleteNetworkAclRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const acl = await existingNetworkAcl(tx, scope, input.NetworkAclId)
    if (acl.isDefault) throw invalidParameter(`cannot delete default network ACL ${acl.id}`)
    if (acl.associations.length > 0) {
      throw dependencyViolation(`The networkAcl '${acl.id}' has dependencies and cannot be deleted.`)
    }
    await tx.delete(networkAcls, ec2Key(scope, acl.id))
  })
  return {}
}
