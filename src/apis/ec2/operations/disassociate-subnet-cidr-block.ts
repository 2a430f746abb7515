// Takes its IPv6 block away from a subnet in which nobody uses it.

import type { DisassociateSubnetCidrBlockRequest, DisassociateSubnetCidrBlockResult } from '@aws-sdk/client-ec2'
import type { AwsError } from '#aws/refusal.ts'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { describeSubnetBlock } from '../model/subnet-block.ts'
import { inScope, interfacesOfSubnet, subnets } from '../tables.ts'

const inUse = (associationId: string, because: string): AwsError =>
  ec2Error(
    'InvalidCidrBlock.InUse',
    `The subnet IPv6 CIDR block with association ID ${associationId} may not be disassociated, because ${because}.`,
  )

export const disassociateSubnetCidrBlock: Operation<
  DisassociateSubnetCidrBlockRequest,
  DisassociateSubnetCidrBlockResult
> = async (input, call) =>
  call.store.write(async (tx) => {
    const id = input.AssociationId
    const all = await inScope(tx, subnets, call.scope)
    const subnet = all.find((each) => each.ipv6Cidrs?.some((association) => association.id === id))
    const association = subnet?.ipv6Cidrs?.find((each) => each.id === id)
    if (subnet === undefined || association === undefined) {
      const message = `The subnet CIDR block with association ID ${id} does not exist`
      throw ec2Error('InvalidSubnetCidrBlockAssociationID.NotFound', message)
    }
    if (subnet.assignIpv6AddressOnCreation === true) {
      throw inUse(id, 'its subnet has assign-ipv6-address-on-creation set to true')
    }
    const interfaces = await interfacesOfSubnet(tx, subnet)
    if (interfaces.some((one) => (one.spec.ipv6Addresses ?? []).length > 0)) {
      throw inUse(id, 'its subnet has network interfaces with IPv6 addresses')
    }
    await tx.put(subnets, { ...subnet, ipv6Cidrs: [] })
    return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: describeSubnetBlock(association, 'disassociating') }
  })
