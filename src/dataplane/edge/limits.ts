// How much the edge takes from tasks, who are hostile, and from its client, who is us.

/** One line of the control socket: a full state with 1,000 interfaces of 64 KiB each fits. */
export const CONTROL_LINE_BYTES = 128 * 1024 * 1024
/** AWS's own metadata endpoint allows 40 requests per second and a burst of 60 to one task; connections are ours. */
export const HTTP_CONNECTIONS_PER_SOURCE = 64
export const HTTP_HEADER_BYTES = 16 * 1024
export const HTTP_BODY_BYTES = 64 * 1024
export const HTTP_REQUEST_SECONDS = 10
export const HTTP_KEEP_ALIVE_SECONDS = 10
/** To Neargate's API, which has limits of its own behind these. */
export const FORWARDED_CONNECTIONS_PER_SOURCE = 256
export const FORWARD_IDLE_SECONDS = 300
/** How long a task waits for the control plane's answer; the agent's own limit. */
export const QUESTION_SECONDS = 4
export const QUESTIONS_AT_ONCE = 1000
/** How long the client waits for a new edge to listen. */
export const START_SECONDS = 10
export const RECONNECT_SECONDS = 0.05
/** An edge that keeps dying is started again that seldom at last. */
export const RECONNECT_MOST_SECONDS = 5
/** Of the front: how much of what a client says first is looked at, and how long is waited for it. */
export const FIRST_BYTES = 64 * 1024
export const FIRST_BYTES_SECONDS = 10
/** At the same time, on each port of the front. */
export const FRONT_CONNECTIONS = 4096
/** How often a port is asked for that another program has. */
export const FRONT_RETRY_SECONDS = 5
/** Of one listener for datagrams: clients on the host at the same time; who was silent longest makes room. */
export const RELAYED_CLIENTS = 1024
/** How long a client may be silent (AWS: 120), and how often it is looked for such. */
export const RELAYED_IDLE_SECONDS = 120
export const RELAYED_LOOK_SECONDS = 10
