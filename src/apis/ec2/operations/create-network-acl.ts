// Makes a network ACL that lets nothing through and that no subnet follows.

import type { CreateNetworkAclRequest, CreateNetworkAclResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { madeBefore } from '../model/client-token.ts'
import { NETWORK_ACLS_PER_VPC } from '../model/limits.ts'
import { describeNetworkAcl, newNetworkAcl } from '../model/network-acl.ts'
import { NETWORK_ACL, VPC } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { existing, networkAcls, ofVpc, vpcs } from '../tables.ts'

export const createNetworkAcl: Operation<CreateNetworkAclRequest, CreateNetworkAclResult> = async (input, call) => {
  const { scope } = call
  const { ClientToken } = input
  const tags = requestedTags(input.TagSpecifications, NETWORK_ACL)
  const { acl, vpc } = await call.store.write(async (tx) => {
    const owner = await existing(tx, vpcs, VPC, scope, input.VpcId)
    const others = await ofVpc(tx, networkAcls, scope, owner.id)
    const earlier = madeBefore(others, ClientToken)
    if (earlier !== undefined) return { acl: earlier, vpc: owner }
    // The default list counts as well.
    if (others.filter(({ isDefault }) => !isDefault).length + 1 >= NETWORK_ACLS_PER_VPC) {
      throw ec2Error('NetworkAclLimitExceeded', 'The maximum number of network ACLs has been reached.')
    }
    const created = {
      ...newNetworkAcl(owner, tags, call.random),
      ...(ClientToken === undefined ? {} : { clientToken: ClientToken }),
    }
    await tx.put(networkAcls, created)
    return { acl: created, vpc: owner }
  })
  return {
    NetworkAcl: describeNetworkAcl(acl, vpc),
    ...(ClientToken === undefined ? {} : { ClientToken }),
  }
}
