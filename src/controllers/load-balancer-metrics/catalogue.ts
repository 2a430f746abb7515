// Which metrics there are, in AWS's names: their units, how their values add up, and by which dimensions AWS tells them.
// AWS: "CloudWatch metrics for your Application Load Balancer", and for Network Load Balancers.

/** Whose value it is: the load balancer's, its zone's, a target group's… AWS: "Metric dimensions". */
export type Level = 'balancer' | 'zone' | 'group' | 'group-zone' | 'group-alone'

interface Metric {
  readonly unit: 'Count' | 'Bytes' | 'Seconds' | 'None'
  /** Count: each is a value of 1. Gauge: one value. Values: each is its own. */
  readonly kind: 'count' | 'gauge' | 'values'
  readonly levels: readonly Level[]
}

const ALL = ['balancer', 'zone', 'group', 'group-zone'] as const
const ZONES = ['balancer', 'zone'] as const
const GROUPS = ['group', 'group-zone'] as const

const counted = (levels: readonly Level[]): Metric => ({ unit: 'Count', kind: 'count', levels })
const gauge = (levels: readonly Level[], unit: Metric['unit'] = 'Count'): Metric => ({ unit, kind: 'gauge', levels })

export const METRICS = {
  // Of both types.
  ProcessedBytes: gauge(ZONES, 'Bytes'),
  ClientTLSNegotiationErrorCount: counted(ZONES),
  // HAProxy counts these for a group as a whole.
  TargetTLSNegotiationErrorCount: counted(['balancer', 'group']),
  HealthyHostCount: gauge(GROUPS),
  UnHealthyHostCount: gauge(GROUPS),
  ConsumedLCUs: gauge(['balancer']),
  // Of application load balancers.
  RequestCount: counted(ALL),
  RequestCountPerTarget: gauge(['group', 'group-alone']),
  ActiveConnectionCount: gauge(['balancer']),
  NewConnectionCount: counted(['balancer']),
  RuleEvaluations: counted(['balancer']),
  HTTP_Redirect_Count: counted(ZONES),
  HTTP_Fixed_Response_Count: counted(ZONES),
  GrpcRequestCount: counted(ZONES),
  IPv6RequestCount: counted(ZONES),
  IPv6ProcessedBytes: gauge(['balancer'], 'Bytes'),
  HTTPCode_ELB_3XX_Count: counted(ZONES),
  HTTPCode_ELB_4XX_Count: counted(ZONES),
  HTTPCode_ELB_5XX_Count: counted(ZONES),
  HTTPCode_ELB_500_Count: counted(ZONES),
  HTTPCode_ELB_502_Count: counted(ZONES),
  HTTPCode_ELB_503_Count: counted(ZONES),
  HTTPCode_ELB_504_Count: counted(ZONES),
  HTTPCode_Target_2XX_Count: counted(ALL),
  HTTPCode_Target_3XX_Count: counted(ALL),
  HTTPCode_Target_4XX_Count: counted(ALL),
  HTTPCode_Target_5XX_Count: counted(ALL),
  TargetResponseTime: { unit: 'Seconds', kind: 'values', levels: ALL },
  TargetConnectionErrorCount: counted(['balancer', 'group']),
  UnhealthyRoutingRequestCount: counted(['group']),
  // Of network load balancers.
  NewFlowCount: counted(ZONES),
  NewFlowCount_TCP: counted(ZONES),
  NewFlowCount_TLS: counted(ZONES),
  NewFlowCount_UDP: counted(ZONES),
  ActiveFlowCount: gauge(ZONES),
  ActiveFlowCount_TCP: gauge(ZONES),
  ActiveFlowCount_TLS: gauge(ZONES),
  ActiveFlowCount_UDP: gauge(ZONES),
  ProcessedBytes_TCP: gauge(ZONES, 'Bytes'),
  ProcessedBytes_TLS: gauge(ZONES, 'Bytes'),
  ProcessedBytes_UDP: gauge(ZONES, 'Bytes'),
  ConsumedLCUs_TCP: gauge(['balancer']),
  ConsumedLCUs_TLS: gauge(['balancer']),
  ConsumedLCUs_UDP: gauge(['balancer']),
  TCP_Client_Reset_Count: counted(['balancer']),
  TCP_Target_Reset_Count: counted(['balancer']),
  UnhealthyRoutingFlowCount: counted(['group']),
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof METRICS
