// For tests of load balancers: for each test a VPC as they want one (three zones, an internet gateway, a security group),
// and the APIs to ask.

import type * as ec2Sdk from '@aws-sdk/client-ec2'
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach } from 'vitest'
import { ec2 } from '#apis/ec2/index.ts'
import { elbv2 } from '#apis/elbv2/index.ts'
import type { Call, Checked, Operations } from '#aws/operation.ts'
import { type Ask, asking, testCall } from '#test/call.ts'

type With<T, K extends keyof T> = T & { readonly [P in K]-?: NonNullable<T[P]> }
type Balancer = With<sdk.LoadBalancer, 'LoadBalancerArn'>
type Group = With<sdk.TargetGroup, 'TargetGroupArn'>
type Listener = With<sdk.Listener, 'ListenerArn'>

export interface BalancedVpc {
  readonly call: Call
  readonly ask: Ask<Operations<typeof sdk>>
  readonly askEc2: Ask<Operations<typeof ec2Sdk>>
  readonly vpcId: string
  /** In eu-west-1a, b and c: 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24. */
  readonly subnetIds: readonly [string, string, string]
  readonly groupId: string
  /** An application load balancer in zones a and b, unless told otherwise. */
  balancer(input?: Partial<Checked<sdk.CreateLoadBalancerInput>>): Promise<Balancer>
  /** A group of addresses for HTTP at port 80, unless told otherwise. */
  group(input?: Partial<Checked<sdk.CreateTargetGroupInput>>): Promise<Group>
  /** At port 80 for HTTP, forwarding to a new group, unless told otherwise. */
  listener(loadBalancerArn: string, input?: Partial<Checked<sdk.CreateListenerInput>>): Promise<Listener>
}

const balancedVpc = async (): Promise<BalancedVpc> => {
  const call = testCall()
  const askEc2 = asking<Operations<typeof ec2Sdk>>(ec2, () => call)
  const ask = asking<Operations<typeof sdk>>(elbv2, () => call)
  const vpcId = (await askEc2('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!
  const gateway = (await askEc2('CreateInternetGateway', {})).InternetGateway!.InternetGatewayId!
  await askEc2('AttachInternetGateway', { VpcId: vpcId, InternetGatewayId: gateway })
  const subnetIds: string[] = []
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const made = await askEc2('CreateSubnet', {
      VpcId: vpcId,
      CidrBlock: `10.0.${index}.0/24`,
      AvailabilityZone: `eu-west-1${zone}`,
    })
    subnetIds.push(made.Subnet!.SubnetId!)
  }
  const wish = { VpcId: vpcId, GroupName: 'balancer', Description: 'd' }
  const groupId = (await askEc2('CreateSecurityGroup', wish)).GroupId!
  let count = 0
  const own: BalancedVpc = {
    call,
    ask,
    askEc2,
    vpcId,
    subnetIds: subnetIds as [string, string, string],
    groupId,
    balancer: async (input = {}) =>
      (
        await ask('CreateLoadBalancer', {
          Name: 'web',
          ...(input.SubnetMappings === undefined ? { Subnets: subnetIds.slice(0, 2) } : {}),
          ...input,
        })
      ).LoadBalancers![0]! as Balancer,
    group: async (input = {}) =>
      (
        await ask('CreateTargetGroup', {
          Name: `group-${++count}`,
          TargetType: 'ip',
          ...(input.TargetType === 'lambda' ? {} : { Protocol: 'HTTP', Port: 80, VpcId: vpcId }),
          ...input,
        })
      ).TargetGroups![0]! as Group,
    listener: async (LoadBalancerArn, input = {}) => {
      const DefaultActions: Checked<sdk.Action>[] = input.DefaultActions ?? [
        { Type: 'forward', TargetGroupArn: (await own.group()).TargetGroupArn },
      ]
      const made = await ask('CreateListener', {
        LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        ...input,
        DefaultActions,
      })
      return made.Listeners![0]! as Listener
    },
  }
  return own
}

export let vpc: BalancedVpc
export const ask: BalancedVpc['ask'] = (name, input) => vpc.ask(name, input)

beforeEach(async () => {
  vpc = await balancedVpc()
})
