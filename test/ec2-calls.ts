// For tests of EC2: its operations as a caller sees them, on an empty store for each test, and what most of them need.

import type * as sdk from '@aws-sdk/client-ec2'
import { beforeEach } from 'vitest'
import { ec2 } from '#apis/ec2/index.ts'
import { isRefused, plannedInterface } from '#apis/ec2/model/interface-plan.ts'
import { ec2Key, networkInterfaces, subnets } from '#apis/ec2/tables.ts'
import type { Call, Operations, Settings } from '#aws/operation.ts'
import { asking, testCall } from './call.ts'

export let call: Call
export const ask = asking<Operations<typeof sdk>>(ec2, () => call)

beforeEach(() => {
  call = testCall()
})

/** From now on the caller is in that region. */
export const goTo = (region: string): void => {
  call = { ...call, scope: { ...call.scope, region } }
}

/** From now on the instance is set up so. */
export const setUp = (settings: Partial<Settings>): void => {
  call = { ...call, settings: { ...call.settings, ...settings } }
}

export const vpc = async (CidrBlock = '10.0.0.0/16') => (await ask('CreateVpc', { CidrBlock })).Vpc!.VpcId!
export const subnet = async (VpcId: string, CidrBlock = '10.0.1.0/24') =>
  (await ask('CreateSubnet', { VpcId, CidrBlock })).Subnet!.SubnetId!
export const group = async (VpcId: string, GroupName = 'web') =>
  (await ask('CreateSecurityGroup', { VpcId, GroupName, Description: 'web servers' })).GroupId!
export const gateway = async () => (await ask('CreateInternetGateway', {})).InternetGateway!.InternetGatewayId!
/** An internet gateway that the VPC has. */
export const internet = async (VpcId: string): Promise<string> => {
  const InternetGatewayId = await gateway()
  await ask('AttachInternetGateway', { VpcId, InternetGatewayId })
  return InternetGatewayId
}
/** An elastic IP: its allocation id. */
export const allocate = async () => (await ask('AllocateAddress', {})).AllocationId!
export const tcp = (port: number, CidrIp = '0.0.0.0/0') => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
})

/** An interface in the subnet, as a running task would have one. */
export const networkInterface = async (subnetId: string, groupId: string, assignPublicIp = false): Promise<string> => {
  const row = (await call.store.read((reader) => reader.get(subnets, ec2Key(call.scope, subnetId))))!
  const planned = plannedInterface({
    scope: call.scope,
    subnet: row,
    taken: new Set(),
    publicIp: '198.18.0.7',
    securityGroupIds: [groupId],
    assignPublicIp,
    ownerArn: 'task',
    description: 'of a task',
    now: call.clock.now(),
    random: call.random,
  })
  if (isRefused(planned)) throw new Error(planned.message)
  const status = { state: 'attached', namespacePath: '/x', attachedAt: '2026-01-01T00:00:01.000Z' } as const
  await call.store.write((tx) => tx.put(networkInterfaces, { ...planned, status }))
  return planned.id
}
