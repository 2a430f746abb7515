// A flow log: where it may go, what it may tell, and how EC2 shows it. Pure.
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html)

import type { CreateFlowLogsRequest, FlowLog } from '@aws-sdk/client-ec2'
import { parseArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import { ec2Error, missingParameter } from '../errors.ts'
import { DEFAULT_FORMAT, unknownField } from './flow-log-format.ts'
import type { FlowLogRecord } from './records.ts'
import { FLOW_LOG } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

const refused = (message: string) => ec2Error('InvalidParameter', message)

type Request = { readonly [K in keyof CreateFlowLogsRequest]?: CreateFlowLogsRequest[K] | undefined }

/** The log group that the records go to: by name, or by an ARN of this account and region. */
const requestedGroup = (input: Request, scope: Scope): Pick<FlowLogRecord, 'logGroupName' | 'logDestination'> => {
  const { LogGroupName, LogDestination } = input
  if (LogGroupName !== undefined && LogDestination !== undefined) {
    throw refused('Please only provide LogGroupName or only provide LogDestination.')
  }
  if (LogGroupName !== undefined && LogGroupName !== '') return { logGroupName: LogGroupName }
  if (LogDestination === undefined) throw refused("LogDestination can't be empty if LogGroupName is not provided.")
  const destination = LogDestination.replace(/:\*$/, '')
  const arn = parseArn(destination)
  const name = /^log-group:([^:]+)$/.exec(arn?.resource ?? '')?.[1]
  if (arn?.service !== 'logs' || arn.region !== scope.region || arn.account !== scope.account || name === undefined) {
    throw refused(`LogDestination: ${LogDestination} is not the ARN of a log group of this account and region.`)
  }
  return { logGroupName: name, logDestination: destination }
}

const requestedFormat = (format: string | undefined): Pick<FlowLogRecord, 'logFormat'> => {
  if (format === undefined || format === '' || format === DEFAULT_FORMAT) return {}
  const unknown = unknownField(format)
  if (unknown !== undefined) throw refused(`Unknown fields provided: ${unknown}`)
  return { logFormat: format }
}

const requestedInterval = (seconds: number | undefined): FlowLogRecord['maxAggregationIntervalSeconds'] => {
  if (seconds === undefined || seconds === 600) return 600
  if (seconds === 60) return 60
  throw refused('Invalid Flow Log Max Aggregation Interval')
}

/** What is the same for all resources of a call. */
export const requestedFlowLog = (
  input: Request,
  scope: Scope,
): Omit<FlowLogRecord, 'id' | 'resourceId' | 'createdAt' | 'tags'> => {
  const destinationType = input.LogDestinationType ?? 'cloud-watch-logs'
  if (destinationType !== 'cloud-watch-logs') {
    throw ec2Error('UnsupportedOperation', `Flow logs go to cloud-watch-logs, not to ${destinationType}.`)
  }
  if (input.DestinationOptions !== undefined) {
    throw refused('DestinationOptions cannot be used if LogDestinationType is cloud-watch-logs.')
  }
  if (input.DeliverCrossAccountRole !== undefined) {
    throw ec2Error('UnsupportedOperation', 'Delivery to other accounts is not supported.')
  }
  if (input.TrafficType === undefined) throw missingParameter('TrafficType')
  const role = input.DeliverLogsPermissionArn
  if (role === undefined || role === '') {
    throw refused("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.")
  }
  const arn = parseArn(role)
  if (arn?.service !== 'iam' || !arn.resource.startsWith('role/')) {
    throw refused(`DeliverLogsPermissionArn: ${role} is not the ARN of a role.`)
  }
  return {
    scope,
    trafficType: input.TrafficType,
    destinationType,
    ...requestedGroup(input, scope),
    deliverLogsPermissionArn: role,
    maxAggregationIntervalSeconds: requestedInterval(input.MaxAggregationInterval),
    ...requestedFormat(input.LogFormat),
    ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
  }
}

/** Two logs that would write the same lines to the same place. */
export const isSameFlowLog = (a: FlowLogRecord, b: FlowLogRecord): boolean =>
  a.resourceId === b.resourceId &&
  a.trafficType === b.trafficType &&
  a.logGroupName === b.logGroupName &&
  a.logFormat === b.logFormat

export const describeFlowLog = (row: FlowLogRecord): FlowLog => ({
  FlowLogId: row.id,
  FlowLogStatus: 'ACTIVE',
  CreationTime: recordedTime(row.createdAt),
  ResourceId: row.resourceId,
  TrafficType: row.trafficType,
  LogDestinationType: row.destinationType,
  ...(row.logGroupName === undefined ? {} : { LogGroupName: row.logGroupName }),
  ...(row.logDestination === undefined ? {} : { LogDestination: row.logDestination }),
  ...(row.deliverLogsPermissionArn === undefined ? {} : { DeliverLogsPermissionArn: row.deliverLogsPermissionArn }),
  ...(row.deliverStatus === undefined ? {} : { DeliverLogsStatus: row.deliverStatus }),
  ...(row.deliverError === undefined ? {} : { DeliverLogsErrorMessage: row.deliverError }),
  LogFormat: row.logFormat ?? DEFAULT_FORMAT,
  MaxAggregationInterval: row.maxAggregationIntervalSeconds,
  Tags: [...row.tags],
})

export const selectableFlowLog: Selectable<FlowLog> = {
  kind: FLOW_LOG,
  idOf: (row) => row.FlowLogId ?? '',
  tagsOf: (row) => row.Tags ?? [],
  filters: {
    'deliver-log-status': (row) => [row.DeliverLogsStatus],
    'flow-log-id': (row) => [row.FlowLogId],
    'log-destination-type': (row) => [row.LogDestinationType],
    'log-group-name': (row) => [row.LogGroupName],
    'resource-id': (row) => [row.ResourceId],
    'traffic-type': (row) => [row.TrafficType],
  },
}
