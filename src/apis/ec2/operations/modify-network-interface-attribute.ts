// Changes one attribute of a network interface that a user made.

import type { ModifyNetworkInterfaceAttributeRequest } from '@aws-sdk/client-ec2'
import type { Checked, Operation } from '#aws/operation.ts'
import { ec2Error, invalidCombination } from '../errors.ts'
import { interfaceGroups, ownInterface } from '../interface-changes.ts'
import type { NetworkInterfaceRecord } from '../model/records.ts'
import { networkInterfaces } from '../tables.ts'

type Request = Checked<ModifyNetworkInterfaceAttributeRequest>

const ATTRIBUTES = [
  'Description',
  'SourceDestCheck',
  'Groups',
  'Attachment',
] as const satisfies readonly (keyof Request)[]

const UNSUPPORTED = [
  'EnaSrdSpecification',
  'EnablePrimaryIpv6',
  'ConnectionTrackingSpecification',
  'AssociatePublicIpAddress',
  'AssociatedSubnetIds',
] as const satisfies readonly (keyof Request)[]

const checkRequest = (input: Request): void => {
  const unsupported = UNSUPPORTED.find((name) => input[name] !== undefined)
  if (unsupported !== undefined) throw ec2Error('UnsupportedOperation', `${unsupported} is not supported.`)
  const given = ATTRIBUTES.filter((name) => input[name] !== undefined)
  if (given.length === 0) throw invalidCombination('No attributes specified.')
  if (given.length > 1) throw invalidCombination('Fields for multiple attribute types specified.')
}

export const modifyNetworkInterfaceAttribute: Operation<ModifyNetworkInterfaceAttributeRequest, {}> = async (
  input,
  call,
) => {
  const { scope } = call
  checkRequest(input)
  await call.store.write(async (tx) => {
    const one = await ownInterface(tx, scope, input.NetworkInterfaceId)
    if (input.Attachment !== undefined) {
      const id = input.Attachment.AttachmentId ?? ''
      throw ec2Error('InvalidAttachmentID.NotFound', `The attachment ID '${id}' does not exist`)
    }
    const subnet = { id: one.spec.subnetId, vpcId: one.spec.vpcId }
    const spec: NetworkInterfaceRecord['spec'] = {
      ...one.spec,
      ...(input.Description === undefined ? {} : { description: input.Description.Value ?? '' }),
      ...(input.SourceDestCheck?.Value === undefined ? {} : { sourceDestCheck: input.SourceDestCheck.Value }),
      ...(input.Groups === undefined
        ? {}
        : { securityGroupIds: await interfaceGroups(tx, scope, subnet, input.Groups) }),
    }
    await tx.put(networkInterfaces, { ...one, spec })
  })
  return {}
}
