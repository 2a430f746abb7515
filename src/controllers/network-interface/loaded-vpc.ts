// Reads what EC2's tables say about one VPC, as what its router and the servers inside are to be.

import {
  ec2Key,
  egressOnlyInternetGateways,
  flowLogs,
  inScope,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  ofVpc,
  prefixLists,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from '#apis/ec2/tables.ts'
import type { NetworkInterfaceRecord, RouteTableRecord, VpcRecord } from '#apis/ec2/model/records.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import type { VpcPlan } from '#network/network.ts'
import type { Reader } from '#store/store.ts'
import { endpointServices } from './endpoint-services.ts'
import { loadBalancerNames } from './load-balancer-names.ts'
import { vpcServicesPlan } from './plan.ts'
import type { LoadedVpc } from './vpc-lane.ts'
import type { VpcServicesPlan } from './vpc-services.ts'
import { vpcPlan, type VpcRows } from './vpc-plan.ts'

/** Every change to one of these may change the plan of the VPC that the row names. */
export const VPC_TABLES = [
  vpcs,
  subnets,
  securityGroups,
  routeTables,
  internetGateways,
  natGateways,
  egressOnlyInternetGateways,
  networkAcls,
  flowLogs,
  vpcEndpoints,
]

/** An interface is read where a flow log names it, and not otherwise: a VPC may have thousands. */
const flowLogRows = async (reader: Reader, vpc: VpcRecord): Promise<Pick<VpcRows, 'flowLogs' | 'loggedInterfaces'>> => {
  const logs = await ofVpc(reader, flowLogs, vpc.scope, vpc.id)
  const named = logs.filter(({ resourceId }) => resourceId.startsWith('eni-'))
  const found = await Promise.all(
    named.map(({ scope, resourceId }) => reader.get(networkInterfaces, ec2Key(scope, resourceId))),
  )
  return { flowLogs: logs, loggedInterfaces: found.filter((row) => row !== undefined) }
}

/** Read one by one, for the same reason. */
const routedInterfaces = async (
  reader: Reader,
  vpc: VpcRecord,
  tables: readonly RouteTableRecord[],
): Promise<NetworkInterfaceRecord[]> => {
  const targets = tables.flatMap(({ routes }) => routes.map(({ target }) => target))
  const ids = [...new Set(targets)].filter((target) => target.startsWith('eni-'))
  const found = await Promise.all(ids.map((id) => reader.get(networkInterfaces, ec2Key(vpc.scope, id))))
  return found.filter((row) => row !== undefined)
}

/** What the router of a VPC is to be by now. */
export const plannedVpc = async (reader: Reader, vpc: VpcRecord): Promise<VpcPlan> => {
  const all = { index: 'vpc', value: ec2Key(vpc.scope, vpc.id) }
  const tables = await reader.list(routeTables, all)
  return vpcPlan({
    vpc,
    subnets: await reader.list(subnets, all),
    securityGroups: await reader.list(securityGroups, all),
    routeTables: tables,
    routedInterfaces: await routedInterfaces(reader, vpc, tables),
    internetGateways: await reader.list(internetGateways, all),
    natGateways: await reader.list(natGateways, all),
    egressOnlyInternetGateways: await reader.list(egressOnlyInternetGateways, all),
    networkAcls: await reader.list(networkAcls, all),
    prefixLists: await inScope(reader, prefixLists, vpc.scope),
    ...(await flowLogRows(reader, vpc)),
  })
}

const endpointsOf = async (reader: Reader, vpc: VpcRecord): Promise<Pick<VpcServicesPlan, 'records' | 'endpoints'>> => {
  const own = await ofVpc(reader, vpcEndpoints, vpc.scope, vpc.id)
  const ids = own.flatMap(({ networkInterfaceIds }) => networkInterfaceIds)
  const found = await Promise.all(ids.map((id) => reader.get(networkInterfaces, ec2Key(vpc.scope, id))))
  return endpointServices(
    own,
    found.filter((row) => row !== undefined),
  )
}

/** undefined when there is no such VPC any more. */
export const loadedVpc = async (reader: Reader, key: string): Promise<LoadedVpc | undefined> => {
  const vpc = await reader.get(vpcs, key)
  if (vpc === undefined) return undefined
  const own = await endpointsOf(reader, vpc)
  const records = { ...own.records, ...loadBalancerNames(vpc.id, await reader.list(loadBalancers)) }
  return { plan: await plannedVpc(reader, vpc), services: vpcServicesPlan(vpc, { ...own, records }) }
}
