// What the lines of a flow log are made of: the fields of a format, and what each says of one record. Pure.
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html)

import { clusterArn, lastPart } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { zoneId } from './zone.ts'

export interface LoggedFlow {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  /** An IANA number. */
  readonly protocol: number
  readonly packets: number
  readonly bytes: number
  /** FIN 1, SYN 2, RST 4, SYN-ACK 18, added up. */
  readonly tcpFlags: number
  readonly action: 'ACCEPT' | 'REJECT'
  readonly direction: 'ingress' | 'egress'
  /** Of what goes out: 1 inside the VPC or by a NAT gateway, 8 by an internet gateway. */
  readonly trafficPath?: 1 | 8
}

/** One line: what one interface saw of one flow, or that it saw none or not all. */
export interface FlowLogEntry {
  readonly scope: Scope
  readonly interfaceId: string
  readonly vpcId: string
  readonly subnetId: string
  readonly availabilityZone: string
  /** What the interface is for, e.g. a task's ARN. */
  readonly ownerArn?: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly status: 'OK' | 'NODATA' | 'SKIPDATA'
  /** There when the status is OK. */
  readonly flow?: LoggedFlow
}

interface Field {
  /** That of AWS's format which brought it. */
  readonly version: number
  /** Undefined is written as "-". */
  readonly of: (entry: FlowLogEntry) => string | number | undefined
}

const field = (version: number, of: Field['of']): Field => ({ version, of })
const ofFlow = (version: number, of: (flow: LoggedFlow) => string | number | undefined): Field => ({
  version,
  of: ({ flow }) => (flow === undefined ? undefined : of(flow)),
})
/** What nothing here has: machines of the caller's own, Outposts, addresses of AWS's services. */
const never = (version: number): Field => field(version, () => undefined)

/** "arn:…:task/<cluster>/<id>"; undefined for an interface that is of no task. */
const taskArnOf = ({ ownerArn }: FlowLogEntry): string | undefined =>
  ownerArn?.includes(':task/') === true ? ownerArn : undefined
const clusterOf = (entry: FlowLogEntry): string | undefined => taskArnOf(entry)?.split('/')[1]

const FIELDS: Readonly<Record<string, Field>> = {
  version: field(2, () => undefined),
  'account-id': field(2, ({ scope }) => scope.account),
  'interface-id': field(2, ({ interfaceId }) => interfaceId),
  srcaddr: ofFlow(2, ({ source }) => source),
  dstaddr: ofFlow(2, ({ destination }) => destination),
  srcport: ofFlow(2, ({ sourcePort }) => sourcePort),
  dstport: ofFlow(2, ({ destinationPort }) => destinationPort),
  protocol: ofFlow(2, ({ protocol }) => protocol),
  packets: ofFlow(2, ({ packets }) => packets),
  bytes: ofFlow(2, ({ bytes }) => bytes),
  start: field(2, ({ startSeconds }) => startSeconds),
  end: field(2, ({ endSeconds }) => endSeconds),
  action: ofFlow(2, ({ action }) => action),
  'log-status': field(2, ({ status }) => status),
  'vpc-id': field(3, ({ vpcId }) => vpcId),
  'subnet-id': field(3, ({ subnetId }) => subnetId),
  'instance-id': never(3),
  'tcp-flags': ofFlow(3, ({ tcpFlags }) => tcpFlags),
  type: ofFlow(3, ({ source }) => (source.includes(':') ? 'IPv6' : 'IPv4')),
  'pkt-srcaddr': ofFlow(3, ({ source }) => source),
  'pkt-dstaddr': ofFlow(3, ({ destination }) => destination),
  region: field(4, ({ scope }) => scope.region),
  'az-id': field(4, ({ availabilityZone }) => zoneId(availabilityZone)),
  'sublocation-type': never(4),
  'sublocation-id': never(4),
  'pkt-src-aws-service': never(5),
  'pkt-dst-aws-service': never(5),
  'flow-direction': ofFlow(5, ({ direction }) => direction),
  'traffic-path': ofFlow(5, ({ trafficPath }) => trafficPath),
  'ecs-cluster-arn': field(7, (entry) => {
    const cluster = clusterOf(entry)
    return cluster === undefined ? undefined : clusterArn(entry.scope, cluster)
  }),
  'ecs-cluster-name': field(7, clusterOf),
  'ecs-task-arn': field(7, taskArnOf),
  'ecs-task-id': field(7, (entry) => {
    const arn = taskArnOf(entry)
    return arn === undefined ? undefined : lastPart(arn)
  }),
}

const DEFAULT_FIELDS = Object.keys(FIELDS).slice(0, 14)

const asFormat = (fields: readonly string[]): string => fields.map((name) => `\${${name}}`).join(' ')

/** Version 2, what AWS writes unless told otherwise. */
export const DEFAULT_FORMAT = asFormat(DEFAULT_FIELDS)

const fieldNames = (format: string): string[] =>
  format.split(/\s+/).map((text) => /^\$\{([a-z-]+)\}$/.exec(text)?.[1] ?? text)

/** The first field of a format that nothing is known of. */
export const unknownField = (format: string): string | undefined =>
  fieldNames(format).find((name) => !Object.hasOwn(FIELDS, name))

const isNamed = (format: string | undefined, name: string): boolean =>
  format !== undefined && fieldNames(format).includes(name)

/** Whether the lines tell how TCP connections began and ended. */
export const wantsTcpFlags = (format: string | undefined): boolean => isNamed(format, 'tcp-flags')

/** Writes the lines of one format. */
export const lineWriter = (format = DEFAULT_FORMAT): ((entry: FlowLogEntry) => string) => {
  const names = fieldNames(format)
  const fields = names.map((name) => FIELDS[name])
  // AWS: the highest version of the fields that are named.
  const version = Math.max(...fields.map((each) => each?.version ?? 0))
  return (entry) => fields.map((each, at) => (names[at] === 'version' ? version : (each?.of(entry) ?? '-'))).join(' ')
}
