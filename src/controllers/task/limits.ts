// How long a task may take over each thing, and how hard the task controller tries.

/** AWS's default for stopTimeout. */
export const STOP_TIMEOUT_SECONDS = 30
/** AWS's defaults for a health check. */
export const HEALTH_INTERVAL_SECONDS = 30
export const HEALTH_TIMEOUT_SECONDS = 5
export const HEALTH_RETRIES = 3
/**
 * A container that has just started is asked sooner than its interval says, and then after twice as long each time
 * until the first regular check: success counts, failure does not. AWS makes everyone wait a whole interval.
 */
export const EARLY_CHECK_SECONDS = 0.125
/** AWS's default for restartAttemptPeriod. */
export const RESTART_ATTEMPT_SECONDS = 300
/** An interface that is not attached by then fails the task. */
export const INTERFACE_TIMEOUT_SECONDS = 180
/** Characters of a container's or a task's reason (ECS's API reference). */
export const REASON_CHARACTERS = 1024

/** Tries of one step of a launch before the task fails for it. */
export const LAUNCH_ATTEMPTS = 4
/** How long a stopped task waits for its last lines to be stored before it goes on without them. */
export const FLUSH_LONGEST_SECONDS = 300
/** How long after its deregistration delay a load balancer that does not answer is waited for. */
export const DRAIN_PATIENCE_SECONDS = 5
/** After a fault. */
export const BACKOFF = { firstSeconds: 0.1, longestSeconds: 30 } as const

/**
 * Containers made, started, killed or removed at the same time, over all tasks. With twice as many, 200 tasks took a tenth
 * longer to start on 2 cores.
 */
export const ENGINE_CALLS_AT_ONCE = 8
/** Health checks run at the same time, over all tasks: enough that some which hang do not hold up the others. */
export const HEALTH_CHECKS_AT_ONCE = 64
/** Tasks whose next steps are being decided at the same time. */
export const TURNS_AT_ONCE = 64
/** How often records and engine are compared although nothing has called for it. */
export const RESYNC_SECONDS = 300

/** Every container may open that many files (AWS: "Fargate task ulimits"). */
export const OPEN_FILES_LIMIT = 65_535
/** The kernel's least CPU weight, which Docker gives to a container that names none. */
export const CPU_SHARES_LEAST = 2
