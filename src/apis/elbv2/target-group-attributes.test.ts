// The attributes of target groups as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, vpc } from '#test/balanced-vpc.ts'
import { refusal } from '#test/refusal.ts'

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
      'UDP',
      'target_health_state.unhealthy.connection_termination.enabled',
      'true',
      'InvalidConfigurationRequestException',
      'Unhealthy connection termination cannot be enabled for target groups with the UDP protocol',
    ],
    [
      'TCP',
      'target_health_state.unhealthy.draining_interval_seconds',
      '10',
      'InvalidConfigurationRequestException',
      'An unhealthy draining interval can be set only when unhealthy connection termination is disabled',
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
