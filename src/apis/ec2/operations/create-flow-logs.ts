// Makes a flow log for each of some VPCs, subnets or network interfaces.

import type { CreateFlowLogsRequest, CreateFlowLogsResult, UnsuccessfulItem } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Transaction } from '#store/store.ts'
import { ec2Error, invalidParameter, missingParameter } from '../errors.ts'
import { isSameFlowLog, requestedFlowLog } from '../model/flow-log.ts'
import { FLOW_LOGS_PER_RESOURCE, RESOURCES_PER_FLOW_LOG_CALL } from '../model/limits.ts'
import type { FlowLogRecord } from '../model/records.ts'
import { FLOW_LOG, NETWORK_INTERFACE, SUBNET, VPC } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { existing, flowLogs, inScope, networkInterfaces, subnets, vpcs } from '../tables.ts'

/** The id of the VPC that the resource is, or is of. */
const vpcOf = async (tx: Transaction, call: Call, type: string, id: string): Promise<string> => {
  const { scope } = call
  if (type === 'VPC') return (await existing(tx, vpcs, VPC, scope, id)).id
  if (type === 'Subnet') return (await existing(tx, subnets, SUBNET, scope, id)).vpcId
  if (type === 'NetworkInterface') {
    return (await existing(tx, networkInterfaces, NETWORK_INTERFACE, scope, id)).spec.vpcId
  }
  throw ec2Error('UnsupportedOperation', `Flow logs of ${type} are not supported.`)
}

/** What is wrong with one resource does not stop the others. */
const vpcOrProblem = async (
  tx: Transaction,
  call: Call,
  type: string,
  id: string,
): Promise<string | UnsuccessfulItem> => {
  try {
    return await vpcOf(tx, call, type, id)
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'UnsupportedOperation') throw error
    return { ResourceId: id, Error: { Code: error.code, Message: error.message } }
  }
}

const checkFits = (row: FlowLogRecord, others: readonly FlowLogRecord[]): void => {
  if (others.some((other) => isSameFlowLog(other, row))) {
    const message = 'Error. There is an existing Flow Log with the same configuration and log destination.'
    throw ec2Error('FlowLogAlreadyExists', message)
  }
  if (others.filter(({ resourceId }) => resourceId === row.resourceId).length >= FLOW_LOGS_PER_RESOURCE) {
    throw ec2Error('FlowLogsLimitExceeded', 'The maximum number of flow logs has been reached.')
  }
}

export const createFlowLogs: Operation<CreateFlowLogsRequest, CreateFlowLogsResult> = async (input, call) => {
  const { scope } = call
  const { ClientToken } = input
  const ids = [...new Set(input.ResourceIds)]
  if (ids.length === 0) throw missingParameter('ResourceIds')
  if (ids.length > RESOURCES_PER_FLOW_LOG_CALL) {
    throw invalidParameter(`At most ${RESOURCES_PER_FLOW_LOG_CALL} resources can be named in one call`)
  }
  const wish = requestedFlowLog(input, scope)
  const tags = requestedTags(input.TagSpecifications, FLOW_LOG)
  const made = await call.store.write(async (tx) => {
    const rows = await inScope(tx, flowLogs, scope)
    const earlier = rows.filter(({ clientToken }) => clientToken !== undefined && clientToken === ClientToken)
    if (earlier.length > 0) return { rows: earlier, Unsuccessful: [] }
    const Unsuccessful: UnsuccessfulItem[] = []
    const added: FlowLogRecord[] = []
    for (const resourceId of ids) {
      const vpcId = await vpcOrProblem(tx, call, input.ResourceType, resourceId)
      if (typeof vpcId !== 'string') {
        Unsuccessful.push(vpcId)
        continue
      }
      const id = newEc2Id(FLOW_LOG.prefix, call.random)
      const row = { ...wish, id, resourceId, vpcId, createdAt: call.clock.now().toISOString(), tags }
      checkFits(row, rows)
      await tx.put(flowLogs, row)
      added.push(row)
    }
    return { rows: added, Unsuccessful }
  })
  return {
    FlowLogIds: made.rows.map(({ id }) => id),
    Unsuccessful: made.Unsuccessful,
    ...(ClientToken === undefined ? {} : { ClientToken }),
  }
}
