// Makes a VPC endpoint: routes to a service, or interfaces in subnets.

import type { CreateVpcEndpointRequest, CreateVpcEndpointResult } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { addInterfaces, addRoutes, checkGroups, subnetsOfEndpoint } from '../endpoint-parts.ts'
import { ec2Error } from '../errors.ts'
import { madeBefore } from '../model/client-token.ts'
import { requestedService } from '../model/endpoint-service.ts'
import { ENDPOINTS_PER_VPC } from '../model/limits.ts'
import type { VpcEndpointRecord, VpcRecord } from '../model/records.ts'
import { VPC, VPC_ENDPOINT } from '../model/resource-kind.ts'
import { DEFAULT_GROUP } from '../model/security-group.ts'
import { requestedTags } from '../model/tags.ts'
import {
  checkPrivateDns,
  checkZones,
  describeVpcEndpoint,
  requestedEndpointType,
  requestedPolicy,
} from '../model/vpc-endpoint.ts'
import { endpointInterfaces, existing, ofVpc, securityGroups, vpcEndpoints, vpcs } from '../tables.ts'

type Input = Parameters<typeof createVpcEndpoint>[0]

const groupsFor = async (tx: Transaction, vpc: VpcRecord, ids: readonly string[]): Promise<readonly string[]> => {
  if (ids.length > 0) return [...new Set(ids)]
  const groups = await ofVpc(tx, securityGroups, vpc.scope, vpc.id)
  return groups.filter(({ name }) => name === DEFAULT_GROUP).map(({ id }) => id)
}

const withParts = async (
  tx: Transaction,
  call: Call,
  bare: VpcEndpointRecord,
  vpc: VpcRecord,
  input: Input,
): Promise<VpcEndpointRecord> => {
  if (bare.type === 'Gateway') {
    const routeTableIds = [...new Set(input.RouteTableIds)]
    await addRoutes(tx, bare, routeTableIds)
    return { ...bare, routeTableIds }
  }
  const rows = await subnetsOfEndpoint(tx, bare, input.SubnetIds ?? [])
  checkZones(rows)
  const securityGroupIds = await groupsFor(tx, vpc, input.SecurityGroupIds ?? [])
  await checkGroups(tx, bare, securityGroupIds)
  const placed = { ...bare, subnetIds: rows.map(({ id }) => id), securityGroupIds }
  return { ...placed, networkInterfaceIds: await addInterfaces(tx, placed, rows, call) }
}

export const createVpcEndpoint: Operation<CreateVpcEndpointRequest, CreateVpcEndpointResult> = async (input, call) => {
  const { scope } = call
  const { ClientToken } = input
  const type = requestedEndpointType(input)
  const service = requestedService(scope, input.ServiceName ?? '', type)
  const tags = requestedTags(input.TagSpecifications, VPC_ENDPOINT)
  const policy = requestedPolicy(input.PolicyDocument)
  const { endpoint, groups, interfaces } = await call.store.write(async (tx) => {
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    const others = await ofVpc(tx, vpcEndpoints, scope, vpc.id)
    const earlier = madeBefore(others, ClientToken, (row) => row.serviceName === service.name && row.type === type)
    const all = await ofVpc(tx, securityGroups, scope, vpc.id)
    if (earlier !== undefined)
      return { endpoint: earlier, groups: all, interfaces: await endpointInterfaces(tx, scope) }
    if (others.length >= ENDPOINTS_PER_VPC) {
      throw ec2Error('VpcEndpointLimitExceeded', 'The maximum number of VPC endpoints has been reached.')
    }
    const privateDnsEnabled = type === 'Interface' && (input.PrivateDnsEnabled ?? true)
    if (privateDnsEnabled) checkPrivateDns(vpc, service.name, others)
    const bare: VpcEndpointRecord = {
      id: newEc2Id(VPC_ENDPOINT.prefix, call.random),
      scope,
      vpcId: vpc.id,
      type,
      serviceName: service.name,
      state: 'available',
      ...policy,
      routeTableIds: [],
      subnetIds: [],
      securityGroupIds: [],
      networkInterfaceIds: [],
      privateDnsEnabled,
      createdAt: call.clock.now().toISOString(),
      ...(ClientToken === undefined ? {} : { clientToken: ClientToken }),
      tags,
    }
    const made = await withParts(tx, call, bare, vpc, input)
    await tx.put(vpcEndpoints, made)
    return { endpoint: made, groups: all, interfaces: await endpointInterfaces(tx, scope) }
  })
  const named = groups.map(({ id, name }) => ({ GroupId: id, GroupName: name }))
  const shown = type === 'Interface' ? { ...endpoint, state: 'pending' as const } : endpoint
  return {
    VpcEndpoint: describeVpcEndpoint(shown, named, interfaces),
    ...(ClientToken === undefined ? {} : { ClientToken }),
  }
}
