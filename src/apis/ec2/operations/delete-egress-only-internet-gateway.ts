// Deletes an egress-only internet gateway; routes by it become black holes.

import type { DeleteEgressOnlyInternetGatewayRequest, DeleteEgressOnlyInternetGatewayResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { EGRESS_ONLY_INTERNET_GATEWAY } from '../model/resource-kind.ts'
import { ec2Key, egressOnlyInternetGateways, existing } from '../tables.ts'

export const deleteEgressOnlyInternetGateway: Operation<
  DeleteEgressOnlyInternetGatewayRequest,
  DeleteEgressOnlyInternetGatewayResult
> = async (input, call) => {
  const id = input.EgressOnlyInternetGatewayId
  await call.store.write(async (tx) => {
    await existing(tx, egressOnlyInternetGateways, EGRESS_ONLY_INTERNET_GATEWAY, call.scope, id)
    await tx.delete(egressOnlyInternetGateways, ec2Key(call.scope, id))
  })
  return { ReturnCode: true }
}
