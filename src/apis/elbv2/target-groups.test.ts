// Target groups as a caller sees them.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { describe, expect, it } from 'vitest'
import type { Checked } from '#aws/operation.ts'
import { ask, vpc } from '#test/balanced-vpc.ts'
import { refusal } from '#test/refusal.ts'

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
    const missing = refusal('TargetGroupNotFoundException', 'One or more target groups not found')
    await expect(names({ Names: ['none'] })).rejects.toEqual(missing)
    const gone = used.TargetGroupArn.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    await expect(names({ TargetGroupArns: [gone] })).rejects.toEqual(missing)
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
