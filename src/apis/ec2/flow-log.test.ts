// Flow logs as a caller sees them.

import type * as sdk from '@aws-sdk/client-ec2'
import { beforeEach, expect, it } from 'vitest'
import { ask, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'

let VpcId: string
let request: Parameters<typeof ask<'CreateFlowLogs'>>[1]

beforeEach(async () => {
  VpcId = await vpc()
  request = {
    ResourceType: 'VPC',
    ResourceIds: [VpcId],
    TrafficType: 'ALL',
    LogGroupName: 'flows',
    DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flows',
  }
})

const all = async (Filter: sdk.Filter[] = []) => (await ask('DescribeFlowLogs', { Filter })).FlowLogs!

it('flow logs are made, shown as AWS shows them, found and deleted', async () => {
  const made = await ask('CreateFlowLogs', {
    ...request,
    ClientToken: 'once',
    TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [{ Key: 'a', Value: 'b' }] }],
  })
  expect(made).toMatchObject({ ClientToken: 'once', Unsuccessful: [] })
  const [FlowLogId] = made.FlowLogIds!
  expect(await all()).toEqual([
    {
      FlowLogId: expect.stringMatching(/^fl-[0-9a-f]{17}$/),
      FlowLogStatus: 'ACTIVE',
      CreationTime: new Date('2026-01-01T00:00:00Z'),
      ResourceId: VpcId,
      TrafficType: 'ALL',
      LogDestinationType: 'cloud-watch-logs',
      LogGroupName: 'flows',
      DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flows',
      LogFormat:
        '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ' +
        '${packets} ${bytes} ${start} ${end} ${action} ${log-status}',
      MaxAggregationInterval: 600,
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  ])
  expect(await ask('CreateFlowLogs', { ...request, ClientToken: 'once' })).toEqual(made)
  for (const [Name, value] of [
    ['flow-log-id', FlowLogId!],
    ['log-destination-type', 'cloud-watch-logs'],
    ['log-group-name', 'flows'],
    ['resource-id', VpcId],
    ['traffic-type', 'ALL'],
    ['tag:a', 'b'],
  ] as const) {
    expect(await all([{ Name, Values: [value] }])).toHaveLength(1)
  }
  expect(await all([{ Name: 'deliver-log-status', Values: ['SUCCESS'] }])).toEqual([])
  expect((await ask('DescribeTags', {})).Tags).toMatchObject([{ ResourceType: 'vpc-flow-log' }])
  expect(await ask('DeleteFlowLogs', { FlowLogIds: [FlowLogId!] })).toEqual({ Unsuccessful: [] })
  await expect(ask('DeleteFlowLogs', { FlowLogIds: [FlowLogId!] })).rejects.toEqual(
    refusal(
      'InvalidFlowLogId.NotFound',
      `These flow log ids in the input list are not found: [TotalCount: 1] ${FlowLogId}`,
    ),
  )
})

it('a log group may be named by its ARN, and the interval and the fields chosen', async () => {
  const { LogGroupName: _, ...rest } = request
  const LogDestination = 'arn:aws:logs:eu-west-1:123456789012:log-group:/vpc/flows'
  await ask('CreateFlowLogs', {
    ...rest,
    LogDestination: `${LogDestination}:*`,
    MaxAggregationInterval: 60,
    LogFormat: '${srcaddr} ${flow-direction}',
  })
  expect(await all()).toMatchObject([
    {
      LogDestination,
      LogGroupName: '/vpc/flows',
      MaxAggregationInterval: 60,
      LogFormat: '${srcaddr} ${flow-direction}',
    },
  ])
})

it('a resource that is not there is told, and the others have their logs, which go with them', async () => {
  const SubnetId = await subnet(VpcId, '10.0.1.0/24')
  const ResourceIds = [SubnetId, 'subnet-12345678']
  const made = await ask('CreateFlowLogs', { ...request, ResourceType: 'Subnet', ResourceIds })
  expect(made.FlowLogIds).toHaveLength(1)
  expect(made.Unsuccessful).toEqual([
    {
      ResourceId: 'subnet-12345678',
      Error: { Code: 'InvalidSubnetID.NotFound', Message: "The subnet ID 'subnet-12345678' does not exist" },
    },
  ])
  const missing = await ask('CreateFlowLogs', {
    ...request,
    ResourceType: 'NetworkInterface',
    ResourceIds: ['eni-12345678'],
  })
  expect(missing.Unsuccessful).toMatchObject([{ Error: { Code: 'InvalidNetworkInterfaceID.NotFound' } }])
  await ask('CreateFlowLogs', request)
  await ask('DeleteSubnet', { SubnetId })
  expect(await all()).toMatchObject([{ ResourceId: VpcId }])
  await ask('DeleteVpc', { VpcId })
  expect(await all()).toEqual([])
})

