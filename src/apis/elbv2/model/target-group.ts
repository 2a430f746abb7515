// A target group as a record: how its targets are spoken to and how their health is checked.

import type { TargetGroupArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { TagRecord } from './tags.ts'

export type TargetProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
export type ProtocolVersion = 'HTTP1' | 'HTTP2' | 'GRPC'
export type HealthCheckProtocol = 'HTTP' | 'HTTPS' | 'TCP'
export type TargetType = 'ip' | 'instance' | 'lambda' | 'alb'

export interface HealthCheck {
  readonly enabled: boolean
  readonly protocol: HealthCheckProtocol
  /** "traffic-port": the port that the target was registered with. */
  readonly port: number | 'traffic-port'
  /** With its query. Absent where the protocol is TCP. For GRPC, the method: "/package.service/method". */
  readonly path?: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** Codes that mean healthy, e.g. "200", "200,202" or "200-299"; of HTTP, or of gRPC where that is the version. */
  readonly matcher?: string
}

/** Written by operations only. A target group has no facts of its own: those are its targets'. */
export interface TargetGroupSpec {
  readonly healthCheck: HealthCheck
  /** Only what was set: `targetGroupAttributes` gives all of them. */
  readonly attributes: Readonly<Record<string, string>>
}

export interface TargetGroupRecord {
  readonly arn: TargetGroupArn
  readonly scope: Scope
  readonly name: string
  /** 16 hex digits. */
  readonly id: string
  readonly targetType: TargetType
  /** These four: absent for Lambda functions. */
  readonly protocol?: TargetProtocol
  /** Of HTTP and HTTPS only. */
  readonly protocolVersion?: ProtocolVersion
  /** The port of a target that is registered without one. */
  readonly port?: number
  readonly vpcId?: string
  readonly ipAddressType: 'ipv4' | 'ipv6'
  /** ISO 8601. */
  readonly createdAt: string
  readonly tags: readonly TagRecord[]
  readonly spec: TargetGroupSpec
}

/** "targetgroup/<name>/<id>": in metrics' dimensions. */
export const targetGroupPath = ({ name, id }: TargetGroupRecord): string => `targetgroup/${name}/${id}`
