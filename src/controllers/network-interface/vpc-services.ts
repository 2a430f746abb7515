// The contract of the servers that every VPC has inside: the Amazon-provided DNS resolver. Told what to be, whole.

export interface VpcServicesPlan {
  readonly id: string
  readonly account: string
  readonly region: string
  readonly cidrs: readonly string[]
  /** The resolver's own address, two above the base of the first block, e.g. "172.31.0.2". */
  readonly dnsAddress: string
  /** False: queries are refused. */
  readonly enableDnsSupport: boolean
  /** Where "ip-172-31-0-17" lives, e.g. "eu-west-1.compute.internal"; also the search domain. */
  readonly internalDomain: string
  /** Further names that the resolver answers, lower case, with their IPv4 addresses; "*.x" is all below x. */
  readonly records: Readonly<Record<string, readonly string[]>>
  /** Interfaces of VPC endpoints that are attached: the API answers there. */
  readonly endpoints: readonly { readonly interfaceId: string; readonly address: string }[]
}

export interface VpcServices {
  /** Idempotent. The VPC's router exists when this is called. */
  setVpc(plan: VpcServicesPlan): Promise<void>
  /** Does nothing for an unknown id. The router still exists when this is called. */
  removeVpc(id: string): Promise<void>
}
