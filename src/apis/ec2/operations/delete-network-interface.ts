// Deletes a network interface that nothing is attached to; its elastic IPs are free.

import type { DeleteNetworkInterfaceRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { removeInterface } from '../address-only-interfaces.ts'
import { invalidParameter } from '../errors.ts'
import { ownInterface } from '../interface-changes.ts'
import { NETWORK_INTERFACE } from '../model/resource-kind.ts'
import { existing, networkInterfaces } from '../tables.ts'

export const deleteNetworkInterface: Operation<DeleteNetworkInterfaceRequest, {}> = async (input, call) => {
  const id = input.NetworkInterfaceId
  await call.store.write(async (tx) => {
    const found = await existing(tx, networkInterfaces, NETWORK_INTERFACE, call.scope, id)
    if (found.status.state === 'attached') throw invalidParameter(`Network interface '${id}' is currently in use.`)
    await removeInterface(tx, await ownInterface(tx, call.scope, id), call.clock.now())
  })
  return {}
}
