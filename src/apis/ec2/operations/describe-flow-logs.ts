// Shows flow logs and whether their records arrive.

import type { DescribeFlowLogsRequest, DescribeFlowLogsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { describeFlowLog, selectableFlowLog } from '../model/flow-log.ts'
import { selection } from '../model/selection.ts'
import { flowLogs, inScope } from '../tables.ts'

export const describeFlowLogs: Operation<DescribeFlowLogsRequest, DescribeFlowLogsResult> = async (input, call) => {
  const rows = await call.store.read((reader) => inScope(reader, flowLogs, call.scope))
  // Only here EC2 writes "Filter" without an s.
  const request = { ...input, ids: input.FlowLogIds, Filters: input.Filter }
  const { items, ...rest } = selection(rows.map(describeFlowLog), request, selectableFlowLog)
  return { FlowLogs: items, ...rest }
}
