// An application load balancer as it is recorded, for tests of its controllers: in two zones, with one listener at port 80
// that forwards to one group; and a request that it has answered.

import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord, ZoneAddress } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { HEALTH, type TargetRecord } from '#apis/elbv2/model/target.ts'
import { listenerArn, listenerRuleArn, loadBalancerArn, targetGroupArn } from '#aws/arn.ts'
import type { LoggedConnection, LoggedRequest } from '#dataplane/balancer/balancer.ts'

export const SCOPE = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
export const BALANCER_PATH = 'app/web/0123456789abcdef'
export const CREATED_AT = '2026-01-01T00:00:00Z'
const LISTENER_ID = 'bbbbbbbbbbbbbbbb'

/** Still to be provisioned. */
export const balancerRow: LoadBalancerRecord = {
  arn: loadBalancerArn(SCOPE, BALANCER_PATH),
  scope: SCOPE,
  name: 'web',
  id: '0123456789abcdef',
  type: 'application',
  scheme: 'internet-facing',
  vpcId: 'vpc-1',
  dnsName: 'web-1234567890.eu-west-1.elb.amazonaws.com',
  createdAt: CREATED_AT,
  tags: [],
  spec: {
    subnets: [
      { subnetId: 'subnet-a', availabilityZone: 'eu-west-1a' },
      { subnetId: 'subnet-b', availabilityZone: 'eu-west-1b' },
    ],
    securityGroupIds: ['sg-1'],
    ipAddressType: 'ipv4',
    attributes: {},
    deleteRequested: false,
  },
  status: { state: 'provisioning', addresses: [] },
}

const addressIn = (zone: string, last: number): ZoneAddress => ({
  subnetId: `subnet-${zone}`,
  availabilityZone: `eu-west-1${zone}`,
  networkInterfaceId: `eni-${zone}`,
  privateIp: `10.0.0.${last}`,
  publicIp: `198.18.0.${last}`,
})

export const activeBalancerRow = (attributes: Readonly<Record<string, string>> = {}): LoadBalancerRecord => ({
  ...balancerRow,
  spec: { ...balancerRow.spec, attributes },
  status: { state: 'active', addresses: [addressIn('a', 5), addressIn('b', 6)] },
})

export const groupRow: TargetGroupRecord = {
  arn: targetGroupArn(SCOPE, 'api', 'aaaaaaaaaaaaaaaa'),
  scope: SCOPE,
  name: 'api',
  id: 'aaaaaaaaaaaaaaaa',
  targetType: 'ip',
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  port: 80,
  vpcId: 'vpc-1',
  ipAddressType: 'ipv4',
  createdAt: CREATED_AT,
  tags: [],
  spec: {
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    attributes: { 'deregistration_delay.timeout_seconds': '30' },
  },
}

export const listenerRow: ListenerRecord = {
  arn: listenerArn(SCOPE, BALANCER_PATH, LISTENER_ID),
  scope: SCOPE,
  loadBalancerArn: balancerRow.arn,
  id: LISTENER_ID,
  defaultRuleArn: listenerRuleArn(SCOPE, BALANCER_PATH, LISTENER_ID, 'cccccccccccccccc'),
  createdAt: CREATED_AT,
  tags: [],
  spec: {
    protocol: 'HTTP',
    port: 80,
    certificateArns: [],
    defaultActions: [{ type: 'forward', targetGroups: [{ arn: groupRow.arn, weight: 1 }] }],
    attributes: {},
  },
}

export const targetRow = (id: string, availabilityZone = 'eu-west-1a'): TargetRecord => ({
  targetGroupArn: groupRow.arn,
  scope: SCOPE,
  id,
  port: 80,
  availabilityZone,
  spec: { registeredAt: CREATED_AT },
  status: { ...HEALTH.notInUse, since: CREATED_AT },
})

/** Answered with 200 by a target of the group, in zone a. */
export const loggedRequestRow: LoggedRequest = {
  id: '1-1-1',
  connection: '0123456789abcdef0123456789abcdef',
  connectedAt: 940,
  receivedAt: 950,
  endedAt: 1000,
  handshakeMilliseconds: 0,
  headerMilliseconds: 0,
  queueMilliseconds: 0,
  connectMilliseconds: 1,
  targetMilliseconds: 48,
  client: { address: '192.168.131.39', port: 2817 },
  listenerId: LISTENER_ID,
  door: 0,
  port: 80,
  groupId: groupRow.id,
  target: { address: '10.0.0.1', port: 8080 },
  status: 200,
  targetStatus: 200,
  receivedBytes: 34,
  sentBytes: 366,
  rule: 1,
}

/** By TLS to a network load balancer. */
export const loggedConnectionRow: LoggedConnection = {
  id: 'c-1',
  startedAt: 995,
  endedAt: 1000,
  handshakeMilliseconds: 2,
  client: { address: '72.21.218.154', port: 51341 },
  destination: { address: '172.100.100.185', port: 443 },
  listenerId: 'g3d4b5e8bb8464cd',
  door: 0,
  receivedBytes: 98,
  sentBytes: 246,
  cipher: 'ECDHE-RSA-AES128-SHA',
  tlsProtocol: 'TLSv1.2',
  certificateSha1: 'AB12',
  serverName: 'db.example.com',
  alpn: 'h2',
}
