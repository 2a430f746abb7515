// How long the service scheduler waits for each thing, and how much it does at a time.

/** AWS: without health check and targets a task counts toward the healthy minimum after that long in RUNNING. */
export const HEALTHY_AFTER_RUNNING_SECONDS = 40
/**
 * A service has no steady state before its tasks have run that long. AWS publishes no number; its own look comes some
 * seconds late, which is what keeps it from calling a container that exits at once a success.
 */
export const SETTLED_AFTER_RUNNING_SECONDS = 5
/** AWS: an event is not repeated before its cause is gone or that long has passed. */
export const EVENT_REPEAT_SECONDS = 6 * 3600
/** What DescribeServices shows; older events are forgotten. */
export const EVENTS_KEPT = 100
/** Tasks that one event names; more make more events. */
export const TASKS_PER_EVENT = 10
/** Tasks of one service started in one turn, which is one transaction: Fargate's burst of launches. */
export const STARTS_PER_TURN = 100
/** The first wait after tasks that stopped before they ran; each further one is twice as long. */
export const THROTTLE_FIRST_SECONDS = 5
/** AWS: up to 27 minutes. */
export const THROTTLE_LONGEST_SECONDS = 27 * 60
/** So many rounds of failed starts in a row are told as "unable to consistently start tasks". */
export const IMPAIRED_ROUNDS = 3
/** A task that ends by itself sooner is replaced with a pause, which AWS's slower launches make by themselves. */
export const SHORT_LIFE_SECONDS = 60
export const PAUSE_FIRST_SECONDS = 1
export const PAUSE_LONGEST_SECONDS = 30
/** A task that has no network interface by then waits for room: its service tells so. */
export const PLACEMENT_PATIENCE_SECONDS = 10
/** How long zones stay uneven after a move between them has failed. */
export const REBALANCING_REST_SECONDS = 1800
/** Finished deployments of a service that are kept for its history. */
export const DEPLOYMENTS_KEPT = 50
/** How often target groups that have refused a task are asked again. */
export const REGISTRATION_AGAIN_SECONDS = 15
/** How often every service is looked at although nothing has called for it. */
export const RESYNC_SECONDS = 300
/** After a fault of the store. */
export const BACKOFF = { firstSeconds: 0.1, longestSeconds: 30 } as const
/** Turns of one service that follow each other at once, before a short rest. */
export const TURNS_AT_A_STRETCH = 200
/** AWS: how long a lifecycle hook may take by default, a day. */
export const HOOK_TIMEOUT_MINUTES = 1440
/** AWS: the pause before a hook that is still busy is asked again. */
export const HOOK_AGAIN_SECONDS = 30
