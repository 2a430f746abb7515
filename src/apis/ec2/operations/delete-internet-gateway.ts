// Deletes an internet gateway that is attached to nothing.

import type { DeleteInternetGatewayRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation } from '../errors.ts'
import { INTERNET_GATEWAY } from '../model/resource-kind.ts'
import { ec2Key, existing, internetGateways } from '../tables.ts'

export const deleteInternetGateway: Operation<DeleteInternetGatewayRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const gateway = await existing(tx, internetGateways, INTERNET_GATEWAY, scope, input.InternetGatewayId)
    if (gateway.vpcId !== undefined) {
      throw dependencyViolation(`The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`)
    }
    await tx.delete(internetGateways, ec2Key(scope, gateway.id))
  })
  return {}
}
