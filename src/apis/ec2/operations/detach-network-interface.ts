// Would detach an interface; all that are attached, AWS has attached, and only AWS may detach them.

import type { DetachNetworkInterfaceRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { describeAttachment } from '../model/network-interface.ts'
import { inScope, networkInterfaces } from '../tables.ts'

export const detachNetworkInterface: Operation<DetachNetworkInterfaceRequest, {}> = async (input, call) => {
  const id = input.AttachmentId
  const rows = await call.store.read((reader) => inScope(reader, networkInterfaces, call.scope))
  if (rows.some((row) => describeAttachment(row).Attachment?.AttachmentId === id)) {
    throw ec2Error('OperationNotPermitted', "You are not allowed to manage 'ela-attach' attachments.")
  }
  throw ec2Error('InvalidAttachmentID.NotFound', `The attachment ID '${id}' does not exist`)
}
