// Deletes VPC endpoints with their routes and interfaces.

import type { DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult, UnsuccessfulItem } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { removeInterfaces, removeRoutes } from '../endpoint-parts.ts'
import { missingParameter } from '../errors.ts'
import { checkId, notFound, VPC_ENDPOINT } from '../model/resource-kind.ts'
import { ec2Key, vpcEndpoints } from '../tables.ts'

export const deleteVpcEndpoints: Operation<DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult> = async (
  input,
  call,
) => {
  const ids = [...new Set(input.VpcEndpointIds)]
  if (ids.length === 0) throw missingParameter('VpcEndpointId')
  for (const id of ids) checkId(VPC_ENDPOINT, id)
  const Unsuccessful = await call.store.write(async (tx) => {
    const failed: UnsuccessfulItem[] = []
    for (const id of ids) {
      const key = ec2Key(call.scope, id)
      const row = await tx.get(vpcEndpoints, key)
      if (row === undefined) {
        const { code, message } = notFound(VPC_ENDPOINT, id)
        failed.push({ ResourceId: id, Error: { Code: code, Message: message } })
        continue
      }
      await removeRoutes(tx, row, row.routeTableIds)
      await removeInterfaces(tx, row, call)
      await tx.delete(vpcEndpoints, key)
    }
    return failed
  })
  return { Unsuccessful }
}
