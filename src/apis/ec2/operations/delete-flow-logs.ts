// Deletes flow logs; what they wrote stays.

import type { DeleteFlowLogsRequest, DeleteFlowLogsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, missingParameter } from '../errors.ts'
import { checkId, FLOW_LOG } from '../model/resource-kind.ts'
import { ec2Key, flowLogs } from '../tables.ts'

export const deleteFlowLogs: Operation<DeleteFlowLogsRequest, DeleteFlowLogsResult> = async (input, call) => {
  const ids = [...new Set(input.FlowLogIds)]
  if (ids.length === 0) throw missingParameter('FlowLogIds')
  for (const id of ids) checkId(FLOW_LOG, id)
  await call.store.write(async (tx) => {
    const missing: string[] = []
    for (const id of ids) {
      const key = ec2Key(call.scope, id)
      if ((await tx.get(flowLogs, key)) === undefined) missing.push(id)
      await tx.delete(flowLogs, key)
    }
    if (missing.length === 0) return
    const list = `[TotalCount: ${missing.length}] ${missing.join(', ')}`
    throw ec2Error(FLOW_LOG.notFound, `These flow log ids in the input list are not found: ${list}`)
  })
  return { Unsuccessful: [] }
}
