// Whose packets a VPC's router counts, from the flow logs there are. Pure.

import { wantsTcpFlags } from '#apis/ec2/model/flow-log-format.ts'
import type { FlowLogRecord, NetworkInterfaceRecord, SubnetRecord, VpcRecord } from '#apis/ec2/model/records.ts'
import { recordedTime } from '#aws/time.ts'
import type { VpcPlan } from '#network/network.ts'

interface Rows {
  readonly vpc: VpcRecord
  readonly subnets: readonly SubnetRecord[]
  readonly flowLogs?: readonly FlowLogRecord[]
  readonly loggedInterfaces?: readonly NetworkInterfaceRecord[]
}

const single = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`

const blocksOf = (resourceId: string, { vpc, subnets, loggedInterfaces = [] }: Rows): string[] => {
  if (resourceId === vpc.id) return [...vpc.cidrs, ...(vpc.ipv6Cidrs ?? []).map(({ cidr }) => cidr)]
  const subnet = subnets.find(({ id }) => id === resourceId)
  if (subnet !== undefined) return [subnet.cidr, ...(subnet.ipv6Cidrs ?? []).map(({ cidr }) => cidr)]
  const spec = loggedInterfaces.find(({ id }) => id === resourceId)?.spec
  if (spec === undefined) return []
  return [spec.privateIp, ...(spec.secondaryPrivateIps ?? []), ...(spec.ipv6Addresses ?? [])].map(single)
}

/** Nothing at all where there is no flow log. */
export const flowLogPlan = (rows: Rows): Pick<VpcPlan, 'flowLogs'> => {
  const { flowLogs = [] } = rows
  if (flowLogs.length === 0) return {}
  const made = flowLogs.map(({ createdAt }) => Math.floor(recordedTime(createdAt).getTime() / 1000))
  return {
    flowLogs: {
      blocks: [...new Set(flowLogs.flatMap(({ resourceId }) => blocksOf(resourceId, rows)))].toSorted(),
      tcpFlags: flowLogs.some(({ logFormat }) => wantsTcpFlags(logFormat)),
      // A log tells of nothing before it was made: the span that is counted then ends there.
      sinceSeconds: Math.max(...made),
    },
  }
}
