// Internet gateways, the routes to them, and who is public, as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, gateway, group, networkInterface, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('gateways and routes', () => {
  it('lead out of a VPC and are taken apart in the right order', async () => {
    const VpcId = await vpc()
    const SubnetId = await subnet(VpcId)
    const InternetGatewayId = await gateway()
    const RouteTableId = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
    const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }
    await expect(ask('CreateRoute', { ...route, GatewayId: InternetGatewayId })).rejects.toMatchObject({
      message: `route table ${RouteTableId} and network gateway ${InternetGatewayId} belong to different networks`,
    })
    await ask('AttachInternetGateway', { InternetGatewayId, VpcId })
    await expect(ask('AttachInternetGateway', { InternetGatewayId, VpcId })).rejects.toEqual(
      refusal('Resource.AlreadyAssociated', `resource ${InternetGatewayId} is already attached to network ${VpcId}`),
    )
    await expect(ask('AttachInternetGateway', { InternetGatewayId: await gateway(), VpcId })).rejects.toEqual(
      refusal('InvalidParameterValue', `Network ${VpcId} already has an internet gateway attached`),
    )
    await ask('CreateRoute', { ...route, GatewayId: InternetGatewayId })
    await expect(ask('CreateRoute', { ...route, GatewayId: InternetGatewayId })).rejects.toEqual(
      refusal('RouteAlreadyExists', 'The route identified by 0.0.0.0/0 already exists.'),
    )
    const { AssociationId } = await ask('AssociateRouteTable', { RouteTableId, SubnetId })
    expect((await ask('AssociateRouteTable', { RouteTableId, SubnetId })).AssociationId).toBe(AssociationId)
    const other = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
    await expect(ask('AssociateRouteTable', { RouteTableId: other, SubnetId })).rejects.toEqual(
      refusal(
        'Resource.AlreadyAssociated',
        `the specified association for route table ${other} conflicts with an existing association`,
      ),
    )
    await expect(ask('DeleteRouteTable', { RouteTableId })).rejects.toEqual(
      refusal('DependencyViolation', `The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`),
    )
    await expect(ask('DeleteInternetGateway', { InternetGatewayId })).rejects.toEqual(
      refusal(
        'DependencyViolation',
        `The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
      ),
    )
    await ask('DetachInternetGateway', { InternetGatewayId, VpcId })
    const Filters = [{ Name: 'route.state', Values: ['blackhole'] }]
    expect((await ask('DescribeRouteTables', { Filters })).RouteTables).toMatchObject([{ RouteTableId }])
    await ask('DisassociateRouteTable', { AssociationId: AssociationId! })
    await ask('DeleteRoute', route)
    await ask('DeleteRouteTable', { RouteTableId })
    await ask('DeleteInternetGateway', { InternetGatewayId })
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toMatchObject({
      code: 'InvalidInternetGatewayID.NotFound',
    })
  })

  it('are not taken away under a public address, nor where there is none', async () => {
    const VpcId = await vpc()
    const InternetGatewayId = await gateway()
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toEqual(
      refusal('Gateway.NotAttached', `resource ${InternetGatewayId} is not attached to network ${VpcId}`),
    )
    await ask('AttachInternetGateway', { InternetGatewayId, VpcId })
    await networkInterface(await subnet(VpcId), await group(VpcId), true)
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toEqual(
      refusal(
        'DependencyViolation',
        `Network ${VpcId} has some mapped public address(es). ` +
          'Please unmap those public address(es) before detaching the gateway.',
      ),
    )
  })

  it('keep what every VPC needs', async () => {
    const VpcId = await vpc()
    const [main] = (await ask('DescribeRouteTables', {})).RouteTables!
    const RouteTableId = main!.RouteTableId!
    await expect(ask('DeleteRoute', { RouteTableId, DestinationCidrBlock: '10.0.0.0/16' })).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot remove local route 10.0.0.0/16 in route table ${RouteTableId}`),
    )
    await expect(ask('DeleteRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' })).rejects.toEqual(
      refusal('InvalidRoute.NotFound', `no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`),
    )
    await expect(ask('DeleteRouteTable', { RouteTableId })).rejects.toMatchObject({ code: 'DependencyViolation' })
    const AssociationId = main!.Associations![0]!.RouteTableAssociationId!
    await expect(ask('DisassociateRouteTable', { AssociationId })).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot disassociate the main route table association ${AssociationId}`),
    )
    await expect(ask('DisassociateRouteTable', { AssociationId: 'rtbassoc-1' })).rejects.toEqual(
      refusal('InvalidAssociationID.NotFound', "The association ID 'rtbassoc-1' does not exist"),
    )
    await expect(
      ask('CreateRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' }),
    ).rejects.toMatchObject({ code: 'InvalidNatGatewayID.NotFound' })
    expect(VpcId).toBeDefined()
  })
})

describe('network interfaces', () => {
  it('of tasks are shown as requester-managed, attached and public', async () => {
    const VpcId = await vpc()
    const [SubnetId, GroupId] = [await subnet(VpcId), await group(VpcId)]
    const id = await networkInterface(SubnetId, GroupId, true)
    const Filters = [
      { Name: 'requester-managed', Values: ['true'] },
      { Name: 'attachment.status', Values: ['attached'] },
      { Name: 'group-name', Values: ['w*'] },
      { Name: 'association.public-ip', Values: ['198.1?.*'] },
    ]
    const [shown] = (await ask('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces!
    expect(shown).toMatchObject({
      NetworkInterfaceId: id,
      Status: 'in-use',
      SubnetId,
      Groups: [{ GroupId, GroupName: 'web' }],
      Attachment: { Status: 'attached', AttachTime: new Date('2026-01-01T00:00:01Z') },
      PrivateDnsName: expect.stringMatching(/^ip-10-0-1-\d+\.eu-west-1\.compute\.internal$/),
      Association: { PublicDnsName: expect.stringMatching(/^ec2-198-1[89]-.*\.eu-west-1\.compute\.amazonaws\.com$/) },
    })
  })
})
