// The contract of the metric store: samples of a second each, added up to periods when they are read, kept for a while.
// AWS: "CloudWatch concepts": a metric is known by namespace, name, dimensions and unit, in one account and region.

export interface MetricIdentity {
  readonly account: string
  readonly region: string
  /** e.g. "AWS/ApplicationELB". */
  readonly namespace: string
  /** e.g. "RequestCount". */
  readonly name: string
  /** Their order means nothing. */
  readonly dimensions: Readonly<Record<string, string>>
  /** CloudWatch's: "Count", "Seconds", "Bytes", "None"… */
  readonly unit: string
}

/** A CloudWatch statistic set: what was measured in one second. */
export interface Statistics {
  /** How many values; more than 0. */
  readonly samples: number
  readonly sum: number
  readonly minimum: number
  readonly maximum: number
}

export interface MetricSample extends MetricIdentity, Statistics {
  /** Seconds since 1970, whole. */
  readonly at: number
  /** The values themselves, and how often each was measured; without, only values that are all the same are known. */
  readonly values?: readonly (readonly [value: number, count: number])[]
}

export interface MetricPoint extends Statistics {
  /** Start of the period, seconds since 1970: a multiple of the period's length. */
  readonly at: number
  /** By the number that was asked for; absent where values are not known, or less than 0. Right to within 2.5 %. */
  readonly percentiles?: Readonly<Record<number, number>>
}

/** Only what is given is compared; dimensions are compared as a whole. */
export interface MetricFilter {
  readonly account: string
  readonly region: string
  readonly namespace?: string
  readonly name?: string
  readonly dimensions?: Readonly<Record<string, string>>
}

export interface MetricQuery {
  /** Seconds since 1970; included. */
  readonly from: number
  /** Not included. */
  readonly to: number
  readonly periodSeconds: number
  /** At most that many points, the oldest first. */
  readonly limit: number
  /** From 0 to 100. CloudWatch's p99 is 99. */
  readonly percentiles?: readonly number[]
}

export interface MetricStore {
  /**
   * What the same metric was told of the same second before is added to. A power loss may cost the last samples. `marks`:
   * what whoever measures is to know of them should it begin anew, kept if and only if the samples are; undefined forgets.
   */
  append(samples: readonly MetricSample[], marks?: Readonly<Record<string, string | undefined>>): Promise<void>
  /** All that are kept. */
  marks(): Promise<Readonly<Record<string, string>>>
  /** All that have samples, by namespace, name, dimensions. */
  list(filter: MetricFilter): Promise<MetricIdentity[]>
  /** Periods without samples are left out. */
  read(metric: MetricIdentity, query: MetricQuery): Promise<MetricPoint[]>
  /** Drops what is older than `before` (seconds since 1970), and of the rest the oldest seconds beyond `most` samples. */
  expire(before: number, most: number): Promise<void>
  close(): Promise<void>
}
