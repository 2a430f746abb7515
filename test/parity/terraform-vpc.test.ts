// Goal: Terraform makes a VPC over three zones as people really write it, finds nothing to change, and takes it away.
// Method: one instance, the real program and AWS provider; what it made is read back over the API.

import { DescribeRouteTablesCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2'
import { expect, it } from 'vitest'
import { terraformed } from '#test/terraformed.ts'

/** A bound on a test that hangs: it takes about a minute, most of which Terraform spends in pauses of its own. */
const TIMEOUT_MS = 300_000

const world = terraformed(TIMEOUT_MS)

const CONFIGURATION = `
locals {
  zones = ["a", "b", "c"]
}

data "aws_region" "current" {}

resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "three-zones" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  count                   = 3
  vpc_id                  = aws_vpc.main.id
  cidr_block              = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone       = "\${data.aws_region.current.name}\${local.zones[count.index]}"
  map_public_ip_on_launch = true
  tags                    = { Name = "public-\${local.zones[count.index]}" }
}

resource "aws_subnet" "private" {
  count             = 3
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, 100 + count.index)
  availability_zone = "\${data.aws_region.current.name}\${local.zones[count.index]}"
}

resource "aws_eip" "nat" {
  domain     = "vpc"
  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public[0].id
  depends_on    = [aws_internet_gateway.main]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}

resource "aws_route_table_association" "public" {
  count          = 3
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  count          = 3
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "the load balancer"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "app" {
  name        = "app"
  description = "the tasks"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "app_from_web" {
  security_group_id            = aws_security_group.app.id
  referenced_security_group_id = aws_security_group.web.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_vpc_security_group_egress_rule" "app_out" {
  security_group_id = aws_security_group.app.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_security_group" "monitor" {
  name        = "monitor"
  description = "looks at both"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group_rule" "monitor_from_app" {
  type                     = "ingress"
  security_group_id        = aws_security_group.monitor.id
  source_security_group_id = aws_security_group.app.id
  protocol                 = "tcp"
  from_port                = 9090
  to_port                  = 9090
}

resource "aws_vpc_security_group_ingress_rule" "app_from_monitor" {
  security_group_id            = aws_security_group.app.id
  referenced_security_group_id = aws_security_group.monitor.id
  ip_protocol                  = "tcp"
  from_port                    = 9090
  to_port                      = 9091
}
`

const ownVpc = async (): Promise<string | undefined> => {
  const Filters = [{ Name: 'tag:Name', Values: ['three-zones'] }]
  return (await world.instance.ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs?.[0]?.VpcId
}

it(
  'applies, has nothing to change, and destroys',
  async () => {
    expect(await world.apply(CONFIGURATION)).toContain('26 added, 0 changed, 0 destroyed')

    const vpcId = (await ownVpc())!
    const Filters = [{ Name: 'vpc-id', Values: [vpcId] }]
    const tables = (await world.instance.ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables ?? []
    const ways = tables.flatMap(({ Routes, Associations }) =>
      (Routes ?? [])
        .filter((route) => route.DestinationCidrBlock === '0.0.0.0/0')
        .map((route) => ({
          by: (route.GatewayId ?? route.NatGatewayId)?.split('-')[0],
          state: route.State,
          subnets: Associations?.length,
        })),
    )
    expect(ways).toHaveLength(2)
    expect(ways).toContainEqual({ by: 'igw', state: 'active', subnets: 3 })
    expect(ways).toContainEqual({ by: 'nat', state: 'active', subnets: 3 })

    await world.expectNoChange()

    expect(await world.destroy()).toContain('26 destroyed')
    expect(await ownVpc()).toBeUndefined()
  },
  TIMEOUT_MS,
)
