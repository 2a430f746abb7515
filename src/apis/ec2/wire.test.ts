// What the newer operations answer survives EC2's wire format: asked with AWS's own client.

import {
  AssociateVpcCidrBlockCommand,
  CreateDhcpOptionsCommand,
  CreateFlowLogsCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  DescribeDhcpOptionsCommand,
  DescribeFlowLogsCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkAclsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  ModifySubnetAttributeCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memoryStore } from '#store/memory/memory-store.ts'
import { KEY, started, type Started } from '#test/api-server.ts'
import { ec2 } from './index.ts'

let server: Started
let client: EC2Client

beforeAll(async () => {
  server = await started([ec2], { store: memoryStore() })
  client = new EC2Client({ endpoint: server.endpoint, region: 'eu-west-1', credentials: KEY, maxAttempts: 1 })
})
afterAll(async () => {
  client.destroy()
  await server.close()
})

it('carries address blocks, network ACLs, options, endpoints, prefix lists and flow logs', async () => {
  const { Vpc } = await client.send(
    new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }),
  )
  const VpcId = Vpc!.VpcId!
  const Ipv6CidrBlock = Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!.replace('/56', '/64')
  await client.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: '100.64.0.0/16' }))
  expect((await client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))).Vpcs).toMatchObject([
    { CidrBlockAssociationSet: [{ CidrBlock: '10.0.0.0/16' }, { CidrBlock: '100.64.0.0/16' }] },
  ])
  const { Subnet } = await client.send(new CreateSubnetCommand({ VpcId, CidrBlock: '100.64.0.0/24', Ipv6CidrBlock }))
  const SubnetId = Subnet!.SubnetId!
  await client.send(new ModifySubnetAttributeCommand({ SubnetId, PrivateDnsHostnameTypeOnLaunch: 'resource-name' }))
  expect((await client.send(new DescribeSubnetsCommand({}))).Subnets).toMatchObject([
    {
      Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock, Ipv6CidrBlockState: { State: 'associated' } }],
      PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name' },
    },
  ])

  const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId }))
  const NetworkAclId = NetworkAcl!.NetworkAclId!
  await client.send(
    new CreateNetworkAclEntryCommand({
      NetworkAclId,
      RuleNumber: 1,
      Protocol: '1',
      RuleAction: 'allow',
      Egress: false,
      CidrBlock: '0.0.0.0/0',
      IcmpTypeCode: { Type: 8, Code: -1 },
    }),
  )
  const acls = await client.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [NetworkAclId] }))
  expect(acls.NetworkAcls![0]!.Entries!.find((entry) => entry.RuleNumber === 1)).toEqual({
    RuleNumber: 1,
    Protocol: '1',
    RuleAction: 'allow',
    Egress: false,
    CidrBlock: '0.0.0.0/0',
    IcmpTypeCode: { Type: 8, Code: -1 },
  })

  const DhcpConfigurations = [{ Key: 'domain-name', Values: ['example.test'] }]
  await client.send(new CreateDhcpOptionsCommand({ DhcpConfigurations }))
  const Filters = [{ Name: 'value', Values: ['example.test'] }]
  expect((await client.send(new DescribeDhcpOptionsCommand({ Filters }))).DhcpOptions).toMatchObject([
    { DhcpConfigurations: [{ Key: 'domain-name', Values: [{ Value: 'example.test' }] }] },
  ])

  const { PrefixList } = await client.send(
    new CreateManagedPrefixListCommand({
      PrefixListName: 'p',
      AddressFamily: 'IPv6',
      MaxEntries: 1,
      Entries: [{ Cidr: '2001:db8::/32', Description: 'd' }],
    }),
  )
  const PrefixListId = PrefixList!.PrefixListId!
  expect((await client.send(new DescribeManagedPrefixListsCommand({ MaxResults: 100 }))).PrefixLists).toHaveLength(3)
  expect((await client.send(new GetManagedPrefixListEntriesCommand({ PrefixListId }))).Entries).toEqual([
    { Cidr: '2001:db8::/32', Description: 'd' },
  ])

  const services = await client.send(new DescribeVpcEndpointServicesCommand({}))
  expect(services.ServiceNames).toContain('com.amazonaws.eu-west-1.ecr.dkr')
  const { VpcEndpoint } = await client.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: 'com.amazonaws.eu-west-1.ecr.api',
      VpcEndpointType: 'Interface',
      SubnetIds: [SubnetId],
      PrivateDnsEnabled: false,
    }),
  )
  const VpcEndpointIds = [VpcEndpoint!.VpcEndpointId!]
  expect((await client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds }))).VpcEndpoints).toMatchObject([
    { State: 'pending', SubnetIds: [SubnetId], Groups: [{ GroupName: 'default' }] },
  ])
  expect((await client.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds }))).Unsuccessful ?? []).toEqual([])

  const { FlowLogIds } = await client.send(
    new CreateFlowLogsCommand({
      ResourceType: 'VPC',
      ResourceIds: [VpcId],
      TrafficType: 'ALL',
      LogGroupName: 'flows',
      DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flows',
    }),
  )
  expect((await client.send(new DescribeFlowLogsCommand({ FlowLogIds: FlowLogIds! }))).FlowLogs).toMatchObject([
    { ResourceId: VpcId, MaxAggregationInterval: 600 },
  ])
  expect(server.bugs).toEqual([])
})
