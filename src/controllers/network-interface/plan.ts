// Decides what the network must become from what EC2's tables say. Pure.

import { addressAt, knownCidr } from '#apis/ec2/model/cidr.ts'
import { internalDomain } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord, ReleasedAddressRecord, VpcRecord } from '#apis/ec2/model/records.ts'
import { Fault, type FaultKind } from '#base/fault.ts'
import type { InterfacePlan, NetworkObservation } from '#network/network.ts'
import { ATTACH_ATTEMPTS } from './limits.ts'
import type { VpcServicesPlan } from './vpc-services.ts'

/** What the servers inside the VPC are told. */
export const vpcServicesPlan = (
  vpc: VpcRecord,
  endpoints: Pick<VpcServicesPlan, 'records' | 'endpoints'>,
): VpcServicesPlan => ({
  id: vpc.id,
  account: vpc.scope.account,
  region: vpc.scope.region,
  cidrs: vpc.cidrs,
  dnsAddress: addressAt(knownCidr(vpc.cidrs[0]!), 2n),
  enableDnsSupport: vpc.enableDnsSupport,
  internalDomain: internalDomain(vpc.scope.region),
  ...endpoints,
})

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html */
const isUnguarded = ({ spec }: NetworkInterfaceRecord): boolean =>
  spec.interfaceType === 'network_load_balancer' && spec.securityGroupIds.length === 0

export const interfacePlan = (record: NetworkInterfaceRecord): InterfacePlan => ({
  id: record.id,
  vpcId: record.spec.vpcId,
  subnetId: record.spec.subnetId,
  privateIp: record.spec.privateIp,
  ...((record.spec.secondaryPrivateIps ?? []).length === 0 ? {} : { secondaryIps: record.spec.secondaryPrivateIps }),
  mac: record.spec.mac,
  securityGroupIds: record.spec.securityGroupIds,
  ...(isUnguarded(record) ? { isUnguarded: true } : {}),
  // One is what an interface of a task is given.
  ...(record.spec.ipv6Addresses?.[0] === undefined ? {} : { ipv6Address: record.spec.ipv6Addresses[0] }),
  ...(record.spec.publicIp === undefined ? {} : { publicIp: record.spec.publicIp }),
})

export type Step =
  | { readonly do: 'attach' | 'update'; readonly plan: InterfacePlan }
  | { readonly do: 'detach' }
  | { readonly do: 'forget' }
  | { readonly do: 'rest' }

const isSamePlan = (a: InterfacePlan, b: InterfacePlan): boolean => JSON.stringify(a) === JSON.stringify(b)

/** `made` is what this process has made of the interface and recorded; undefined when it does not know. */
export const nextStep = (record: NetworkInterfaceRecord, made: InterfacePlan | undefined): Step => {
  // Nothing stands behind it: only its row is to go.
  if (record.spec.isAddressOnly === true) return { do: record.spec.deleteRequested ? 'forget' : 'rest' }
  if (record.spec.deleteRequested) return { do: 'detach' }
  // Its owner has been told and will ask for the deletion.
  if (record.status.state === 'failed') return { do: 'rest' }
  const plan = interfacePlan(record)
  // Attaching again after a restart is how an interface is adopted: it does nothing to one that is right.
  if (made === undefined) return { do: 'attach', plan }
  return isSamePlan(made, plan) ? { do: 'rest' } : { do: 'update', plan }
}

/** Trying again does not help against these. */
const HOPELESS: ReadonlySet<FaultKind> = new Set(['invalid', 'unsupported', 'denied'])

/** What is recorded about an attachment that failed; undefined while it is worth another try. */
export const failureToRecord = (
  error: unknown,
  attempts: number,
): { readonly state: 'failed'; readonly reason: string } | undefined => {
  const isHopeless = error instanceof Fault && HOPELESS.has(error.kind)
  if (!isHopeless && attempts < ATTACH_ATTEMPTS) return undefined
  // What a bug of ours says is for the log, not for the task's owner.
  return { state: 'failed', reason: error instanceof Fault ? error.message : 'Internal error' }
}

/** What is remembered of an interface that is gone. */
export const addressesToRest = ({ scope, spec }: NetworkInterfaceRecord, now: Date): ReleasedAddressRecord[] => {
  const released = { scope, subnetId: spec.subnetId, releasedAtMs: now.getTime() }
  const publicIp = spec.publicIp === undefined ? {} : { publicIp: spec.publicIp }
  return [
    { ...released, privateIp: spec.privateIp, ...publicIp },
    ...(spec.secondaryPrivateIps ?? []).map((privateIp) => ({ ...released, privateIp })),
  ]
}

export interface Differences {
  /** In the kernel, but in no record. */
  readonly strayInterfaces: readonly string[]
  readonly idleVpcs: readonly string[]
  /** Recorded, but not in the kernel. */
  readonly missingInterfaces: ReadonlySet<string>
  readonly missingVpcs: ReadonlySet<string>
}

/** Where kernel and records disagree. */
export const differences = (seen: NetworkObservation, records: readonly NetworkInterfaceRecord[]): Differences => {
  const attached = records.filter(({ spec }) => spec.isAddressOnly !== true)
  const recorded = new Set(attached.map((record) => record.id))
  const used = new Set(attached.map((record) => record.spec.vpcId))
  const seenInterfaces = new Set(seen.interfaces.map(({ id }) => id))
  const seenVpcs = new Set(seen.vpcs.map(({ id }) => id))
  return {
    strayInterfaces: [...seenInterfaces.difference(recorded)],
    idleVpcs: [...seenVpcs.difference(used)],
    missingInterfaces: recorded.difference(seenInterfaces),
    missingVpcs: used.difference(seenVpcs),
  }
}
