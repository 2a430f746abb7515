// Gives a VPC one more address block.

import type { AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { ec2Error, invalidCombination, missingParameter } from '../errors.ts'
import { withIpv6Entries } from '../model/network-acl.ts'
import type { RouteTableRecord, VpcRecord } from '../model/records.ts'
import { VPC } from '../model/resource-kind.ts'
import { requestedBlock } from '../model/vpc.ts'
import {
  describeIpv4Block,
  describeIpv6Block,
  withIpv4Block,
  withIpv6Block,
  withLocalRoute,
} from '../model/vpc-block.ts'
import { existing, networkAcls, ofVpc, routeTables, takenIpv6Blocks, vpcs } from '../tables.ts'

const checkSource = (input: Parameters<typeof associateVpcCidrBlock>[0]): void => {
  if (input.Ipv4IpamPoolId !== undefined || input.Ipv6IpamPoolId !== undefined) {
    throw ec2Error('UnsupportedOperation', 'IPAM pools are not supported.')
  }
  if (input.Ipv6Pool !== undefined || input.Ipv6CidrBlock !== undefined) {
    throw ec2Error('UnsupportedOperation', 'IPv6 address blocks of your own are not supported.')
  }
  const wantsIpv6 = input.AmazonProvidedIpv6CidrBlock === true
  if (wantsIpv6 && input.CidrBlock !== undefined) {
    throw invalidCombination('Only one of cidrBlock and amazonProvidedIpv6CidrBlock can be specified.')
  }
  if (!wantsIpv6 && input.CidrBlock === undefined) throw missingParameter('cidrBlock')
}

const putBlock = async (
  tx: Transaction,
  vpc: VpcRecord,
  tables: readonly RouteTableRecord[],
  cidr: string,
): Promise<void> => {
  await tx.put(vpcs, vpc)
  for (const table of tables) await tx.put(routeTables, withLocalRoute(table, cidr))
}

export const associateVpcCidrBlock: Operation<AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult> = async (
  input,
  call,
) => {
  const { scope, random } = call
  checkSource(input)
  const block =
    input.CidrBlock === undefined ? undefined : requestedBlock(input.CidrBlock, 'cidrBlock', 'InvalidVpc.Range')
  return call.store.write(async (tx) => {
    const before = await existing(tx, vpcs, VPC, scope, input.VpcId)
    const tables = await ofVpc(tx, routeTables, scope, before.id)
    if (block !== undefined) {
      const { vpc, association } = withIpv4Block(before, block, tables, random)
      await putBlock(tx, vpc, tables, association.cidr)
      return { VpcId: vpc.id, CidrBlockAssociation: describeIpv4Block(association, 'associating') }
    }
    const { vpc, association } = withIpv6Block(before, await takenIpv6Blocks(tx), random)
    await putBlock(tx, vpc, tables, association.cidr)
    for (const acl of await ofVpc(tx, networkAcls, scope, vpc.id)) await tx.put(networkAcls, withIpv6Entries(acl))
    return { VpcId: vpc.id, Ipv6CidrBlockAssociation: describeIpv6Block(association, vpc, 'associating') }
  })
}
