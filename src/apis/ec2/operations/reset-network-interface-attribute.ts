// Gives a network interface's source and destination check its first value again: on.

import type { ResetNetworkInterfaceAttributeRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { missingParameter } from '../errors.ts'
import { ownInterface } from '../interface-changes.ts'
import { networkInterfaces } from '../tables.ts'

export const resetNetworkInterfaceAttribute: Operation<ResetNetworkInterfaceAttributeRequest, {}> = async (
  input,
  call,
) => {
  if (input.SourceDestCheck === undefined) throw missingParameter('sourceDestCheck')
  await call.store.write(async (tx) => {
    const one = await ownInterface(tx, call.scope, input.NetworkInterfaceId)
    await tx.put(networkInterfaces, { ...one, spec: { ...one.spec, sourceDestCheck: true } })
  })
  return {}
}
