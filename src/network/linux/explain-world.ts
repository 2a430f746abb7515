// For host tests only: VPCs, interfaces and questions drawn from a seed, so that explanations and packets can be compared.

import type { Random } from '#base/random.ts'
import { INTERNET, INTERNET_IPV6 } from '../conformance-world.ts'
import type {
  InterfacePlan,
  IpProtocol,
  NetworkAclEntry,
  NetworkAclPlan,
  RoutePlan,
  SecurityGroupPlan,
  SecurityRule,
  SubnetPlan,
  VpcPlan,
} from '../network.ts'
import type { PathQuestion } from '../path.ts'

export const SUBNETS_PER_VPC = 4
const INTERFACES_PER_SUBNET = 3
const GROUPS = ['sg-0', 'sg-1', 'sg-2', 'sg-3']
const ACLS = ['acl-0', 'acl-1']
/** Private for everyone, so that nothing must leave for it. */
const LAN_BEHIND_INTERNET = '192.168.9.9'
const ANY = '0.0.0.0/0'
const ANY_IPV6 = '::/0'
const EVERYTHING: SecurityRule = { protocol: '-1', cidr: ANY }
const EVERYTHING_IPV6: SecurityRule = { protocol: '-1', cidr: ANY_IPV6 }

export const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random.fraction() * all.length)] as T
const some = <T>(random: Random, all: readonly T[], chance: number): T[] => all.filter(() => random.fraction() < chance)
const times = <T>(random: Random, most: number, of: (at: number) => T): T[] =>
  Array.from({ length: Math.floor(random.fraction() * (most + 1)) }, (_, at) => of(at))

interface Ported {
  readonly protocol: IpProtocol
  readonly fromPort?: number
  readonly toPort?: number
}

const drawnPorts = (random: Random): Ported =>
  pick<Ported>(random, [
    { protocol: '-1' },
    { protocol: 'tcp', fromPort: 80, toPort: 80 },
    { protocol: '6', fromPort: 79, toPort: 81 },
    { protocol: 'tcp', fromPort: 0, toPort: 65_535 },
    { protocol: 'udp', fromPort: 1, toPort: 400 },
    { protocol: 'icmp', fromPort: -1, toPort: -1 },
    { protocol: 'icmp', fromPort: 8, toPort: -1 },
    { protocol: 'icmpv6', fromPort: -1, toPort: -1 },
  ])

const drawnIpv6Block = (random: Random): string => pick(random, [ANY_IPV6, '2001:db8::/32', '3fff::/20'])

const drawnBlock = (random: Random): string =>
  pick(random, [ANY, ANY, '10.0.0.0/16', '10.0.1.0/24', '10.0.2.0/23', '198.18.0.0/15', '198.51.100.0/24'])

const drawnRule = (random: Random): SecurityRule => ({
  ...drawnPorts(random),
  ...pick<Partial<SecurityRule>>(random, [
    { cidr: drawnBlock(random) },
    { cidr: drawnIpv6Block(random) },
    { groupId: pick(random, GROUPS) },
    { cidrs: [drawnBlock(random), '10.0.0.0/25'] },
  ]),
})

const drawnGroup = (random: Random, id: string): SecurityGroupPlan => ({
  id,
  ingress: times(random, 3, () => drawnRule(random)).concat(
    random.fraction() < 0.3 ? [EVERYTHING, EVERYTHING_IPV6] : [],
  ),
  egress: random.fraction() < 0.7 ? [EVERYTHING, EVERYTHING_IPV6] : times(random, 3, () => drawnRule(random)),
})

/** A few that differ, and often all for the rest; no port in the middle of those that answers go to. */
const drawnEntries = (random: Random, direction: 'ingress' | 'egress'): NetworkAclEntry[] => {
  const drawn = times(random, 2, (at): NetworkAclEntry => {
    const action = random.fraction() < 0.5 ? 'allow' : 'deny'
    const cidr = random.fraction() < 0.3 ? drawnIpv6Block(random) : drawnBlock(random)
    return { ruleNumber: 100 + at, direction, action, ...drawnPorts(random), cidr }
  })
  const answers = { protocol: 'tcp', fromPort: 1024, toPort: 65_535 } as const
  const last = pick<Ported | undefined>(random, [{ protocol: '-1' }, { protocol: '-1' }, answers, undefined])
  const both = last === undefined ? [] : [ANY, ANY_IPV6]
  return [...drawn, ...both.map((cidr) => ({ ruleNumber: 200, direction, action: 'allow' as const, ...last!, cidr }))]
}

const drawnAcl = (random: Random, id: string): NetworkAclPlan => ({
  id,
  entries: [...drawnEntries(random, 'ingress'), ...drawnEntries(random, 'egress')],
})

const drawnRoutes = (random: Random): RoutePlan[] => {
  const way = pick<RoutePlan['target'] | undefined>(random, [
    'internet-gateway',
    'internet-gateway',
    'nat-1',
    undefined,
  ])
  const longer = (['198.51.100.0/24', '198.18.0.0/15', '169.254.64.0/18'] as const).flatMap((destination) =>
    random.fraction() < 0.2
      ? [{ destination, target: pick<RoutePlan['target']>(random, ['blackhole', 'internet-gateway', 'nat-1']) }]
      : [],
  )
  const six = pick<RoutePlan['target'] | undefined>(random, [
    'internet-gateway',
    'internet-gateway',
    'egress-only-internet-gateway',
    undefined,
  ])
  return [
    ...(way === undefined ? [] : [{ destination: ANY, target: way }]),
    ...(six === undefined ? [] : [{ destination: ANY_IPV6, target: six }]),
    ...(random.fraction() < 0.1 ? [{ destination: '3fff::/48', target: 'blackhole' as const }] : []),
    ...longer,
  ]
}

