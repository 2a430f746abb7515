// Tags of load balancers and what belongs to them.

export interface TagRecord {
  readonly Key: string
  readonly Value: string
}
