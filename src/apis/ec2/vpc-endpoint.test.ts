// VPC endpoints as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { ENDPOINTS_PER_VPC } from './model/limits.ts'
import { ec2Key, networkInterfaces, routeTables, vpcEndpoints } from './tables.ts'

const S3 = 'com.amazonaws.eu-west-1.s3'
const LOGS = 'com.amazonaws.eu-west-1.logs'
let VpcId: string

beforeEach(async () => {
  VpcId = await vpc()
  await ask('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } })
})

const table = async (vpcId = VpcId) => (await ask('CreateRouteTable', { VpcId: vpcId })).RouteTable!.RouteTableId!
const subnet = async (n: number, zone = 'a', vpcId = VpcId) =>
  (
    await ask('CreateSubnet', {
      VpcId: vpcId,
      CidrBlock: `10.0.${n}.0/28`,
      AvailabilityZone: `eu-west-1${zone}`,
    })
  ).Subnet!.SubnetId!
const group = async (GroupName: string, vpcId = VpcId) =>
  (await ask('CreateSecurityGroup', { VpcId: vpcId, GroupName, Description: 'd' })).GroupId!
const make = async (input: object) => (await ask('CreateVpcEndpoint', { VpcId, ...input })).VpcEndpoint!
const logs = (input: object = {}) => make({ ServiceName: LOGS, VpcEndpointType: 'Interface', ...input })
const shown = async (id: string) => (await ask('DescribeVpcEndpoints', { VpcEndpointIds: [id] })).VpcEndpoints![0]!
const routesBy = async (target: string) =>
  (await call.store.read((reader) => reader.list(routeTables)))
    .filter((row) => row.routes.some((route) => route.target === target))
    .map((row) => row.id)
const interfaces = () => call.store.read((reader) => reader.list(networkInterfaces))

/** As the network-interface controller does it: those that come are attached, those that go are forgotten. */
const settled = () =>
  call.store.write(async (tx) => {
    for (const row of await tx.list(networkInterfaces)) {
      const status = { state: 'attached', attachedAt: call.clock.now().toISOString() } as const
      if (row.spec.deleteRequested) await tx.delete(networkInterfaces, networkInterfaces.key(row))
      else await tx.put(networkInterfaces, { ...row, status })
    }
  })

describe('a gateway endpoint', () => {
  it('puts routes into tables, moves with them, and takes them out again', async () => {
    const [one, two] = [await table(), await table()]
    const made = await make({ ServiceName: S3, RouteTableIds: [one] })
    const VpcEndpointId = made.VpcEndpointId!
    expect(made).toEqual({
      VpcEndpointId: expect.stringMatching(/^vpce-[0-9a-f]{17}$/),
      VpcEndpointType: 'Gateway',
      VpcId,
      ServiceName: S3,
      ServiceRegion: 'eu-west-1',
      State: 'available',
      PolicyDocument: expect.stringContaining('"Effect":"Allow"'),
      RouteTableIds: [one],
      SubnetIds: [],
      Groups: [],
      PrivateDnsEnabled: false,
      RequesterManaged: false,
      NetworkInterfaceIds: [],
      DnsEntries: [],
      CreationTimestamp: new Date('2026-01-01T00:00:00Z'),
      OwnerId: '123456789012',
      Tags: [],
    })
    expect(await routesBy(VpcEndpointId)).toEqual([one])
    await ask('ModifyVpcEndpoint', { VpcEndpointId, AddRouteTableIds: [two], RemoveRouteTableIds: [one] })
    expect(await routesBy(VpcEndpointId)).toEqual([two])
    const again = { ServiceName: S3, RouteTableIds: [two] }
    const [s3] = (await ask('DescribePrefixLists', { Filters: [{ Name: 'prefix-list-name', Values: [S3] }] }))
      .PrefixLists!
    await expect(make(again)).rejects.toEqual(
      refusal(
        'RouteAlreadyExists',
        `route table ${two} already has a route with destination-prefix-list-id ${s3!.PrefixListId}`,
      ),
    )
    await expect(ask('ModifyVpcEndpoint', { VpcEndpointId, RemoveRouteTableIds: [one] })).rejects.toEqual(
      refusal('InvalidParameterValue', `${one} is not associated with the VPC endpoint`),
    )
    await expect(ask('DeleteVpc', { VpcId })).rejects.toMatchObject({ code: 'DependencyViolation' })
    expect(await ask('DeleteVpcEndpoints', { VpcEndpointIds: [VpcEndpointId, 'vpce-12345678'] })).toEqual({
      Unsuccessful: [
        {
          ResourceId: 'vpce-12345678',
          Error: {
            Code: 'InvalidVpcEndpointId.NotFound',
            Message: "The Vpc Endpoint Id 'vpce-12345678' does not exist",
          },
        },
      ],
    })
    expect(await routesBy(VpcEndpointId)).toEqual([])
  })

  it('goes even if a route table of it has gone before', async () => {
    const one = await table()
    const { VpcEndpointId } = await make({ ServiceName: S3, RouteTableIds: [one] })
    await ask('DeleteRouteTable', { RouteTableId: one })
    expect((await shown(VpcEndpointId!)).RouteTableIds).toEqual([])
    expect(await ask('DeleteVpcEndpoints', { VpcEndpointIds: [VpcEndpointId!] })).toEqual({ Unsuccessful: [] })
  })
})

describe('an interface endpoint', () => {
  it('has an interface in each subnet, in its groups, and names', async () => {
    const [a, b] = [await subnet(1, 'a'), await subnet(2, 'b')]
    const made = await logs({ SubnetIds: [a] })
    const VpcEndpointId = made.VpcEndpointId!
    expect(made).toMatchObject({
      State: 'pending',
      SubnetIds: [a],
      Groups: [{ GroupName: 'default' }],
      PrivateDnsEnabled: true,
      IpAddressType: 'ipv4',
      DnsEntries: [
        { DnsName: expect.stringMatching(/^vpce-[0-9a-f-]+\.logs\.eu-west-1\.vpce\.amazonaws\.com$/) },
        { DnsName: expect.stringMatching(/^vpce-[0-9a-f-]+-eu-west-1a\.logs\.eu-west-1\.vpce\.amazonaws\.com$/) },
        { DnsName: 'logs.eu-west-1.amazonaws.com' },
      ],
    })
    expect((await shown(VpcEndpointId)).State).toBe('pending')
    await settled()
    expect((await shown(VpcEndpointId)).State).toBe('available')
    const Filters = [{ Name: 'interface-type', Values: ['vpc_endpoint'] }]
    expect((await ask('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces).toMatchObject([
      {
        NetworkInterfaceId: made.NetworkInterfaceIds![0],
        Description: `VPC Endpoint Interface ${VpcEndpointId}`,
        RequesterManaged: true,
        SubnetId: a,
        Status: 'in-use',
        Attachment: { InstanceOwnerId: 'amazon-aws', Status: 'attached' },
      },
    ])
    await expect(ask('DeleteSubnet', { SubnetId: a })).rejects.toMatchObject({ code: 'DependencyViolation' })
    const web = await group('web')
    const first = made.Groups![0]!.GroupId!
    await ask('ModifyVpcEndpoint', {
      VpcEndpointId,
      AddSubnetIds: [b],
      AddSecurityGroupIds: [web],
      RemoveSecurityGroupIds: [first],
    })
    expect((await interfaces()).map(({ spec }) => spec.securityGroupIds)).toEqual([[web], [web]])
    await ask('ModifyVpcEndpoint', { VpcEndpointId, RemoveSubnetIds: [a], PrivateDnsEnabled: false })
    await settled()
    expect(await shown(VpcEndpointId)).toMatchObject({
      SubnetIds: [b],
      Groups: [{ GroupId: web, GroupName: 'web' }],
      PrivateDnsEnabled: false,
      DnsEntries: [{}, { DnsName: expect.stringContaining('-eu-west-1b.') }],
      NetworkInterfaceIds: [(await interfaces())[0]!.id],
    })
    await ask('ModifyVpcEndpoint', { VpcEndpointId, PrivateDnsEnabled: true })
    await ask('DeleteVpcEndpoints', { VpcEndpointIds: [VpcEndpointId] })
    await settled()
    expect(await interfaces()).toEqual([])
  })

  it('has a policy that is set and reset, and tags', async () => {
    const PolicyDocument = JSON.stringify({ Statement: [] })
    const { VpcEndpointId } = await logs({
      PolicyDocument,
      TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    const id = VpcEndpointId!
    expect((await shown(id)).PolicyDocument).toBe(PolicyDocument)
    await ask('ModifyVpcEndpoint', { VpcEndpointId: id, ResetPolicy: true })
    expect((await shown(id)).PolicyDocument).toContain('"Action":"*"')
    await ask('ModifyVpcEndpoint', { VpcEndpointId: id, PolicyDocument })
    expect((await shown(id)).PolicyDocument).toBe(PolicyDocument)
    for (const [Name, value] of [
      ['ip-address-type', 'ipv4'],
      ['service-name', LOGS],
      ['service-region', 'eu-west-1'],
      ['vpc-endpoint-id', id],
      ['vpc-endpoint-state', 'available'],
      ['vpc-endpoint-type', 'Interface'],
      ['vpc-id', VpcId],
      ['tag:a', 'b'],
    ] as const) {
      expect((await ask('DescribeVpcEndpoints', { Filters: [{ Name, Values: [value] }] })).VpcEndpoints).toHaveLength(1)
    }
    expect((await ask('DescribeTags', {})).Tags).toMatchObject([{ ResourceType: 'vpc-endpoint' }])
  })

  it('is made once per client token', async () => {
    const made = await logs({ ClientToken: 'once' })
    expect((await logs({ ClientToken: 'once' })).VpcEndpointId).toBe(made.VpcEndpointId)
    await expect(make({ ServiceName: S3, ClientToken: 'once' })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    })
  })

  it('needs names to be answered, and to be the only one that answers to them', async () => {
    const VpcEndpointId = (await logs()).VpcEndpointId!
    await expect(logs()).rejects.toEqual(
      refusal(
        'InvalidParameter',
        'private-dns-enabled cannot be set because there is already a conflicting DNS domain for ' +
          `logs.eu-west-1.amazonaws.com in the VPC ${VpcId}`,
      ),
    )
    await ask('ModifyVpcEndpoint', { VpcEndpointId, PrivateDnsEnabled: false })
    await ask('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: false } })
    const message =
      'Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ' +
      VpcId
    await expect(logs()).rejects.toEqual(refusal('InvalidParameter', message))
    await expect(ask('ModifyVpcEndpoint', { VpcEndpointId, PrivateDnsEnabled: true })).rejects.toEqual(
      refusal('InvalidParameter', message),
    )
    await logs({ PrivateDnsEnabled: false })
  })

  it('is refused twice in a zone, and without a group, with nothing left behind', async () => {
    const [one, two] = [await subnet(1), await subnet(2)]
    await expect(logs({ SubnetIds: [one, two] })).rejects.toEqual(
      refusal(
        'DuplicateSubnetsInSameZone',
        `Found another VPC endpoint subnet in the availability zone of ${two}. VPC endpoint subnets should be in ` +
          'different availability zones supported by the VPC endpoint service.',
      ),
    )
    const made = await logs({ SubnetIds: [one] })
    const VpcEndpointId = made.VpcEndpointId!
    await expect(ask('ModifyVpcEndpoint', { VpcEndpointId, AddSubnetIds: [two] })).rejects.toMatchObject({
      code: 'DuplicateSubnetsInSameZone',
    })
    const RemoveSecurityGroupIds = [made.Groups![0]!.GroupId!]
    await expect(ask('ModifyVpcEndpoint', { VpcEndpointId, RemoveSecurityGroupIds })).rejects.toEqual(
      refusal('InvalidParameterValue', 'A VPC endpoint must be in at least one security group'),
    )
    expect(await interfaces()).toHaveLength(1)
  })

  it('is refused where a subnet has no address left', async () => {
    const SubnetId = await subnet(1)
    for (let n = 0; n < 11; n++) await logs({ SubnetIds: [SubnetId], PrivateDnsEnabled: false })
    await expect(logs({ SubnetIds: [SubnetId], PrivateDnsEnabled: false })).rejects.toEqual(
      refusal(
        'InsufficientFreeAddressesInSubnet',
        'The specified subnet does not have enough free addresses to satisfy the request.',
      ),
    )
  })
})

it('what belongs to another VPC is refused', async () => {
  const other = await vpc()
  const [foreignTable, foreignSubnet, foreignGroup] = [
    await table(other),
    await subnet(1, 'a', other),
    await group('web', other),
  ]
  await expect(make({ ServiceName: S3, RouteTableIds: [foreignTable] })).rejects.toMatchObject({
    message: `route table ${foreignTable} does not belong to the VPC ${VpcId}`,
  })
  await expect(logs({ SubnetIds: [foreignSubnet] })).rejects.toMatchObject({
    message: `subnet ${foreignSubnet} does not belong to the VPC ${VpcId}`,
  })
  await expect(logs({ SecurityGroupIds: [foreignGroup] })).rejects.toMatchObject({
    message: `security group ${foreignGroup} does not belong to the VPC ${VpcId}`,
  })
})

it.each([
  [{}, 'The request must contain the parameter serviceName'],
  [{ ServiceName: 'com.x' }, "The Vpc Endpoint Service 'com.x' does not exist"],
  [{ ServiceName: LOGS }, 'Endpoint type (Gateway) does not match available service types ([Interface]).'],
  [
    { ServiceName: LOGS, VpcEndpointType: 'GatewayLoadBalancer' },
    'VPC endpoints of type GatewayLoadBalancer are not supported.',
  ],
  [{ ServiceName: S3, ServiceRegion: 'us-east-1' }, 'Services of other regions are not supported.'],
  [{ ServiceName: S3, IpAddressType: 'dualstack' }, 'VPC endpoints have IPv4 addresses only.'],
  [{ ServiceName: S3, DnsOptions: { DnsRecordIpType: 'ipv6' } }, 'VPC endpoints have IPv4 addresses only.'],
  [{ ServiceName: S3, SubnetConfigurations: [{}] }, 'The addresses of VPC endpoints cannot be chosen.'],
  [
    { ServiceName: LOGS, VpcEndpointType: 'Interface', RouteTableIds: ['rtb-12345678'] },
    'Route table IDs are only supported for Gateway type VPC Endpoint.',
  ],
  [
    { ServiceName: S3, SubnetIds: ['subnet-12345678'] },
    'Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.',
  ],
  [
    { ServiceName: S3, SecurityGroupIds: ['sg-12345678'] },
    'Security Groups are only supported for Interface type VPC Endpoints.',
  ],
  [{ ServiceName: S3, PrivateDnsEnabled: true }, 'Private DNS is only supported for Interface type VPC Endpoints.'],
  [{ ServiceName: S3, PolicyDocument: '{' }, 'The policy document is not valid JSON or has no Statement.'],
  [{ ServiceName: S3, PolicyDocument: '[]' }, 'The policy document is not valid JSON or has no Statement.'],
  [{ ServiceName: S3, PolicyDocument: ' '.repeat(20481) }, 'The policy document is too long.'],
  [{ ServiceName: S3, RouteTableIds: ['rtb-12345678'] }, "The routeTable ID 'rtb-12345678' does not exist"],
])('%j is refused', async (input, message) => {
  await expect(make(input)).rejects.toMatchObject({ message })
})

it('one too many, two policies at once, and ids that are none are refused', async () => {
  const VpcEndpointId = (await logs()).VpcEndpointId!
  const row = (await call.store.read((reader) => reader.get(vpcEndpoints, ec2Key(call.scope, VpcEndpointId))))!
  await call.store.write(async (tx) => {
    for (let n = 1; n < ENDPOINTS_PER_VPC; n++) await tx.put(vpcEndpoints, { ...row, id: `vpce-${n}` })
  })
  await expect(make({ ServiceName: S3 })).rejects.toEqual(
    refusal('VpcEndpointLimitExceeded', 'The maximum number of VPC endpoints has been reached.'),
  )
  await expect(
    ask('ModifyVpcEndpoint', { VpcEndpointId, ResetPolicy: true, PolicyDocument: '{"Statement":[]}' }),
  ).rejects.toEqual(
    refusal('InvalidParameterCombination', 'Only one of resetPolicy and policyDocument can be specified.'),
  )
  await expect(ask('DeleteVpcEndpoints', { VpcEndpointIds: [] })).rejects.toMatchObject({ code: 'MissingParameter' })
  await expect(ask('DeleteVpcEndpoints', { VpcEndpointIds: ['x'] })).rejects.toEqual(
    refusal('InvalidVpcEndpointId.Malformed', 'Invalid id: "x" (expecting "vpce-...")'),
  )
  await expect(shown('vpce-12345678')).rejects.toEqual(
    refusal('InvalidVpcEndpointId.NotFound', "The Vpc Endpoint Id 'vpce-12345678' does not exist"),
  )
})

describe('services', () => {
  it('are listed by name, type and region, in pages', async () => {
    const { ServiceDetails } = await ask('DescribeVpcEndpointServices', { ServiceNames: [LOGS] })
    expect(ServiceDetails).toMatchObject([
      {
        ServiceName: LOGS,
        ServiceType: [{ ServiceType: 'Interface' }],
        PrivateDnsName: 'logs.eu-west-1.amazonaws.com',
        Owner: 'amazon',
        BaseEndpointDnsNames: ['logs.eu-west-1.vpce.amazonaws.com'],
      },
    ])
    expect(ServiceDetails![0]!.AvailabilityZones).toHaveLength(6)
    const gateways = await ask('DescribeVpcEndpointServices', {
      Filters: [
        { Name: 'service-type', Values: ['Gateway'] },
        { Name: 'owner', Values: ['amazon'] },
        { Name: 'service-region', Values: ['eu-west-1'] },
        { Name: 'service-name', Values: ['com.*'] },
        { Name: 'supported-ip-address-types', Values: ['ipv4'] },
      ],
    })
    expect(gateways.ServiceNames).toEqual(['com.amazonaws.eu-west-1.dynamodb', S3])
    const all = (await ask('DescribeVpcEndpointServices', {})).ServiceDetails!
    const first = await ask('DescribeVpcEndpointServices', { MaxResults: 3 })
    const rest = await ask('DescribeVpcEndpointServices', { NextToken: first.NextToken! })
    expect([...first.ServiceDetails!, ...rest.ServiceDetails!]).toEqual(all)
    expect((await ask('DescribeVpcEndpointServices', { ServiceRegions: ['us-east-1'] })).ServiceNames).toEqual([])
    await expect(ask('DescribeVpcEndpointServices', { ServiceNames: ['com.x'] })).rejects.toEqual(
      refusal('InvalidServiceName', "The Vpc Endpoint Service 'com.x' does not exist"),
    )
  })
})
