// Shows one attribute of a network interface.

import type {
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { invalidValue, missingParameter } from '../errors.ts'
import { describeNetworkInterface } from '../model/network-interface.ts'
import { NETWORK_INTERFACE } from '../model/resource-kind.ts'
import { existing, networkInterfaces, ofVpc, securityGroups } from '../tables.ts'

export const describeNetworkInterfaceAttribute: Operation<
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult
> = async (input, call) => {
  const { scope } = call
  const { row, groups } = await call.store.read(async (reader) => {
    const found = await existing(reader, networkInterfaces, NETWORK_INTERFACE, scope, input.NetworkInterfaceId)
    return { row: found, groups: await ofVpc(reader, securityGroups, scope, found.spec.vpcId) }
  })
  const { NetworkInterfaceId, Description, Groups, SourceDestCheck, Attachment, Association } =
    describeNetworkInterface(row, new Map(groups.map((group) => [group.id, group])))
  switch (input.Attribute) {
    case undefined:
      throw missingParameter('attribute')
    case 'description':
      return { NetworkInterfaceId, Description: { Value: Description } }
    case 'groupSet':
      return { NetworkInterfaceId, Groups }
    case 'sourceDestCheck':
      return { NetworkInterfaceId, SourceDestCheck: { Value: SourceDestCheck } }
    case 'attachment':
      return { NetworkInterfaceId, ...(Attachment === undefined ? {} : { Attachment }) }
    case 'associatePublicIpAddress':
      return { NetworkInterfaceId, AssociatePublicIpAddress: Association?.IpOwnerId === 'amazon' }
    default:
      throw invalidValue(input.Attribute, 'attribute', 'Unknown attribute.')
  }
}
