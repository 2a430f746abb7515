// What a load balancer may take of the machine, and how long it waits. AWS: "Quotas for your Application Load Balancers".

/** Connections at the same time, over all listeners of one load balancer. */
export const CONNECTIONS = 10_000
/** Descriptors of HAProxy that are no connections: listeners, checks, pipes. */
export const OWN_DESCRIPTORS = 1000
/**
 * Bytes of a request's or answer's headers, together. AWS: 64 K for requests, 32 K for answers; but HAProxy copies a
 * buffer of this size for each request that it may have to send again. In interleaved runs one costs 1.17 times the
 * processor time of an equivalent configuration with 28 K, 1.09 times with 20 K, and no less with fewer; 76 K cost
 * another 1.15 times that of 28 K.
 */
export const HEADER_BYTES = 20 * 1024
/** Bytes of the request line, and of any one header (AWS: 16 K each). */
export const REQUEST_LINE_BYTES = 16_384
export const HEADER_LINE_BYTES = 16_384
/** Bytes for what we add to headers. */
export const REWRITE_BYTES = 4096
export const HEADERS = 200
/** Addresses in X-Forwarded-For (AWS: 30). */
export const FORWARDED_ADDRESSES = 30
/** Seconds for all headers of a request to arrive. */
export const HEADER_SECONDS = 10
/** Seconds for a target to accept a connection, over all attempts (AWS: 10). */
export const CONNECT_SECONDS = 10
/** How often a connection is tried while a group has healthy targets, and where patience is better. */
export const CONNECT_ATTEMPTS = 4
export const PATIENT_CONNECT_ATTEMPTS = 2
/** Connections that are kept to a target for requests to come, and how long half of the idle ones are kept. */
export const KEPT_CONNECTIONS = 1000
export const KEPT_SECONDS = 5
/** Memory that HAProxy keeps when nothing needs it, and that it takes at once, most of it untouched, for each thread. */
export const KEPT_MEMORY_BYTES = 64 * 1024 * 1024
export const MEMORY_STEP_BYTES = 4 * 1024 * 1024
/** Threads of one load balancer. */
export const THREADS = 2
/** Seconds that an old process may take to finish its connections after a change of listeners or rules. */
export const FINISH_SECONDS = 3600
/** Seconds between two looks at the targets while all are settled, while one awaits its first health check, and while it is new. */
export const LOOK_SECONDS = 1
export const EAGER_LOOK_SECONDS = 0.02
export const HASTY_LOOK_SECONDS = 0.004
/** Milliseconds until a target is asked for the first time, after a start or after it was added. */
export const FIRST_CHECKS_MILLISECONDS = 10
/** Milliseconds between two checks of a target that has passed none yet. */
export const PROBATION_MILLISECONDS = 500
/** More than the most that a group may ask for (AWS: 10): by this its checks are known. */
export const PROBATION_FALL = 31
/** Commands that HAProxy is given at once: they must fit into its buffer. */
export const COMMANDS_AT_ONCE = 100
/** Seconds that HAProxy may take to answer a command. */
export const COMMAND_SECONDS = 5
/** Seconds for it to start, or take over a new configuration. */
export const START_SECONDS = 10
/** Bytes of an answer to a command. */
export const ANSWER_BYTES = 16 * 1024 * 1024
/** Of the requests that are written down, the newest stay in HAProxy's memory, taken as it is needed. */
export const LOG_BYTES = 2 * 1024 * 1024
/** One of them; HAProxy takes no longer line. */
export const LOG_LINE_BYTES = 65_535
/** Bytes of a request's path and query, of its user agent (AWS: 8 K), of a host's name: in base64 a third more. */
export const LOGGED_PATH_BYTES = 30_000
export const LOGGED_AGENT_BYTES = 8192
export const LOGGED_NAME_BYTES = 1024
/** Seconds in which requests that end after a change of listeners or rules are still heard of. */
export const LOG_LINGER_SECONDS = 0.2
/** Of requests that wait for a target: how often each looks for one, and says that it waits. */
export const HOLD_LOOK_MILLISECONDS = 20
export const HOLD_TELL_MILLISECONDS = 1000
/** What they say stays in HAProxy's memory for whoever listens a moment later. */
export const HELD_BYTES = 65_536
export const HELD_LINE_BYTES = 1024
/** Seconds for which a flow of datagrams stays with its target while it is silent (AWS: 120). */
export const FLOW_IDLE_SECONDS = 120
/** Flows are counted that seldom: the kernel walks the connections of the whole machine for it. */
export const FLOW_COUNT_SECONDS = 1
