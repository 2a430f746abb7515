// The contract of what counts the packets of flow logs. Counts stay in the kernel until they are forgotten, whoever of
// us dies meanwhile; whether anything is counted, and of whom, is part of the VPC's plan.

/** A span of time; counting goes on without a gap from one to the next. */
export interface FlowSpan {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** Who kept packets out: the groups and network ACL of whoever sent them, or of whom they were for. */
export type FlowVerdict = 'accepted' | 'refused-by-sender' | 'refused-by-receiver'

/** What went one way between two ends. Addresses are those that interfaces know themselves by, never public ones. */
export interface CountedFlow {
  readonly verdict: FlowVerdict
  readonly source: string
  readonly destination: string
  /** An IANA number. */
  readonly protocol: number
  /** Zero but for TCP and UDP. */
  readonly sourcePort: number
  readonly destinationPort: number
  /** As the kernel passes them on: several segments of one connection may be one packet. */
  readonly packets: number
  /** With the headers of IP. */
  readonly bytes: number
  /** FIN 1, SYN 2, RST 4, SYN-ACK 18, each that was seen added once; zero where the plan does not ask for them. */
  readonly tcpFlags: number
}

export interface FlowCounts {
  readonly flows: readonly CountedFlow[]
  /** Addresses of interfaces some of whose packets were not counted, because there were too many flows. */
  readonly incomplete: readonly string[]
}

export interface FlowCounter {
  /**
   * Ends the span that is being counted, begins the next one at `now`, and gives all that have ended and were not
   * forgotten, the oldest first. Within one second nothing ends. Nothing for a VPC without a router or flow logs.
   */
  endFlowSpan(vpcId: string, now: Date): Promise<readonly FlowSpan[]>
  /** What was counted in a span that has ended. Empty for one that was forgotten. */
  flowCounts(vpcId: string, span: FlowSpan): Promise<FlowCounts>
  forgetFlowSpan(vpcId: string, span: FlowSpan): Promise<void>
}
