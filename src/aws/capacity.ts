// How much of the host there is for tasks, as an operation may ask: whether one more would fit, before it is recorded.

/** What one task takes of the host. */
export interface Need {
  /** 1024 is one vCPU. */
  readonly cpuUnits: number
  readonly memoryMiB: number
}

export interface Claim extends Need {
  /** The task's ARN. */
  readonly arn: string
  /** It runs on what others leave free, and gives way to them. */
  readonly isSpot: boolean
}

/** Why there is no room: what is short, and how much of it is left for such a task. */
export interface Shortage {
  readonly of: 'CPU' | 'MEMORY'
  readonly needed: number
  readonly left: number
}

export interface Capacity {
  /**
   * Sets room aside for a task that is about to be recorded; returns what is short when there is none, not even after
   * Spot has given way. What was set aside must be recorded or withdrawn.
   */
  setAside(claim: Claim): Shortage | undefined
  /** The task was not recorded after all. */
  withdraw(arn: string): void
}