/** The block of a VPC, less its last 72 bits. */
const ipv6Net = (vpcId: string): string => `2001:db8:${vpcId === 'vpc-a' ? 'a' : 'b'}`

export const drawnVpc = (random: Random, id: string, natIp: string): VpcPlan => {
  const subnets = Array.from({ length: SUBNETS_PER_VPC }, (_, at): SubnetPlan => {
    const acl = pick(random, [undefined, undefined, ...ACLS])
    return {
      id: `subnet-${at}`,
      cidr: `10.0.${at}.0/24`,
      ipv6Cidr: `${ipv6Net(id)}:${at}::/64`,
      routes: drawnRoutes(random),
      ...(acl === undefined ? {} : { networkAclId: acl }),
    }
  })
  return {
    id,
    cidrs: ['10.0.0.0/16'],
    ipv6Cidrs: [`${ipv6Net(id)}::/56`],
    subnets,
    natGateways: [{ id: 'nat-1', subnetId: pick(random, subnets).id, publicIp: natIp }],
    securityGroups: GROUPS.map((group) => drawnGroup(random, group)),
    networkAcls: ACLS.map((acl) => drawnAcl(random, acl)),
  }
}

/** Where interfaces stand; their groups and public addresses are drawn anew for every world. */
export const drawnInterfaces = (random: Random, vpcId: string): InterfacePlan[] =>
  Array.from({ length: SUBNETS_PER_VPC * INTERFACES_PER_SUBNET }, (_, number) => {
    const [subnet, host] = [number % SUBNETS_PER_VPC, 10 + number]
    const tenant = vpcId === 'vpc-a' ? 10 : 60
    return {
      id: `eni-${vpcId.slice(4)}${number}`,
      vpcId,
      subnetId: `subnet-${subnet}`,
      privateIp: `10.0.${subnet}.${host}`,
      mac: `0a:00:00:00:00:${host.toString(16).padStart(2, '0')}`,
      securityGroupIds: some(random, GROUPS, 0.5),
      ...(number % 4 < 3 ? { ipv6Address: `${ipv6Net(vpcId)}:${subnet}::${host}` } : {}),
      ...(number % 2 === 0 ? { publicIp: `198.18.0.${tenant + number}` } : {}),
    }
  })

export interface DrawnWorld {
  readonly vpcs: readonly VpcPlan[]
  readonly interfaces: readonly InterfacePlan[]
}

const drawnService = (random: Random): Pick<PathQuestion, 'protocol' | 'port'> =>
  pick(random, [
    { protocol: 'tcp', port: 80 },
    { protocol: 'tcp', port: 80 },
    { protocol: 'tcp', port: 443 },
    { protocol: 'udp', port: 80 },
    { protocol: 'icmp', port: 8 },
  ])

/** The places outside that packets may come from, and whose addresses packets may be for. */
export interface Outside {
  readonly host: string
  readonly internet: string
  readonly internetIpv6: string
}

const drawnIpv6Question = (random: Random, { interfaces }: DrawnWorld, outside: Outside): PathQuestion => {
  const service = pick<Pick<PathQuestion, 'protocol' | 'port'>>(random, [
    { protocol: 'tcp', port: 80 },
    { protocol: 'icmp', port: 128 },
  ])
  const shown = pick(random, interfaces).ipv6Address ?? '2001:db8:a:1::99'
  const away = random.fraction()
  if (away < 0.15) return { from: 'host', to: shown, ...service }
  if (away < 0.25) return { from: { outside: outside.internetIpv6 }, to: shown, ...service }
  const from = { interfaceId: pick(random, interfaces).id }
  return { from, to: away < 0.7 ? shown : away < 0.95 ? INTERNET_IPV6 : 'fd00:99::1', ...service }
}

const isPublic = ({ publicIp }: InterfacePlan): boolean => publicIp !== undefined

/** Mostly between interfaces of one VPC; also out, in, across VPCs, and to what nobody has. */
export const drawnQuestion = (random: Random, world: DrawnWorld, outside: Outside): PathQuestion => {
  if (random.fraction() < 0.25) return drawnIpv6Question(random, world, outside)
  const { vpcs, interfaces } = world
  const service = drawnService(random)
  const shown = pick(random, interfaces.filter(isPublic)).publicIp ?? ''
  const away = random.fraction()
  if (away < 0.08) return { from: 'host', to: shown, ...service }
  if (away < 0.16) return { from: { outside: outside.internet }, to: shown, ...service }
  const from = pick(random, interfaces)
  const inside = pick(
    random,
    interfaces.filter(({ vpcId }) => vpcId === from.vpcId),
  ).privateIp
  const seldom = pick(random, [
    LAN_BEHIND_INTERNET,
    outside.host,
    '10.0.0.250',
    '10.0.0.1',
    '10.7.0.1',
    vpcs[0]?.natGateways?.[0]?.publicIp ?? '',
  ])
  const to = away < 0.6 ? inside : away < 0.78 ? INTERNET : away < 0.93 ? shown : seldom
  const known = to === INTERNET && service.port === 443 ? ({ protocol: 'tcp', port: 80 } as const) : service
  return { from: { interfaceId: from.id }, to, ...known }
}
