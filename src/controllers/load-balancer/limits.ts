// How the load-balancer controller works.

/** Load balancers and target groups worked on at the same time. */
export const CONCURRENT_KEYS = 16
/** How often records and load balancers are compared although nothing has called for it. */
export const RESYNC_SECONDS = 60
/** How often targets are looked at that drain: they may be done before their time is over. */
export const DRAIN_LOOK_SECONDS = 0.2
/** Loopback addresses that load balancers answer at on the host itself. */
export const HOST_ADDRESSES = '127.64.0.0/10'
/** How long a request waits for the first task of a service that sleeps. Load balancers wait 60 for a client's next word. */
export const HOLD_SECONDS = 45
/** How long clients stay with a target group where no duration can be said: the longest that can be anywhere. */
export const STICKY_SECONDS = 604_800
