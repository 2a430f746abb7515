// What a fake container does: handed in by container name or image digest.

import type { Fault } from '#base/fault.ts'
import type { ExecResult } from '../engine.ts'

/** An empty script runs for ever, answers every exec with success and ends with 143 when asked to stop. */
export interface FakeScript {
  /** Ends by itself so long after its start; absent: never. */
  readonly exitAfterSeconds?: number
  /** Of the end by itself; default 0. */
  readonly exitCode?: number
  /** Its end by itself is the kernel's doing; say exitCode 137 with it. */
  readonly oomKilled?: boolean
  /** Only KILL ends it. */
  readonly ignoresStop?: boolean
  /** Default 143: ended by SIGTERM. */
  readonly stopExitCode?: number
  /** Time between the stop signal and the end; default 0. */
  readonly stopSeconds?: number
  readonly createSeconds?: number
  readonly startSeconds?: number
  /** Asked at each create; a fault it returns is thrown and nothing is made. */
  readonly createFault?: () => Fault | undefined
  readonly startFault?: () => Fault | undefined
  /** Answers exec, e.g. health checks; default: exit code 0, no output. A returned Fault is thrown. */
  readonly exec?: (command: readonly string[]) => ExecResult | Fault
  /** How long an exec takes; longer than its limit gives Fault "timeout". */
  readonly execSeconds?: number
  /** Lines printed at each start. */
  readonly output?: readonly string[]
}
