// Target groups and their targets as a caller sees them.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Checked } from '#aws/operation.ts'
import { type BalancedVpc, balancedVpc } from '#test/balanced-vpc.ts'
import { codeMismatch, HEALTH, type TargetHealth } from './model/target.ts'
import { targets } from './tables.ts'
import { refusal } from '#test/refusal.ts'

let vpc: BalancedVpc
beforeEach(async () => {
  vpc = await balancedVpc()
})
const ask: BalancedVpc['ask'] = (name, input) => vpc.ask(name, input)
type Wish = Partial<Checked<sdk.CreateTargetGroupInput>>

describe('creating a target group', () => {
  it('fills in AWS’s defaults for HTTP', async () => {
    const made = await vpc.group({ Name: 'web', Port: 8080 })
    expect(made).toEqual({
      TargetGroupArn: expect.stringMatching(/:targetgroup\/web\/[0-9a-f]{16}$/),
      TargetGroupName: 'web',
      Protocol: 'HTTP',
      ProtocolVersion: 'HTTP1',
      Port: 8080,
      VpcId: vpc.vpcId,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [],
      TargetType: 'ip',
      IpAddressType: 'ipv4',
    })
  })

  it.each<[string, Wish, object]>([
    ['gRPC', { ProtocolVersion: 'GRPC' }, { HealthCheckPath: '/AWS.ALB/healthcheck', Matcher: { GrpcCode: '12' } }],
    [
      'TCP',
      { Protocol: 'TCP' },
      { HealthCheckProtocol: 'TCP', HealthCheckTimeoutSeconds: 10, HealthCheckIntervalSeconds: 30 },
    ],
    [
      'TCP checked by HTTP',
      { Protocol: 'TCP', HealthCheckProtocol: 'HTTP' },
      { HealthCheckTimeoutSeconds: 6, HealthCheckPath: '/', Matcher: { HttpCode: '200-399' } },
    ],
    [
      'functions',
      { TargetType: 'lambda' },
      { HealthCheckEnabled: false, HealthCheckIntervalSeconds: 35, HealthCheckTimeoutSeconds: 30 },
    ],
    ['texts without a word', { ProtocolVersion: '', HealthCheckPath: '' }, { ProtocolVersion: 'HTTP1' }],
  ])('fills in AWS’s defaults for %s', async (_, wish, expected) => {
    expect(await vpc.group(wish)).toMatchObject(expected)
  })

  it('shows no path or matcher of a connection check, and no port of functions', async () => {
    const tcp = await vpc.group({ Protocol: 'TCP' })
    expect(tcp).not.toHaveProperty('HealthCheckPath')
    expect(tcp).not.toHaveProperty('Matcher')
    expect(tcp).not.toHaveProperty('ProtocolVersion')
    const functions = await vpc.group({ TargetType: 'lambda' })
    for (const member of ['Port', 'Protocol', 'VpcId', 'HealthCheckPort']) expect(functions).not.toHaveProperty(member)
  })

  it('gives the same group when asked for the same again, and refuses another one of the name', async () => {
    const made = await vpc.group({ Name: 'web' })
    expect(await vpc.group({ Name: 'web' })).toEqual(made)
    await expect(vpc.group({ Name: 'web', Port: 81 })).rejects.toEqual(
      refusal(
        'DuplicateTargetGroupNameException',
        "A target group with the same name 'web' exists, but with different settings",
      ),
    )
  })

  it.each<[Wish, string, string]>([
    [{ Protocol: undefined }, 'ValidationError', 'A protocol must be specified'],
    [{ Port: undefined }, 'ValidationError', 'A port must be specified'],
    [{ VpcId: undefined }, 'ValidationError', 'A VPC ID must be specified'],
    [{ VpcId: 'vpc-00000000000000000' }, 'ValidationError', "The VPC ID 'vpc-00000000000000000' is not found"],
    [
      { Protocol: 'GENEVE' },
      'ValidationError',
      "Target group protocol 'GENEVE' must be one of 'HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP'",
    ],
    [{ ProtocolVersion: 'HTTP3' }, 'ValidationError', "Protocol version 'HTTP3' must be one of 'HTTP1, HTTP2, GRPC'"],
    [
      { Protocol: 'TCP', ProtocolVersion: 'HTTP2' },
      'InvalidConfigurationRequestException',
      'Protocol version is not supported for target groups with the TCP protocol',
    ],
    [
      { TargetType: 'alb' },
      'InvalidConfigurationRequestException',
      "Protocol 'HTTP' is not supported for target groups with target type 'alb'",
    ],
    [{ HealthCheckProtocol: 'TCP' }, 'ValidationError', "Health check protocol 'TCP' must be one of 'HTTPS, HTTP'"],
    [
      { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 },
      'ValidationError',
      'Health check interval must be greater than the timeout.',
    ],
    [
      { HealthCheckEnabled: false },
      'InvalidConfigurationRequestException',
      "Health check enabled must be true for target groups with target type 'ip'",
    ],
    [{ HealthCheckPath: 'x' }, 'ValidationError', "Health check path 'x' must begin with a '/' character"],
    [
      { HealthCheckPath: '/x\r\nHost: y' },
      'ValidationError',
      "Health check path '/x\r\nHost: y' contains a character that is not valid",
    ],
    [
      { HealthCheckPort: '70000' },
      'ValidationError',
      "Health check port '70000' must be in the range 1-65535 or 'traffic-port'",
    ],
    [
      { Matcher: { HttpCode: '200-600' } },
      'ValidationError',
      "Health check matcher HTTP code '200-600' must be within '200-499' inclusive",
    ],
    [
      { Matcher: { HttpCode: 'ok' } },
      'ValidationError',
      "Health check matcher HTTP code 'ok' must be a code, a list or a range of codes",
    ],
    [{ Matcher: { GrpcCode: '0' } }, 'ValidationError', 'A HTTP code must be specified in the matcher'],
    [
      { Protocol: 'TCP', HealthCheckPath: '/x' },
      'InvalidConfigurationRequestException',
      'Health checks with the TCP protocol have neither a path nor a matcher',
    ],
    [
      { TargetType: 'lambda', Port: 80 },
      'ValidationError',
      "Protocol, port and VPC ID cannot be specified for target groups with target type 'lambda'",
    ],
    [{ Name: 'a b' }, 'ValidationError', expect.stringContaining('alphanumeric') as unknown as string],
  ])('refuses %j', async (wish, code, message) => {
    await expect(vpc.group(wish)).rejects.toEqual(refusal(code, message))
  })

  it('takes a connection check that lasts as long as its interval', async () => {
    const wish = { Protocol: 'TCP', HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 10 } as const
    expect((await vpc.group(wish)).HealthCheckTimeoutSeconds).toBe(10)
  })
})

