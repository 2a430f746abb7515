// What an explanation is: an answer in plain words, what it rests on, and what to try. Types only.

export interface Explanation {
  /** "task 0123…" or "service web". */
  readonly of: string
  readonly state: string
  /** One sentence or two. */
  readonly answer: string
  /** False: what is recorded does not tell why. */
  readonly isKnown: boolean
  /** What the answer rests on, one sentence each. */
  readonly because: readonly string[]
  readonly containers: readonly ContainerExplanation[]
  /** Commands and changes, the most likely first. */
  readonly tryThis: readonly string[]
}

export interface ContainerExplanation {
  readonly name: string
  readonly state: string
  readonly exitCode?: number
  /** What the exit code means, or why there is none. */
  readonly meaning?: string
  /** ECS's own words. */
  readonly reason?: string
  readonly health?: string
  /** What the last health check that is on record printed. */
  readonly healthOutput?: string
  /** The last lines, oldest first; absent where the container does not log to awslogs. */
  readonly log?: { readonly group: string; readonly stream: string; readonly lines: readonly string[] }
}
