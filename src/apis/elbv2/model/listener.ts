// A listener as a record: the port that a load balancer answers at, and what it does by default.

import type { CertificateArn, ListenerArn, ListenerRuleArn, LoadBalancerArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { ActionRecord } from './action.ts'
import type { TagRecord } from './tags.ts'

export type ListenerProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'

/** Written by operations only. */
export interface ListenerSpec {
  readonly protocol: ListenerProtocol
  readonly port: number
  /** The one for clients that name no host; of HTTPS and TLS only. */
  readonly defaultCertificateArn?: CertificateArn
  /** Chosen by the host that a client names (SNI); without the default one. */
  readonly certificateArns: readonly CertificateArn[]
  /** Of HTTPS and TLS only; its protocols and ciphers: `sslPolicyNamed`. */
  readonly sslPolicy?: string
  /** Of TLS only: "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred" or "None". */
  readonly alpnPolicy?: string
  /** One action that ends the request: forward, redirect or fixed response. */
  readonly defaultActions: readonly ActionRecord[]
  /** Only what was set: `listenerAttributes` gives all of them. */
  readonly attributes: Readonly<Record<string, string>>
}

export interface ListenerRecord {
  readonly arn: ListenerArn
  readonly scope: Scope
  readonly loadBalancerArn: LoadBalancerArn
  /** 16 hex digits. */
  readonly id: string
  /** The rule that AWS shows with the priority "default": it has no row, its actions are `spec.defaultActions`. */
  readonly defaultRuleArn: ListenerRuleArn
  /** ISO 8601. */
  readonly createdAt: string
  readonly tags: readonly TagRecord[]
  readonly spec: ListenerSpec
}