describe('a target group', () => {
  it('is found by ARN, by name and by its load balancer', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const used = await vpc.group({ Name: 'used' })
    const weighted = await vpc.group({ Name: 'weighted' })
    await vpc.group({ Name: 'unused' })
    const { ListenerArn } = await vpc.listener(LoadBalancerArn, {
      DefaultActions: [{ Type: 'forward', TargetGroupArn: used.TargetGroupArn }],
    })
    await ask('CreateRule', {
      ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: weighted.TargetGroupArn }],
    })
    const names = async (input: object) =>
      new Set((await ask('DescribeTargetGroups', input)).TargetGroups!.map((one) => one.TargetGroupName))
    expect(await names({})).toEqual(new Set(['unused', 'used', 'weighted']))
    expect(await names({ LoadBalancerArn })).toEqual(new Set(['used', 'weighted']))
    expect(await names({ Names: ['unused'] })).toEqual(new Set(['unused']))
    expect(await names({ TargetGroupArns: [used.TargetGroupArn] })).toEqual(new Set(['used']))
    const [shown] = (await ask('DescribeTargetGroups', { Names: ['weighted'] })).TargetGroups!
    expect(shown!.LoadBalancerArns).toEqual([LoadBalancerArn])
    await expect(names({ Names: ['none'] })).rejects.toEqual(
      refusal('TargetGroupNotFoundException', 'One or more target groups not found'),
    )
  })

  it('changes its health check, and nothing else', async () => {
    const made = await vpc.group({ Protocol: 'TCP' })
    const { TargetGroupArn } = made
    const change = async (input: object) =>
      (await ask('ModifyTargetGroup', { TargetGroupArn, ...input })).TargetGroups![0]!
    expect(await change({ HealthyThresholdCount: 3 })).toEqual({ ...made, HealthyThresholdCount: 3 })
    expect(await change({ HealthCheckProtocol: 'HTTP', HealthCheckPath: '/up' })).toMatchObject({
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: '/up',
      Matcher: { HttpCode: '200-399' },
      HealthyThresholdCount: 3,
    })
    const back = await change({ HealthCheckProtocol: 'TCP' })
    expect(back).not.toHaveProperty('HealthCheckPath')
    await expect(change({ HealthCheckIntervalSeconds: 5 })).rejects.toMatchObject({ code: 'ValidationError' })
  })

  it('cannot be deleted while a listener or a rule sends requests to it; deleting it twice does no harm', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const { TargetGroupArn } = await vpc.group()
    const { ListenerArn } = await vpc.listener(LoadBalancerArn, {
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    })
    await expect(ask('DeleteTargetGroup', { TargetGroupArn })).rejects.toEqual(
      refusal('ResourceInUseException', `Target group '${TargetGroupArn}' is currently in use by a listener or a rule`),
    )
    await ask('DeleteListener', { ListenerArn })
    await ask('DeleteTargetGroup', { TargetGroupArn })
    await ask('DeleteTargetGroup', { TargetGroupArn })
    await expect(ask('DescribeTargetGroups', { TargetGroupArns: [TargetGroupArn] })).rejects.toMatchObject({
      code: 'TargetGroupNotFoundException',
    })
  })
})

