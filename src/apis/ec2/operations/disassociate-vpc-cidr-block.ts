// Takes an address block away from a VPC in which no subnet uses it.

import type { DisassociateVpcCidrBlockRequest, DisassociateVpcCidrBlockResult } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'
import type { Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { ec2Error } from '../errors.ts'
import { cidrContains, knownCidr } from '../model/cidr.ts'
import type { CidrAssociation, VpcRecord } from '../model/records.ts'
import {
  describeIpv4Block,
  describeIpv6Block,
  ipv4Associations,
  withoutIpv4Block,
  withoutIpv6Block,
  withoutLocalRoute,
} from '../model/vpc-block.ts'
import { inScope, ofVpc, routeTables, subnets, vpcs } from '../tables.ts'

/** The VPC without the block, unless a subnet lies in it. */
const takeAway = async (tx: Transaction, after: VpcRecord, { cidr }: CidrAssociation): Promise<void> => {
  const { id, scope } = after
  const block = knownCidr(cidr)
  const used = (await ofVpc(tx, subnets, scope, id)).flatMap((subnet) => [
    subnet.cidr,
    ...(subnet.ipv6Cidrs ?? []).map((association) => association.cidr),
  ])
  if (used.some((each) => cidrContains(block, knownCidr(each)))) {
    throw ec2Error('InvalidCidrBlock.InUse', `The vpc ${id} currently has a subnet within CIDR block ${cidr}`)
  }
  await tx.put(vpcs, after)
  for (const table of await ofVpc(tx, routeTables, scope, id)) {
    await tx.put(routeTables, withoutLocalRoute(table, cidr))
  }
}

const vpcWith = async (tx: Transaction, scope: Scope, associationId: string): Promise<VpcRecord> => {
  const isNamed = ({ id }: CidrAssociation): boolean => id === associationId
  const all = await inScope(tx, vpcs, scope)
  const vpc = all.find((each) => [...ipv4Associations(each), ...(each.ipv6Cidrs ?? [])].some(isNamed))
  if (vpc !== undefined) return vpc
  const message = `The vpc CIDR block association ID '${associationId}' does not exist`
  throw ec2Error('InvalidVpcCidrBlockAssociationID.NotFound', message)
}

export const disassociateVpcCidrBlock: Operation<
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult
> = async (input, call) =>
  call.store.write(async (tx) => {
    const vpc = await vpcWith(tx, call.scope, input.AssociationId)
    const isNamed = ({ id }: CidrAssociation): boolean => id === input.AssociationId
    const ipv6 = vpc.ipv6Cidrs?.find(isNamed)
    if (ipv6 !== undefined) {
      await takeAway(tx, withoutIpv6Block(vpc, ipv6), ipv6)
      return { VpcId: vpc.id, Ipv6CidrBlockAssociation: describeIpv6Block(ipv6, vpc, 'disassociating') }
    }
    const [primary, ...others] = ipv4Associations(vpc)
    const ipv4 = others.find(isNamed)
    if (ipv4 === undefined) {
      throw ec2Error(
        'OperationNotPermitted',
        `The vpc CIDR block with association ID ${primary?.id} may not be disassociated. ` +
          'It is the primary IPv4 CIDR block of the VPC',
      )
    }
    await takeAway(tx, withoutIpv4Block(vpc, ipv4), ipv4)
    return { VpcId: vpc.id, CidrBlockAssociation: describeIpv4Block(ipv4, 'disassociating') }
  })
