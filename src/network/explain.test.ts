// Who is named as the one that decided; that the verdicts are true is shown with packets (linux/explain.host.test.ts).

import { describe, expect, it } from 'vitest'
import { explainPath } from './explain.ts'
import type { InterfacePlan, SecurityRule, VpcPlan } from './network.ts'
import type { NetworkSnapshot, PathQuestion } from './path.ts'

const ANY = '0.0.0.0/0'
const all = (id: string): SecurityRule => ({ id, protocol: '-1', cidr: ANY })
const vpc: VpcPlan = {
  id: 'vpc-a',
  cidrs: ['10.0.0.0/16'],
  subnets: [
    {
      id: 'subnet-app',
      cidr: '10.0.1.0/24',
      routeTableId: 'rtb-app',
      routes: [
        { destination: ANY, target: 'nat-1', targetId: 'nat-1' },
        { destination: '192.0.2.0/24', target: 'blackhole', targetId: 'igw-gone' },
      ],
    },
    {
      id: 'subnet-web',
      cidr: '10.0.2.0/24',
      routeTableId: 'rtb-web',
      networkAclId: 'acl-web',
      routes: [{ destination: ANY, target: 'internet-gateway', targetId: 'igw-1' }],
    },
  ],
  natGateways: [{ id: 'nat-1', subnetId: 'subnet-web', publicIp: '198.18.0.100' }],
  networkAcls: [
    {
      id: 'acl-web',
      entries: [
        { ruleNumber: 90, direction: 'ingress', action: 'deny', protocol: 'tcp', fromPort: 22, toPort: 22, cidr: ANY },
        { ruleNumber: 100, direction: 'ingress', action: 'allow', protocol: '-1', cidr: ANY },
        {
          ruleNumber: 100,
          direction: 'egress',
          action: 'allow',
          protocol: 'tcp',
          fromPort: 0,
          toPort: 50_000,
          cidr: ANY,
        },
      ],
    },
  ],
  securityGroups: [
    { id: 'sg-app', ingress: [{ id: 'sgr-db', protocol: '-1', groupId: 'sg-web' }], egress: [all('sgr-out')] },
    {
      id: 'sg-web',
      ingress: [{ id: 'sgr-80', protocol: 'tcp', fromPort: 80, toPort: 80, groupId: 'sg-app' }],
      egress: [all('sgr-webout')],
    },
  ],
}
const eni = (id: string, subnetId: string, privateIp: string, group: string, publicIp?: string): InterfacePlan => ({
  id,
  vpcId: 'vpc-a',
  subnetId,
  privateIp,
  mac: '0a:00:00:00:00:01',
  securityGroupIds: [group],
  ...(publicIp === undefined ? {} : { publicIp }),
})
const snapshot: NetworkSnapshot = {
  vpcs: [vpc],
  interfaces: [
    eni('eni-app', 'subnet-app', '10.0.1.10', 'sg-app'),
    eni('eni-web', 'subnet-web', '10.0.2.10', 'sg-web', '198.18.0.11'),
    eni('eni-bare', 'subnet-web', '10.0.2.11', 'sg-web'),
  ],
  egressAllowed: true,
  hostAddresses: ['203.0.113.7'],
}

const asked = (from: PathQuestion['from'], to: string, port: number, more: Partial<PathQuestion> = {}) =>
  explainPath(snapshot, { from, to, protocol: 'tcp', port, ...more })
const app = { interfaceId: 'eni-app' }

