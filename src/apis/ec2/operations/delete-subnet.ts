// Deletes a subnet in which nothing has an address.

import type { DeleteSubnetRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { loadBalancersInSubnet } from '../../elbv2/tables.ts'
import { dependencyViolation } from '../errors.ts'
import { withoutSubnet } from '../model/network-acl.ts'
import { SUBNET } from '../model/resource-kind.ts'
import {
  ec2Key,
  existing,
  forgetFlowLogs,
  interfaceCountOfSubnet,
  networkAcls,
  ofVpc,
  routeTables,
  subnets,
} from '../tables.ts'

export const deleteSubnet: Operation<DeleteSubnetRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const subnet = await existing(tx, subnets, SUBNET, scope, input.SubnetId)
    // A load balancer may not have made its interface there yet.
    const isAwaited = (await loadBalancersInSubnet(tx, scope, subnet.id)).length > 0
    if (isAwaited || (await interfaceCountOfSubnet(tx, subnet)) > 0) {
      throw dependencyViolation(`The subnet '${subnet.id}' has dependencies and cannot be deleted.`)
    }
    for (const table of await ofVpc(tx, routeTables, scope, subnet.vpcId)) {
      const associations = table.associations.filter((association) => association.subnetId !== subnet.id)
      if (associations.length < table.associations.length) await tx.put(routeTables, { ...table, associations })
    }
    for (const acl of await ofVpc(tx, networkAcls, scope, subnet.vpcId)) {
      const left = withoutSubnet(acl, subnet.id)
      if (left.associations.length < acl.associations.length) await tx.put(networkAcls, left)
    }
    await forgetFlowLogs(tx, scope, subnet.id)
    await tx.delete(subnets, ec2Key(scope, subnet.id))
  })
  return {}
}
