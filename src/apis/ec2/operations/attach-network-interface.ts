// Would attach an interface to an instance; there are no instances, so every one is refused.

import type { AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { ownInterface } from '../interface-changes.ts'

export const attachNetworkInterface: Operation<AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult> = async (
  input,
  call,
) => {
  await call.store.read((reader) => ownInterface(reader, call.scope, input.NetworkInterfaceId))
  throw ec2Error('InvalidInstanceID.NotFound', `The instance ID '${input.InstanceId}' does not exist`)
}
