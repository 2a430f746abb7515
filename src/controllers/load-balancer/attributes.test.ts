// Attributes as the API keeps them become settings of the plan; what is not set is AWS's default.

import { describe, expect, it } from 'vitest'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { balancerSettings, groupSettings, listenerSettings } from './attributes.ts'

type Set = Readonly<Record<string, string>>

const balancer = (attributes: Set = {}, type: LoadBalancerRecord['type'] = 'application'): LoadBalancerRecord =>
  ({ type, scheme: 'internal', spec: { attributes } }) as LoadBalancerRecord
const listener = (protocol: ListenerRecord['spec']['protocol'], attributes: Set = {}): ListenerRecord =>
  ({ spec: { protocol, attributes } }) as ListenerRecord
const group = (protocol: 'HTTP' | 'TCP', attributes: Set = {}): TargetGroupRecord =>
  ({ targetType: 'ip', protocol, spec: { attributes } }) as TargetGroupRecord

describe('of a load balancer', () => {
  it('are AWS’s defaults where nothing is set', () => {
    expect(balancerSettings(balancer())).toEqual({
      idleTimeoutSeconds: 60,
      dropInvalidHeaders: false,
      preserveHost: false,
      forwardedFor: { mode: 'append', withPort: false },
      connectionSeconds: 3600,
      keepsAccessLog: false,
    })
    expect(balancerSettings(balancer({}, 'network'))).not.toHaveProperty('connectionSeconds')
  })

  it('each say what they are named for', () => {
    const set = {
      'idle_timeout.timeout_seconds': '7',
      'client_keep_alive.seconds': '90',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.preserve_host_header.enabled': 'true',
      'routing.http.xff_header_processing.mode': 'remove',
      'routing.http.xff_client_port.enabled': 'true',
      'access_logs.s3.enabled': 'true',
    }
    expect(balancerSettings(balancer(set))).toEqual({
      idleTimeoutSeconds: 7,
      dropInvalidHeaders: true,
      preserveHost: true,
      forwardedFor: { mode: 'remove', withPort: true },
      connectionSeconds: 90,
      keepsAccessLog: true,
    })
  })
})

describe('of a listener', () => {
  it('say nothing where nothing is set, but for how long a connection may rest', () => {
    expect(listenerSettings(listener('HTTPS'), balancer())).toEqual({})
    expect(listenerSettings(listener('TCP'), balancer({}, 'network'))).toEqual({ idleTimeoutSeconds: 350 })
  })

  it('add and hide headers of answers', () => {
    const set = {
      'routing.http.response.server.enabled': 'false',
      'routing.http.response.x_frame_options.header_value': 'DENY',
      'routing.http.response.content_security_policy.header_value': '',
    }
    expect(listenerSettings(listener('HTTP', set), balancer())).toEqual({
      hidesServer: true,
      responseHeaders: { 'X-Frame-Options': 'DENY' },
    })
  })

  it('tell targets of TLS under names of the user’s, and leave HTTP/2 out, where the load balancer says so', () => {
    const of = balancer({
      'routing.http2.enabled': 'false',
      'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true',
    })
    const named = listener('HTTPS', { 'routing.http.request.x_amzn_tls_version.header_name': 'X-Tls' })
    const cipher = 'X-Amzn-Tls-Cipher-Suite'
    expect(listenerSettings(named, of)).toEqual({ alpn: ['http/1.1'], tlsHeaders: { version: 'X-Tls', cipher } })
    expect(listenerSettings(listener('HTTP'), of)).toEqual({})
  })
})

describe('of a target group', () => {
  const least = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets'

  it('are AWS’s defaults where nothing is set', () => {
    expect(groupSettings(group('HTTP'))).toEqual({
      algorithm: 'round_robin',
      slowStartSeconds: 0,
      proxyProtocolV2: false,
    })
    expect(groupSettings(group('TCP'))).toMatchObject({ endsConnectionsOfUnhealthy: true })
  })

  it.each<[set: Set, wanted: object | undefined]>([
    [{ [`${least}.count`]: '3' }, { count: 3 }],
    [{ [`${least}.percentage`]: '50' }, { count: 1, percentage: 50 }],
    [
      { [`${least}.count`]: '2', [`${least}.percentage`]: '100' },
      { count: 2, percentage: 100 },
    ],
    [{ [`${least}.count`]: '1', [`${least}.percentage`]: 'off' }, undefined],
  ])('%j: so many must be healthy', (set, wanted) => {
    expect(groupSettings(group('HTTP', set)).leastHealthy).toEqual(wanted)
  })

  it('choose the algorithm', () => {
    const random = { 'load_balancing.algorithm.type': 'weighted_random' }
    expect(groupSettings(group('HTTP', random)).algorithm).toBe('weighted_random')
  })
})
