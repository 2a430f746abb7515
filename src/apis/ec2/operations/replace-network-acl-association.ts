// Makes a subnet follow another network ACL.

import type { ReplaceNetworkAclAssociationRequest, ReplaceNetworkAclAssociationResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { newAclAssociationId, withoutSubnet } from '../model/network-acl.ts'
import { existingNetworkAcl, networkAclsInScope } from '../network-acls.ts'
import { networkAcls } from '../tables.ts'

export const replaceNetworkAclAssociation: Operation<
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult
> = async (input, call) => {
  const { scope } = call
  const id = await call.store.write(async (tx) => {
    const all = (await networkAclsInScope(tx, scope)).map(({ acl }) => acl)
    const before = all.find((acl) => acl.associations.some((one) => one.id === input.AssociationId))
    const association = before?.associations.find((one) => one.id === input.AssociationId)
    if (before === undefined || association === undefined) {
      const message = `The association ID '${input.AssociationId}' does not exist`
      throw ec2Error('InvalidAssociationID.NotFound', message)
    }
    const after = await existingNetworkAcl(tx, scope, input.NetworkAclId)
    if (after.vpcId !== before.vpcId) {
      throw invalidParameter(`network ACL ${after.id} and subnet ${association.subnetId} belong to different networks`)
    }
    const made = { id: newAclAssociationId(call.random), subnetId: association.subnetId }
    const left = withoutSubnet(await existingNetworkAcl(tx, scope, before.id), made.subnetId)
    await tx.put(networkAcls, left)
    const joined = withoutSubnet(after, made.subnetId)
    await tx.put(networkAcls, { ...joined, associations: [...joined.associations, made] })
    return made.id
  })
  return { NewAssociationId: id }
}