it('the same twice, and one too many for a resource, are refused', async () => {
  await ask('CreateFlowLogs', request)
  await expect(ask('CreateFlowLogs', request)).rejects.toEqual(
    refusal(
      'FlowLogAlreadyExists',
      'Error. There is an existing Flow Log with the same configuration and log destination.',
    ),
  )
  await ask('CreateFlowLogs', { ...request, TrafficType: 'REJECT' })
  await expect(ask('CreateFlowLogs', { ...request, TrafficType: 'ACCEPT' })).rejects.toEqual(
    refusal('FlowLogsLimitExceeded', 'The maximum number of flow logs has been reached.'),
  )
})

it.each([
  [{ LogDestinationType: 's3' }, 'Flow logs go to cloud-watch-logs, not to s3.'],
  [{ LogDestinationType: 'kinesis-data-firehose' }, 'Flow logs go to cloud-watch-logs, not to kinesis-data-firehose.'],
  [{ ResourceType: 'TransitGateway' }, 'Flow logs of TransitGateway are not supported.'],
  [{ ResourceIds: [] }, 'The request must contain the parameter ResourceIds'],
  [
    { ResourceIds: Array.from({ length: 1001 }, (_, n) => `vpc-${n}`) },
    'At most 1000 resources can be named in one call',
  ],
  [{ TrafficType: undefined }, 'The request must contain the parameter TrafficType'],
  [
    { DeliverLogsPermissionArn: undefined },
    "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
  ],
  [{ DeliverLogsPermissionArn: 'me' }, 'DeliverLogsPermissionArn: me is not the ARN of a role.'],
  [{ DeliverCrossAccountRole: 'x' }, 'Delivery to other accounts is not supported.'],
  [{ DestinationOptions: {} }, 'DestinationOptions cannot be used if LogDestinationType is cloud-watch-logs.'],
  [{ LogGroupName: undefined }, "LogDestination can't be empty if LogGroupName is not provided."],
  [{ LogDestination: 'x' }, 'Please only provide LogGroupName or only provide LogDestination.'],
  [
    { LogGroupName: undefined, LogDestination: 'arn:aws:logs:us-east-1:123456789012:log-group:x' },
    'LogDestination: arn:aws:logs:us-east-1:123456789012:log-group:x is not the ARN of a log group of this account ' +
      'and region.',
  ],
  [{ MaxAggregationInterval: 90 }, 'Invalid Flow Log Max Aggregation Interval'],
  [{ LogFormat: '${srcaddr} ${colour}' }, 'Unknown fields provided: colour'],
])('%j is refused', async (change, message) => {
  await expect(ask('CreateFlowLogs', { ...request, ...(change as {}) })).rejects.toMatchObject({ message })
})

it('ids that are none are refused', async () => {
  await expect(ask('DeleteFlowLogs', { FlowLogIds: ['x'] })).rejects.toEqual(
    refusal('InvalidFlowLogId.Malformed', 'Invalid id: "x" (expecting "fl-...")'),
  )
  await expect(ask('DeleteFlowLogs', { FlowLogIds: [] })).rejects.toEqual(
    refusal('MissingParameter', 'The request must contain the parameter FlowLogIds'),
  )
  await expect(ask('DescribeFlowLogs', { FlowLogIds: ['fl-12345678'] })).rejects.toEqual(
    refusal('InvalidFlowLogId.NotFound', "The flow log ID 'fl-12345678' does not exist"),
  )
})

it('a flow log of a network interface goes with it', async () => {
  const { SubnetId } = (await ask('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' })).Subnet!
  const { NetworkInterfaceId: id = '' } = (await ask('CreateNetworkInterface', { SubnetId: SubnetId! }))
    .NetworkInterface!
  await ask('CreateFlowLogs', { ...request, ResourceType: 'NetworkInterface', ResourceIds: [id] })
  await ask('CreateFlowLogs', { ...request, ResourceType: 'Subnet', ResourceIds: [SubnetId!] })
  await ask('DeleteNetworkInterface', { NetworkInterfaceId: id })
  expect((await all()).map(({ ResourceId }) => ResourceId)).toEqual([SubnetId])
})
