// Load balancers as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, vpc } from '#test/balanced-vpc.ts'
import { loadBalancers } from './tables.ts'
import { refusal } from '#test/refusal.ts'

describe('creating a load balancer', () => {
  it('answers as AWS does: provisioning, its zones, a name and an id of its region', async () => {
    const made = await vpc.balancer({ SecurityGroups: [vpc.groupId] })
    expect(made).toEqual({
      LoadBalancerArn: expect.stringMatching(
        /^arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
      ),
      DNSName: expect.stringMatching(/^web-[1-9]\d{9}\.eu-west-1\.elb\.amazonaws\.com$/),
      CanonicalHostedZoneId: 'Z32O12XQLNTSW2',
      CreatedTime: vpc.call.clock.now(),
      LoadBalancerName: 'web',
      Scheme: 'internet-facing',
      VpcId: vpc.vpcId,
      State: { Code: 'provisioning' },
      Type: 'application',
      AvailabilityZones: [
        { ZoneName: 'eu-west-1a', SubnetId: vpc.subnetIds[0], LoadBalancerAddresses: [] },
        { ZoneName: 'eu-west-1b', SubnetId: vpc.subnetIds[1], LoadBalancerAddresses: [] },
      ],
      SecurityGroups: [vpc.groupId],
      IpAddressType: 'ipv4',
    })
    expect((await ask('DescribeLoadBalancers', {})).LoadBalancers).toEqual([made])
  })

  it('names internal and network load balancers in their own ways', async () => {
    const internal = await vpc.balancer({ Scheme: 'internal' })
    expect(internal.DNSName).toMatch(/^internal-web-\d{10}\.eu-west-1\.elb\.amazonaws\.com$/)
    const network = await vpc.balancer({ Name: 'net', Type: 'network', Subnets: [vpc.subnetIds[0]] })
    const id = network.LoadBalancerArn.split('/').at(-1)
    expect(network.LoadBalancerArn).toContain('loadbalancer/net/net/')
    expect(network.DNSName).toBe(`net-${id}.elb.eu-west-1.amazonaws.com`)
    expect(network.CanonicalHostedZoneId).toBe('Z2IFOLAFXWLO4F')
    expect(network.SecurityGroups).toBeUndefined()
  })

  it('puts an application load balancer without groups into the default one', async () => {
    const groups = await vpc.askEc2('DescribeSecurityGroups', {})
    const standard = groups.SecurityGroups!.find((one) => one.VpcId === vpc.vpcId && one.GroupName === 'default')
    expect((await vpc.balancer()).SecurityGroups).toEqual([standard!.GroupId])
  })

  it('gives the same load balancer when asked for the same again, and refuses another one of the name', async () => {
    const made = await vpc.balancer()
    const [one, two] = vpc.subnetIds
    expect(await vpc.balancer({ Subnets: [two, one] })).toEqual(made)
    await expect(vpc.balancer({ Scheme: 'internal' })).rejects.toEqual(
      refusal(
        'DuplicateLoadBalancerNameException',
        "A load balancer with the same name 'web' exists, but with different settings",
      ),
    )
  })

  it.each([
    ['x'.repeat(33), `Load balancer name '${'x'.repeat(33)}' cannot be longer than '32' characters`],
    ['a_b', "Load balancer name 'a_b' can only contain characters that are alphanumeric characters or hyphens(-)"],
    ['-a', "Load balancer name '-a' cannot begin or end with '-'"],
    ['internal-a', "Load balancer name 'internal-a' cannot begin with 'internal-'"],
  ])('refuses the name %s', async (Name, message) => {
    await expect(vpc.balancer({ Name })).rejects.toEqual(refusal('ValidationError', message))
  })

  it('refuses subnets that cannot hold it', async () => {
    const [a, b] = vpc.subnetIds
    await expect(vpc.balancer({ Subnets: [a] })).rejects.toEqual(
      refusal('ValidationError', 'At least two subnets in two different Availability Zones must be specified'),
    )
    const unknown = 'subnet-00000000000000000'
    await expect(vpc.balancer({ Subnets: [a, unknown] })).rejects.toEqual(
      refusal('SubnetNotFoundException', `The subnet ID '${unknown}' does not exist`),
    )
    const twin = await vpc.askEc2('CreateSubnet', {
      VpcId: vpc.vpcId,
      CidrBlock: '10.0.9.0/28',
      AvailabilityZone: 'eu-west-1a',
    })
    await expect(vpc.balancer({ Subnets: [a, twin.Subnet!.SubnetId!] })).rejects.toEqual(
      refusal(
        'InvalidConfigurationRequestException',
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
      ),
    )
    const other = (await vpc.askEc2('CreateVpc', { CidrBlock: '10.1.0.0/16' })).Vpc!.VpcId!
    const foreign = await vpc.askEc2('CreateSubnet', {
      VpcId: other,
      CidrBlock: '10.1.0.0/24',
      AvailabilityZone: 'eu-west-1b',
    })
    await expect(vpc.balancer({ Subnets: [a, foreign.Subnet!.SubnetId!] })).rejects.toEqual(
      refusal('InvalidConfigurationRequestException', `All subnets must belong to the same VPC: '${vpc.vpcId}'`),
    )
    await expect(vpc.balancer({ Type: 'network', Subnets: [foreign.Subnet!.SubnetId!] })).rejects.toEqual(
      refusal('InvalidSubnetException', `VPC ${other} has no internet gateway`),
    )
    await expect(vpc.balancer({ Subnets: [a, b], SubnetMappings: [{ SubnetId: a }] })).rejects.toMatchObject({
      code: 'ValidationError',
    })
  })

  it('refuses a subnet without room to grow', async () => {
    const made = await vpc.askEc2('CreateSubnet', {
      VpcId: vpc.vpcId,
      CidrBlock: '10.0.10.0/28',
      AvailabilityZone: 'eu-west-1c',
    })
    const id = made.Subnet!.SubnetId!
    for (let taken = 0; taken < 4; taken++) await vpc.askEc2('CreateNetworkInterface', { SubnetId: id })
    await expect(vpc.balancer({ Subnets: [vpc.subnetIds[0], id] })).rejects.toEqual(
      refusal(
        'InvalidSubnetException',
        `Not enough IP space available in ${id}. ELB requires at least 8 free IP addresses in each subnet.`,
      ),
    )
  })

  it('refuses security groups that are not there or of another VPC', async () => {
    await expect(vpc.balancer({ SecurityGroups: ['sg-00000000000000000'] })).rejects.toEqual(
      refusal('InvalidSecurityGroupException', 'One or more security groups are invalid'),
    )
    const other = (await vpc.askEc2('CreateVpc', { CidrBlock: '10.1.0.0/16' })).Vpc!.VpcId!
    const wish = { VpcId: other, GroupName: 'other', Description: 'd' }
    const id = (await vpc.askEc2('CreateSecurityGroup', wish)).GroupId!
    await expect(vpc.balancer({ SecurityGroups: [id] })).rejects.toEqual(
      refusal('InvalidConfigurationRequestException', `Security group '${id}' does not belong to VPC '${vpc.vpcId}'`),
    )
  })

  it('gives a network load balancer the elastic or private addresses that it asks for', async () => {
    const [a, b] = vpc.subnetIds
    const AllocationId = (await vpc.askEc2('AllocateAddress', {})).AllocationId!
    const made = await vpc.balancer({ Name: 'n', Type: 'network', SubnetMappings: [{ SubnetId: a, AllocationId }] })
    expect(made.AvailabilityZones![0]!.LoadBalancerAddresses).toEqual([{ AllocationId }])
    const again = await vpc.balancer({ Name: 'n', Type: 'network', SubnetMappings: [{ SubnetId: a, AllocationId }] })
    expect(again.LoadBalancerArn).toBe(made.LoadBalancerArn)
    const taken = { Name: 'o', Type: 'network', SubnetMappings: [{ SubnetId: b, AllocationId }] } as const
    await expect(vpc.balancer({ ...taken, SubnetMappings: [...taken.SubnetMappings] })).rejects.toEqual(
      refusal('ResourceInUseException', 'The allocation IDs are not available for use'),
    )
    const { LoadBalancerArn } = made
    const kept = await ask('SetSubnets', { LoadBalancerArn, Subnets: [a, b] })
    expect(kept.AvailabilityZones!.map((zone) => zone.LoadBalancerAddresses)).toEqual([[{ AllocationId }], []])
    const other = (await vpc.askEc2('AllocateAddress', {})).AllocationId!
    const moved = [
      { SubnetId: a, AllocationId },
      { SubnetId: b, AllocationId: other },
    ]
    await expect(ask('SetSubnets', { LoadBalancerArn, SubnetMappings: moved })).rejects.toEqual(
      refusal(
        'InvalidConfigurationRequestException',
        `The addresses of the load balancer in the subnet '${b}' cannot be changed`,
      ),
    )
    await expect(
      vpc.balancer({ SubnetMappings: [{ SubnetId: a, AllocationId }, { SubnetId: b }] }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' })
    const missing = 'eipalloc-00000000000000000'
    const unknown = { SubnetId: a, AllocationId: missing }
    await expect(vpc.balancer({ Name: 'm', Type: 'network', SubnetMappings: [unknown] })).rejects.toEqual(
      refusal('AllocationIdNotFoundException', `The allocation IDs '${missing}' do not exist`),
    )
    const inside = { Name: 'i', Type: 'network', Scheme: 'internal' } as const
    const placed = await vpc.balancer({ ...inside, SubnetMappings: [{ SubnetId: a, PrivateIPv4Address: '10.0.0.77' }] })
    expect(placed.AvailabilityZones![0]!.LoadBalancerAddresses).toEqual([{ PrivateIPv4Address: '10.0.0.77' }])
    const outside = [{ SubnetId: a, PrivateIPv4Address: '10.0.1.77' }]
    await expect(vpc.balancer({ ...inside, Name: 'j', SubnetMappings: outside })).rejects.toEqual(
      refusal(
        'InvalidConfigurationRequestException',
        `The private IPv4 address '10.0.1.77' is not in the subnet '${a}'`,
      ),
    )
  })
})

describe('describing load balancers', () => {
  it('finds them by ARN and by name, and says which are missing', async () => {
    const made = await vpc.balancer()
    expect((await ask('DescribeLoadBalancers', { Names: ['web'] })).LoadBalancers).toEqual([made])
    const byArn = await ask('DescribeLoadBalancers', { LoadBalancerArns: [made.LoadBalancerArn] })
    expect(byArn.LoadBalancers).toEqual([made])
    await expect(ask('DescribeLoadBalancers', { Names: ['web', 'no', 'none'] })).rejects.toEqual(
      refusal('LoadBalancerNotFoundException', "Load balancers '[no, none]' not found"),
    )
    await expect(ask('DescribeLoadBalancers', { LoadBalancerArns: ['web'] })).rejects.toEqual(
      refusal('ValidationError', "'web' is not a valid load balancer ARN"),
    )
    const elsewhere = made.LoadBalancerArn.replace('eu-west-1', 'eu-west-2')
    await expect(ask('DescribeLoadBalancers', { LoadBalancerArns: [elsewhere] })).rejects.toMatchObject({
      code: 'LoadBalancerNotFoundException',
    })
    const gone = made.LoadBalancerArn.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    await expect(ask('DescribeLoadBalancers', { LoadBalancerArns: [made.LoadBalancerArn, gone] })).rejects.toEqual(
      refusal('LoadBalancerNotFoundException', 'One or more load balancers not found'),
    )
  })

  it('shows them in pages', async () => {
    for (const Name of ['a', 'b', 'c']) await vpc.balancer({ Name })
    const names: string[] = []
    let Marker: string | undefined
    do {
      const page = await ask('DescribeLoadBalancers', { PageSize: 2, ...(Marker === undefined ? {} : { Marker }) })
      names.push(...page.LoadBalancers!.map((one) => one.LoadBalancerName!))
      Marker = page.NextMarker
    } while (Marker !== undefined)
    expect(names).toEqual(['a', 'b', 'c'])
    await expect(ask('DescribeLoadBalancers', { Marker: 'x' })).rejects.toMatchObject({ code: 'ValidationError' })
  })

  it('shows what its controller has recorded', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    await vpc.call.store.write(async (tx) => {
      const row = (await tx.get(loadBalancers, LoadBalancerArn))!
      await tx.put(loadBalancers, { ...row, status: { state: 'active', addresses: [] } })
    })
    const [shown] = (await ask('DescribeLoadBalancers', {})).LoadBalancers!
    expect(shown!.State).toEqual({ Code: 'active' })
  })
})

describe('deleting a load balancer', () => {
  it('is done for callers at once; the wish stays for the controller, listeners and rules do not', async () => {
    const { LoadBalancerArn: arn } = await vpc.balancer()
    const { ListenerArn } = await vpc.listener(arn)
    await ask('CreateRule', {
      ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
    })
    await ask('DeleteLoadBalancer', { LoadBalancerArn: arn })
    expect((await ask('DescribeLoadBalancers', {})).LoadBalancers).toEqual([])
    await expect(ask('DescribeListeners', { ListenerArns: [ListenerArn] })).rejects.toMatchObject({
      code: 'ListenerNotFoundException',
    })
    await expect(ask('DescribeRules', { ListenerArn })).rejects.toMatchObject({ code: 'ListenerNotFoundException' })
    const row = await vpc.call.store.read((reader) => reader.get(loadBalancers, arn))
    expect(row?.spec.deleteRequested).toBe(true)
    await ask('DeleteLoadBalancer', { LoadBalancerArn: arn })
    const again = await vpc.balancer()
    expect(again.LoadBalancerArn).not.toBe(arn)
  })

  it('is refused while it is protected', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const protect = (Value: string) =>
      ask('ModifyLoadBalancerAttributes', {
        LoadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      })
    await protect('true')
    await expect(ask('DeleteLoadBalancer', { LoadBalancerArn })).rejects.toEqual(
      refusal(
        'OperationNotPermittedException',
        `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
      ),
    )
    await protect('false')
    await ask('DeleteLoadBalancer', { LoadBalancerArn })
  })
})

describe('what a load balancer stands in', () => {
  it('can be changed: subnets, groups, families of addresses', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const moved = await ask('SetSubnets', { LoadBalancerArn, Subnets: vpc.subnetIds.slice(1) })
    expect(moved.AvailabilityZones!.map((zone) => zone.ZoneName)).toEqual(['eu-west-1b', 'eu-west-1c'])
    const grouped = await ask('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: [vpc.groupId] })
    expect(grouped).toEqual({ SecurityGroupIds: [vpc.groupId] })
    await expect(ask('SetIpAddressType', { LoadBalancerArn, IpAddressType: 'dualstack' })).rejects.toMatchObject({
      code: 'InvalidSubnetException',
    })
    expect(await ask('SetIpAddressType', { LoadBalancerArn, IpAddressType: 'ipv4' })).toEqual({ IpAddressType: 'ipv4' })
  })

  it('of datagrams are reached by IPv4 only', async () => {
    const [SubnetId, VpcId] = [vpc.subnetIds[0], vpc.vpcId]
    await vpc.askEc2('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true })
    const { Vpcs } = await vpc.askEc2('DescribeVpcs', { VpcIds: [VpcId] })
    const Ipv6CidrBlock = Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!.replace('/56', '/64')
    await vpc.askEc2('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock })
    const Subnets = [SubnetId]
    const { LoadBalancerArn } = await vpc.balancer({
      Name: 'n',
      Type: 'network',
      Subnets,
      IpAddressType: 'dualstack',
    })
    const { TargetGroupArn } = await vpc.group({ Protocol: 'TCP_UDP' })
    const listen = (Protocol: 'TCP' | 'UDP', Port: number) =>
      vpc.listener(LoadBalancerArn, { Protocol, Port, DefaultActions: [{ Type: 'forward', TargetGroupArn }] })
    const refused = refusal(
      'InvalidConfigurationRequestException',
      "Listeners with the UDP protocol are not supported for load balancers with the IP address type 'dualstack' that have no IPv6 prefix for source NAT",
    )
    const { ListenerArn } = await listen('TCP', 53)
    await expect(listen('UDP', 54)).rejects.toEqual(refused)
    await expect(ask('ModifyListener', { ListenerArn, Protocol: 'UDP' })).rejects.toEqual(refused)
    await ask('SetIpAddressType', { LoadBalancerArn, IpAddressType: 'ipv4' })
    await ask('ModifyListener', { ListenerArn, Protocol: 'UDP' })
    await expect(ask('SetIpAddressType', { LoadBalancerArn, IpAddressType: 'dualstack' })).rejects.toEqual(refused)
    await expect(ask('SetSubnets', { LoadBalancerArn, Subnets, IpAddressType: 'dualstack' })).rejects.toEqual(refused)
    const noPrefix = { EnablePrefixForIpv6SourceNat: 'on', Subnets } as const
    const told = refusal('InvalidConfigurationRequestException', 'IPv6 prefixes for source NAT are not supported')
    await expect(ask('SetSubnets', { LoadBalancerArn, ...noPrefix, Subnets })).rejects.toEqual(told)
    await expect(vpc.balancer({ Name: 'p', Type: 'network', ...noPrefix, Subnets })).rejects.toEqual(told)
  })

  it('cannot be deleted under it', async () => {
    const { LoadBalancerArn } = await vpc.balancer({ SecurityGroups: [vpc.groupId] })
    const SubnetId = vpc.subnetIds[0]
    await expect(vpc.askEc2('DeleteSubnet', { SubnetId })).rejects.toMatchObject({ code: 'DependencyViolation' })
    await expect(vpc.askEc2('DeleteSecurityGroup', { GroupId: vpc.groupId })).rejects.toMatchObject({
      code: 'DependencyViolation',
    })
    await ask('DeleteLoadBalancer', { LoadBalancerArn })
    await vpc.askEc2('DeleteSubnet', { SubnetId })
    await vpc.askEc2('DeleteSecurityGroup', { GroupId: vpc.groupId })
  })

  it('is fixed for a network load balancer that began without groups', async () => {
    const made = await vpc.balancer({ Type: 'network' })
    await expect(
      ask('SetSecurityGroups', { LoadBalancerArn: made.LoadBalancerArn, SecurityGroups: [vpc.groupId] }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' })
  })
})
