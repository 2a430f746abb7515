// How services are put to sleep and woken.

/** How often is looked whether anybody asks for them. */
export const LOOK_SECONDS = 1
/** The wait before a load balancer that tells no more is listened to again. */
export const LISTEN_AGAIN_SECONDS = 0.2
/** How often is looked whether there are any, although nothing has called for it. */
export const IDLE_SECONDS = 300
