// Deletes a VPC that nothing depends on, with what came into being with it.

import type { DeleteVpcRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation } from '../errors.ts'
import { VPC } from '../model/resource-kind.ts'
import { DEFAULT_GROUP } from '../model/security-group.ts'
import {
  ec2Key,
  egressOnlyInternetGateways,
  existing,
  forgetFlowLogs,
  internetGateways,
  networkAcls,
  networkInterfaces,
  ofVpc,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from '../tables.ts'

export const deleteVpc: Operation<DeleteVpcRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    const groups = await ofVpc(tx, securityGroups, scope, vpc.id)
    const tables = await ofVpc(tx, routeTables, scope, vpc.id)
    const acls = await ofVpc(tx, networkAcls, scope, vpc.id)
    const dependents = [
      ...(await ofVpc(tx, subnets, scope, vpc.id)),
      ...(await ofVpc(tx, internetGateways, scope, vpc.id)),
      ...(await ofVpc(tx, networkInterfaces, scope, vpc.id)),
      ...(await ofVpc(tx, egressOnlyInternetGateways, scope, vpc.id)),
      ...groups.filter((group) => group.name !== DEFAULT_GROUP),
      ...tables.filter((table) => !table.isMain),
      ...acls.filter((acl) => !acl.isDefault),
      ...(await ofVpc(tx, vpcEndpoints, scope, vpc.id)),
    ]
    if (dependents.length > 0) {
      throw dependencyViolation(`The vpc '${vpc.id}' has dependencies and cannot be deleted.`)
    }
    for (const group of groups) await tx.delete(securityGroups, ec2Key(scope, group.id))
    for (const table of tables) await tx.delete(routeTables, ec2Key(scope, table.id))
    for (const acl of acls) await tx.delete(networkAcls, ec2Key(scope, acl.id))
    await forgetFlowLogs(tx, scope, vpc.id)
    await tx.delete(vpcs, ec2Key(scope, vpc.id))
  })
  return {}
}