describe('attributes of target groups', () => {
  const attributes = async (TargetGroupArn: string) =>
    Object.fromEntries(
      (await ask('DescribeTargetGroupAttributes', { TargetGroupArn })).Attributes!.map((one) => [one.Key, one.Value]),
    )
  const set = (TargetGroupArn: string, Key: string, Value: string) =>
    ask('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes: [{ Key, Value }] })

  it('have AWS’s defaults, for each kind its own', async () => {
    const health = 'target_group_health'
    const shared = {
      'deregistration_delay.timeout_seconds': '300',
      'stickiness.enabled': 'false',
      'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
      [`${health}.dns_failover.minimum_healthy_targets.count`]: '1',
      [`${health}.dns_failover.minimum_healthy_targets.percentage`]: 'off',
      [`${health}.unhealthy_state_routing.minimum_healthy_targets.count`]: '1',
      [`${health}.unhealthy_state_routing.minimum_healthy_targets.percentage`]: 'off',
    }
    expect(await attributes((await vpc.group()).TargetGroupArn)).toEqual({
      ...shared,
      'stickiness.type': 'lb_cookie',
      'stickiness.lb_cookie.duration_seconds': '86400',
      'stickiness.app_cookie.cookie_name': '',
      'stickiness.app_cookie.duration_seconds': '86400',
      'slow_start.duration_seconds': '0',
      'load_balancing.algorithm.type': 'round_robin',
      'load_balancing.algorithm.anomaly_mitigation': 'off',
    })
    expect(await attributes((await vpc.group({ Protocol: 'TCP' })).TargetGroupArn)).toEqual({
      ...shared,
      'stickiness.type': 'source_ip',
      'deregistration_delay.connection_termination.enabled': 'false',
      'proxy_protocol_v2.enabled': 'false',
      'preserve_client_ip.enabled': 'false',
      'target_health_state.unhealthy.connection_termination.enabled': 'true',
      'target_health_state.unhealthy.draining_interval_seconds': '0',
    })
    expect(await attributes((await vpc.group({ Protocol: 'UDP' })).TargetGroupArn)).toMatchObject({
      'preserve_client_ip.enabled': 'true',
      'deregistration_delay.connection_termination.enabled': 'true',
    })
  })

  it.each([
    ['HTTP', 'nonsense', 'x', 'ValidationError', "Target group attribute key 'nonsense' is not recognized"],
    [
      'HTTP',
      'deregistration_delay.timeout_seconds',
      '3601',
      'ValidationError',
      "Target group attribute value '3601' is not valid for the key 'deregistration_delay.timeout_seconds'",
    ],
    [
      'HTTP',
      'slow_start.duration_seconds',
      '29',
      'ValidationError',
      "Target group attribute value '29' is not valid for the key 'slow_start.duration_seconds'",
    ],
    [
      'TCP',
      'stickiness.type',
      'lb_cookie',
      'InvalidConfigurationRequestException',
      "Stickiness type 'lb_cookie' is not supported for target groups with the TCP protocol",
    ],
    [
      'TCP',
      'slow_start.duration_seconds',
      '30',
      'InvalidConfigurationRequestException',
      'The provided target group attribute is not supported',
    ],
    [
      'UDP',
      'preserve_client_ip.enabled',
      'false',
      'InvalidConfigurationRequestException',
      'Client IP preservation cannot be disabled for target groups with the UDP protocol',
    ],
    [
      'HTTP',
      'load_balancing.algorithm.anomaly_mitigation',
      'on',
      'InvalidConfigurationRequestException',
      'Anomaly mitigation is supported with the weighted random algorithm only',
    ],
    [
      'HTTP',
      'stickiness.app_cookie.cookie_name',
      'AWSALB-x',
      'ValidationError',
      "Target group attribute value 'AWSALB-x' is not valid for the key 'stickiness.app_cookie.cookie_name'",
    ],
  ] as const)('of %s refuse %s = %s', async (Protocol, key, value, code, message) => {
    const { TargetGroupArn } = await vpc.group({ Protocol })
    await expect(set(TargetGroupArn, key, value)).rejects.toEqual(refusal(code, message))
  })

  it('refuse what does not go together', async () => {
    const { TargetGroupArn } = await vpc.group()
    await set(TargetGroupArn, 'slow_start.duration_seconds', '30')
    await expect(
      set(TargetGroupArn, 'load_balancing.algorithm.type', 'least_outstanding_requests'),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' })
    await set(TargetGroupArn, 'stickiness.enabled', 'true')
    await expect(set(TargetGroupArn, 'stickiness.type', 'app_cookie')).rejects.toMatchObject({
      code: 'InvalidConfigurationRequestException',
    })
    expect(await attributes(TargetGroupArn)).toMatchObject({
      'slow_start.duration_seconds': '30',
      'stickiness.type': 'lb_cookie',
    })
  })
})

describe('targets', () => {
  let TargetGroupArn: string
  const register = (...Targets: Checked<sdk.TargetDescription>[]) => ask('RegisterTargets', { TargetGroupArn, Targets })
  const deregister = (...Targets: Checked<sdk.TargetDescription>[]) =>
    ask('DeregisterTargets', { TargetGroupArn, Targets })
  const health = async (...Targets: Checked<sdk.TargetDescription>[]) =>
    (await ask('DescribeTargetHealth', { TargetGroupArn, ...(Targets.length > 0 ? { Targets } : {}) }))
      .TargetHealthDescriptions!
  const states = async (...named: Checked<sdk.TargetDescription>[]) =>
    (await health(...named)).map(({ Target, TargetHealth }) => [
      `${Target!.Id}:${Target!.Port}`,
      TargetHealth!.State,
      TargetHealth!.Reason,
    ])
  /** As the controller records it. */
  const seen = (id: string, state: TargetHealth) =>
    vpc.call.store.write(async (tx) => {
      for (const row of await tx.list(targets)) {
        if (row.id === id) await tx.put(targets, { ...row, status: { ...state, since: row.spec.registeredAt } })
      }
    })
  const serve = async (input: object = {}) => {
    const { LoadBalancerArn } = await vpc.balancer(input)
    return vpc.listener(LoadBalancerArn, { DefaultActions: [{ Type: 'forward', TargetGroupArn }] })
  }

  beforeEach(async () => {
    ;({ TargetGroupArn } = await vpc.group())
  })

  it('are unused until a load balancer sends requests to their group, and begin as "initial" then', async () => {
    await register({ Id: '10.0.0.10' }, { Id: '10.0.1.10', Port: 8080 })
    expect(await health()).toEqual([
      {
        Target: { Id: '10.0.0.10', Port: 80, AvailabilityZone: 'eu-west-1a' },
        HealthCheckPort: '80',
        TargetHealth: {
          State: 'unused',
          Reason: 'Target.NotInUse',
          Description: 'Target group is not configured to receive traffic from the load balancer',
        },
      },
      {
        Target: { Id: '10.0.1.10', Port: 8080, AvailabilityZone: 'eu-west-1b' },
        HealthCheckPort: '8080',
        TargetHealth: expect.objectContaining({ State: 'unused' }),
      },
    ])
    await serve()
    expect((await health())[0]!.TargetHealth).toEqual({
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    })
  })

  it('show what the controller has seen', async () => {
    await serve()
    await register({ Id: '10.0.0.10' }, { Id: '10.0.1.10' })
    await seen('10.0.0.10', HEALTH.healthy)
    await seen('10.0.1.10', codeMismatch(502))
    expect((await health()).map(({ TargetHealth }) => TargetHealth)).toEqual([
      { State: 'healthy' },
      {
        State: 'unhealthy',
        Reason: 'Target.ResponseCodeMismatch',
        Description: 'Health checks failed with these codes: [502]',
      },
    ])
  })

  it('in a zone without the load balancer get nothing', async () => {
    await serve()
    await register({ Id: '10.0.2.10' })
    expect((await health())[0]!.TargetHealth).toMatchObject({
      State: 'unused',
      Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
    })
  })

  it('registered again stay as they are; deregistered, they drain; registered then, they begin anew', async () => {
    await serve()
    await register({ Id: '10.0.0.10' })
    await seen('10.0.0.10', HEALTH.healthy)
    await register({ Id: '10.0.0.10' })
    expect(await states()).toEqual([['10.0.0.10:80', 'healthy', undefined]])
    await deregister({ Id: '10.0.0.10' })
    expect(await states()).toEqual([['10.0.0.10:80', 'draining', 'Target.DeregistrationInProgress']])
    await register({ Id: '10.0.0.10' })
    expect(await states()).toEqual([['10.0.0.10:80', 'initial', 'Elb.RegistrationInProgress']])
  })

  it('that nobody serves are gone as soon as they are deregistered; what is unknown is passed over', async () => {
    await register({ Id: '10.0.0.10' })
    await deregister({ Id: '10.0.0.10' }, { Id: '10.0.0.11' })
    expect(await health()).toEqual([])
    expect(await states({ Id: '10.0.0.10' })).toEqual([['10.0.0.10:80', 'unused', 'Target.NotRegistered']])
  })

  it('that drained for a load balancer that is gone are gone with it', async () => {
    const { LoadBalancerArn } = await serve()
    await register({ Id: '10.0.0.10' })
    await deregister({ Id: '10.0.0.10' })
    await ask('DeleteLoadBalancer', { LoadBalancerArn: LoadBalancerArn! })
    expect(await health()).toEqual([])
  })

  it.each<[Checked<sdk.TargetDescription>, string, string]>([
    [{ Id: 'x' }, 'ValidationError', "The IP address 'x' is not a valid IPv4 address"],
    [{ Id: 'fd00::1' }, 'ValidationError', "The IP address 'fd00::1' is not a valid IPv4 address"],
    [
      { Id: '10.9.0.1' },
      'ValidationError',
      "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the IP address '10.9.0.1' is outside the VPC",
    ],
    [
      { Id: '10.0.0.10', AvailabilityZone: 'all' },
      'ValidationError',
      "The IP address '10.0.0.10' is within the VPC, and cannot have its Availability Zone overridden to 'all' from 'eu-west-1a'",
    ],
    [
      { Id: '8.8.8.8', AvailabilityZone: 'all' },
      'InvalidTargetException',
      "The IP address '8.8.8.8' is not within the ranges that can be registered",
    ],
  ])('are refused as %j', async (target, code, message) => {
    await expect(register({ Id: '10.0.0.1' }, target)).rejects.toEqual(refusal(code, message))
    expect(await health()).toEqual([])
  })

  it('outside the VPC are in all zones', async () => {
    await serve()
    await register({ Id: '192.168.7.7', AvailabilityZone: 'all' })
    expect(await states()).toEqual([['192.168.7.7:80', 'initial', 'Elb.RegistrationInProgress']])
  })

  it('that are instances or functions do not exist here', async () => {
    for (const [TargetType, Id] of [
      ['instance', 'i-0123456789abcdef0'],
      ['lambda', ['arn', 'aws:lambda:eu-west-1:123456789012:function:f'].join(':')],
    ] as const) {
      const group = await vpc.group({ TargetType })
      await expect(
        ask('RegisterTargets', { TargetGroupArn: group.TargetGroupArn, Targets: [{ Id }] }),
      ).rejects.toMatchObject({ code: 'InvalidTargetException' })
    }
  })

  it('can be application load balancers, with a listener at the group’s port, and hold on to both', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const group = (await vpc.group({ TargetType: 'alb', Protocol: 'TCP', Port: 80 })).TargetGroupArn
    const attempt = () => ask('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: LoadBalancerArn }] })
    await expect(attempt()).rejects.toMatchObject({ code: 'InvalidTargetException' })
    const { ListenerArn } = await vpc.listener(LoadBalancerArn)
    await attempt()
    await expect(ask('DeleteListener', { ListenerArn })).rejects.toEqual(
      refusal(
        'ResourceInUseException',
        `Listener port '80' is in use by registered target '${LoadBalancerArn}' and cannot be removed.`,
      ),
    )
    await expect(ask('DeleteLoadBalancer', { LoadBalancerArn })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    })
    await ask('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: LoadBalancerArn }] })
    await ask('DeleteLoadBalancer', { LoadBalancerArn })
  })

  it('are no more than a thousand in a group', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({ Id: '10.0.0.10', Port: 1000 + index }))
    await expect(register(...many)).rejects.toMatchObject({ code: 'TooManyTargetsException' })
    await register(...many.slice(1))
    expect(await health()).toHaveLength(1000)
  })
})
