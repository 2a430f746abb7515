// Network ACLs as they are looked for: the default list of a VPC is there even if nobody has ever stored it.

import type { Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { completeNetworkAcls, defaultNetworkAcl, vpcIdOfDefaultAcl } from './model/network-acl.ts'
import type { NetworkAclRecord, VpcRecord } from './model/records.ts'
import { checkId, NETWORK_ACL, notFound } from './model/resource-kind.ts'
import { ec2Key, inScope, networkAcls, ofVpc, subnets, vpcs } from './tables.ts'

/** Every list of a VPC with every subnet that follows it, the default list first. */
export const networkAclsOfVpc = async (reader: Reader, vpc: VpcRecord): Promise<NetworkAclRecord[]> =>
  completeNetworkAcls(
    vpc,
    await ofVpc(reader, networkAcls, vpc.scope, vpc.id),
    await ofVpc(reader, subnets, vpc.scope, vpc.id),
  )

/** Every list of an account and region, with its VPC. */
export const networkAclsInScope = async (
  reader: Reader,
  scope: Scope,
): Promise<{ readonly acl: NetworkAclRecord; readonly vpc: VpcRecord }[]> => {
  const lists = (await inScope(reader, vpcs, scope)).map(async (vpc) =>
    (await networkAclsOfVpc(reader, vpc)).map((acl) => ({ acl, vpc })),
  )
  return (await Promise.all(lists)).flat()
}

/** The list as it is, or would be, stored: with those associations only that somebody asked for. */
export const existingNetworkAcl = async (reader: Reader, scope: Scope, id: string): Promise<NetworkAclRecord> => {
  checkId(NETWORK_ACL, id)
  const stored = await reader.get(networkAcls, ec2Key(scope, id))
  if (stored !== undefined) return stored
  const vpc = await reader.get(vpcs, ec2Key(scope, vpcIdOfDefaultAcl(id)))
  if (vpc === undefined) throw notFound(NETWORK_ACL, id)
  return defaultNetworkAcl(vpc)
}
