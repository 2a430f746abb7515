// Deletes a NAT gateway: its interface goes, its elastic IP is free, and routes by it are black holes.

import type { DeleteNatGatewayRequest, DeleteNatGatewayResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { removeInterface } from '../address-only-interfaces.ts'
import { deletedGateway, isGone } from '../model/nat-gateway.ts'
import { NAT_GATEWAY, notFound } from '../model/resource-kind.ts'
import { ec2Key, existing, natGateways, networkInterfaces } from '../tables.ts'

export const deleteNatGateway: Operation<DeleteNatGatewayRequest, DeleteNatGatewayResult> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const gateway = await existing(tx, natGateways, NAT_GATEWAY, scope, input.NatGatewayId)
    if (isGone(gateway)) throw notFound(NAT_GATEWAY, gateway.id)
    const now = call.clock.now()
    const one =
      gateway.networkInterfaceId === undefined
        ? undefined
        : await tx.get(networkInterfaces, ec2Key(scope, gateway.networkInterfaceId))
    if (one !== undefined) await removeInterface(tx, one, now)
    await tx.put(natGateways, deletedGateway(gateway, now))
  })
  return { NatGatewayId: input.NatGatewayId }
}
