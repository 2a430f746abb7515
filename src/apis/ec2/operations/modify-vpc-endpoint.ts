// Changes where a VPC endpoint is reached from, what it lets through, and whether it answers to the service's name.

import type { ModifyVpcEndpointRequest, ModifyVpcEndpointResult } from '@aws-sdk/client-ec2'
import type { Call, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import {
  addInterfaces,
  addRoutes,
  checkGroups,
  regroupInterfaces,
  removeInterfaces,
  removeRoutes,
  subnetsOfEndpoint,
} from '../endpoint-parts.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import type { VpcEndpointRecord } from '../model/records.ts'
import { VPC, VPC_ENDPOINT } from '../model/resource-kind.ts'
import { checkPrivateDns, checkZones, requestedEndpointType, requestedPolicy } from '../model/vpc-endpoint.ts'
import { existing, ofVpc, vpcEndpoints, vpcs } from '../tables.ts'

type Input = Parameters<typeof modifyVpcEndpoint>[0]

/** The list without some and with others; refuses to take away what is not there. */
const changed = (list: readonly string[], added: readonly string[] = [], removed: readonly string[] = []): string[] => {
  const missing = removed.find((id) => !list.includes(id))
  if (missing !== undefined) throw invalidParameter(`${missing} is not associated with the VPC endpoint`)
  return [...new Set([...list.filter((id) => !removed.includes(id)), ...added])]
}

const withRoutes = async (tx: Transaction, row: VpcEndpointRecord, input: Input): Promise<VpcEndpointRecord> => {
  const routeTableIds = changed(row.routeTableIds, input.AddRouteTableIds, input.RemoveRouteTableIds)
  await removeRoutes(tx, row, input.RemoveRouteTableIds ?? [])
  await addRoutes(
    tx,
    row,
    routeTableIds.filter((id) => !row.routeTableIds.includes(id)),
  )
  return { ...row, routeTableIds }
}

const withInterfaces = async (
  tx: Transaction,
  row: VpcEndpointRecord,
  input: Input,
  call: Call,
): Promise<VpcEndpointRecord> => {
  const subnetIds = changed(row.subnetIds, input.AddSubnetIds, input.RemoveSubnetIds)
  const securityGroupIds = changed(row.securityGroupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds)
  if (securityGroupIds.length === 0) throw invalidParameter('A VPC endpoint must be in at least one security group')
  await checkGroups(tx, row, securityGroupIds)
  const rows = await subnetsOfEndpoint(tx, row, subnetIds)
  checkZones(rows)
  const kept = await removeInterfaces(tx, row, call, input.RemoveSubnetIds ?? [])
  const wished = { ...row, subnetIds, securityGroupIds, networkInterfaceIds: kept }
  const fresh = rows.filter(({ id }) => !row.subnetIds.includes(id))
  const added = await addInterfaces(tx, wished, fresh, call)
  await regroupInterfaces(tx, wished)
  return { ...wished, networkInterfaceIds: [...kept, ...added] }
}

const withPolicy = (row: VpcEndpointRecord, input: Input): VpcEndpointRecord => {
  if (input.ResetPolicy !== true) return { ...row, ...requestedPolicy(input.PolicyDocument) }
  const { policyDocument: _, ...reset } = row
  return reset
}

export const modifyVpcEndpoint: Operation<ModifyVpcEndpointRequest, ModifyVpcEndpointResult> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const row = await existing(tx, vpcEndpoints, VPC_ENDPOINT, scope, input.VpcEndpointId)
    requestedEndpointType({
      VpcEndpointType: row.type,
      ServiceName: row.serviceName,
      IpAddressType: input.IpAddressType,
      DnsOptions: input.DnsOptions,
      SubnetConfigurations: input.SubnetConfigurations,
      RouteTableIds: [...(input.AddRouteTableIds ?? []), ...(input.RemoveRouteTableIds ?? [])],
      SubnetIds: [...(input.AddSubnetIds ?? []), ...(input.RemoveSubnetIds ?? [])],
      SecurityGroupIds: [...(input.AddSecurityGroupIds ?? []), ...(input.RemoveSecurityGroupIds ?? [])],
      PrivateDnsEnabled: input.PrivateDnsEnabled,
    })
    if (input.ResetPolicy === true && input.PolicyDocument !== undefined) {
      throw ec2Error('InvalidParameterCombination', 'Only one of resetPolicy and policyDocument can be specified.')
    }
    const privateDnsEnabled = input.PrivateDnsEnabled ?? row.privateDnsEnabled
    if (privateDnsEnabled && !row.privateDnsEnabled) {
      const vpc = await existing(tx, vpcs, VPC, scope, row.vpcId)
      checkPrivateDns(vpc, row.serviceName, await ofVpc(tx, vpcEndpoints, scope, vpc.id))
    }
    const moved = row.type === 'Gateway' ? await withRoutes(tx, row, input) : await withInterfaces(tx, row, input, call)
    await tx.put(vpcEndpoints, { ...withPolicy(moved, input), privateDnsEnabled })
  })
  return { Return: true }
}
