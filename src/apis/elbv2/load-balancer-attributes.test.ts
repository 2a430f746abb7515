// Attributes of load balancers as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, vpc } from '#test/balanced-vpc.ts'
import { refusal } from '#test/refusal.ts'

describe('attributes of load balancers', () => {
  const attributes = async (arn: string) =>
    Object.fromEntries(
      (await ask('DescribeLoadBalancerAttributes', { LoadBalancerArn: arn })).Attributes!.map((one) => [
        one.Key,
        one.Value,
      ]),
    )

  it('have AWS’s defaults, for each type its own', async () => {
    const application = await attributes((await vpc.balancer()).LoadBalancerArn)
    expect(application).toEqual({
      'access_logs.s3.enabled': 'false',
      'access_logs.s3.bucket': '',
      'access_logs.s3.prefix': '',
      'idle_timeout.timeout_seconds': '60',
      'deletion_protection.enabled': 'false',
      'routing.http2.enabled': 'true',
      'routing.http.drop_invalid_header_fields.enabled': 'false',
      'routing.http.xff_client_port.enabled': 'false',
      'routing.http.preserve_host_header.enabled': 'false',
      'routing.http.xff_header_processing.mode': 'append',
      'load_balancing.cross_zone.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'defensive',
      'client_keep_alive.seconds': '3600',
      'waf.fail_open.enabled': 'false',
      'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
      'zonal_shift.config.enabled': 'false',
      'connection_logs.s3.enabled': 'false',
      'connection_logs.s3.bucket': '',
      'connection_logs.s3.prefix': '',
      'health_check_logs.s3.enabled': 'false',
      'health_check_logs.s3.bucket': '',
      'health_check_logs.s3.prefix': '',
      'ipv6.deny_all_igw_traffic': 'false',
    })
    const network = await vpc.balancer({ Name: 'n', Type: 'network', Scheme: 'internal' })
    expect(await attributes(network.LoadBalancerArn)).toEqual({
      'access_logs.s3.enabled': 'false',
      'access_logs.s3.bucket': '',
      'access_logs.s3.prefix': '',
      'deletion_protection.enabled': 'false',
      'load_balancing.cross_zone.enabled': 'false',
      'zonal_shift.config.enabled': 'false',
      'ipv6.deny_all_igw_traffic': 'true',
      'dns_record.client_routing_policy': 'any_availability_zone',
      'secondary_ips.auto_assigned.per_subnet': '0',
    })
  })

  it.each([
    ['no.such.key', 'x', 'ValidationError', "Load balancer attribute key 'no.such.key' is not recognized"],
    [
      'idle_timeout.timeout_seconds',
      '0',
      'ValidationError',
      "Load balancer attribute value '0' is not valid for the key 'idle_timeout.timeout_seconds'",
    ],
    [
      'dns_record.client_routing_policy',
      'any_availability_zone',
      'InvalidConfigurationRequestException',
      'The provided load balancer attribute is not supported',
    ],
    [
      'access_logs.s3.enabled',
      'true',
      'InvalidConfigurationRequestException',
      "The value of 'access_logs.s3.bucket' cannot be empty",
    ],
  ])('refuse %s = %s', async (Key, Value, code, message) => {
    const { LoadBalancerArn } = await vpc.balancer()
    await expect(
      ask('ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes: [{ Key, Value }] }),
    ).rejects.toEqual(refusal(code, message))
  })

  it('change those that are named, and only those', async () => {
    const { LoadBalancerArn: arn } = await vpc.balancer()
    await ask('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: arn,
      Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '90' }],
    })
    await ask('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: arn,
      Attributes: [{ Key: 'routing.http2.enabled', Value: 'false' }],
    })
    expect(await attributes(arn)).toMatchObject({
      'idle_timeout.timeout_seconds': '90',
      'routing.http2.enabled': 'false',
      'client_keep_alive.seconds': '3600',
    })
  })
})