describe('a path', () => {
  it.each<readonly [string, PathQuestion['from'], string, number, readonly unknown[]]>([
    ['no rule of the receiver', app, '10.0.2.10', 443, ['security-group', undefined, undefined]],
    ['an entry of a network ACL', app, '10.0.2.10', 22, ['network-acl', 'acl-web', '90']],
    [
      'the end of a network ACL, for some answers',
      { interfaceId: 'eni-app' },
      '10.0.2.10',
      80,
      ['network-acl', 'acl-web', '*'],
    ],
    ['a black hole', app, '192.0.2.9', 80, ['route', 'rtb-app', '192.0.2.0/24']],
    ['the lack of a public address', { interfaceId: 'eni-bare' }, '198.51.100.7', 80, ['gateway', 'igw-1', undefined]],
    ['nobody there', app, '10.0.2.99', 80, ['interface', undefined, undefined]],
    ['the machine itself', app, '203.0.113.7', 80, ['host', undefined, undefined]],
    ['a private address outside', app, '192.168.1.1', 80, ['host', undefined, undefined]],
    ['a NAT gateway from outside', { interfaceId: 'eni-web' }, '198.18.0.100', 80, ['gateway', 'nat-1', undefined]],
    ['a router that has no such service', app, '10.0.0.2', 80, ['router', undefined, undefined]],
    ['a group, to the outside', 'host', '198.18.0.11', 80, ['security-group', undefined, undefined]],
    [
      'an interface that is not there',
      { interfaceId: 'eni-gone' },
      '10.0.2.10',
      80,
      ['interface', undefined, undefined],
    ],
    ['IPv6 that the sender has not', app, '2001:db8::1', 80, ['interface', undefined, undefined]],
  ])('is stopped by %s', (_what, from, to, port, [by, id, what]) => {
    const { allowed, steps } = asked(from, to, port)
    expect(allowed).toBe(false)
    expect(steps.at(-1)).toMatchObject({
      passes: false,
      asked: by,
      ...(id === undefined ? {} : { id }),
      ...(what === undefined ? {} : { by: what }),
    })
    expect(steps.slice(0, -1).every(({ passes }) => passes)).toBe(true)
  })

  it('is told in the order in which the packet goes, and its answers back', () => {
    const open = { ...vpc, networkAcls: [{ id: 'acl-web', entries: vpc.networkAcls![0]!.entries.map(widened) }] }
    const { allowed, steps } = explainPath(
      { ...snapshot, vpcs: [open] },
      { from: app, to: '198.51.100.7', protocol: 'tcp', port: 443 },
    )
    expect(allowed).toBe(true)
    expect(steps.map(({ way, asked: who, id, by }) => [way, who, id, by].filter(Boolean).join(' '))).toEqual([
      'there security-group sg-app sgr-out',
      'there route rtb-app 0.0.0.0/0',
      'there network-acl acl-web 100',
      'there gateway nat-1',
      'there network-acl acl-web 100',
      'there route rtb-web 0.0.0.0/0',
      'there host',
      'back network-acl acl-web 100',
      'back network-acl acl-web 100',
    ])
  })

  it('of one subnet asks no network ACL, and to the router no group', () => {
    const within = asked({ interfaceId: 'eni-bare' }, '10.0.2.10', 80)
    expect(within.steps.map(({ asked: who }) => who)).toEqual(['security-group', 'route', 'security-group'])
    expect(asked(app, '10.0.0.2', 53, { protocol: 'udp' })).toMatchObject({
      allowed: true,
      steps: [{ asked: 'router' }],
    })
  })

  it('leaves by no gateway when egress is off, and lets only the host in', () => {
    const off = { ...snapshot, egressAllowed: false }
    const out = explainPath(off, { from: app, to: '198.51.100.7', protocol: 'tcp', port: 443 })
    expect(out.steps.at(-1)).toMatchObject({ asked: 'host', passes: false })
    const from = { outside: '198.51.100.7' }
    expect(explainPath(off, { from, to: '198.18.0.11', protocol: 'tcp', port: 80 }).steps).toMatchObject([
      { asked: 'host', passes: false },
    ])
    expect(explainPath(off, { from: 'host', to: '198.18.0.11', protocol: 'tcp', port: 80 }).steps[0]).toMatchObject({
      asked: 'route',
      passes: true,
    })
  })
})

const widened = (entry: NonNullable<VpcPlan['networkAcls']>[number]['entries'][number]) =>
  entry.direction === 'egress' ? { ...entry, toPort: 65_535 } : entry
