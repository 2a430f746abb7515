// The default VPC of an instance as tests of load balancers use it: two subnets, each in a zone of its own.

import { AuthorizeSecurityGroupIngressCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2'
import type { Instance } from './instance.ts'

export interface DefaultNetwork {
  readonly vpc: string
  readonly subnets: string[]
}

export const defaultNetwork = async ({ ec2 }: Instance): Promise<DefaultNetwork> => {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  return { vpc: Subnets[0]?.VpcId ?? '', subnets: Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? '') }
}

/** Lets everybody in to those ports of its default security group. */
export const openPorts = async ({ ec2 }: Instance, FromPort: number, ToPort: number): Promise<void> => {
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupName: 'default',
      IpPermissions: [{ IpProtocol: 'tcp', FromPort, ToPort, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  )
}
