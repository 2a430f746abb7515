// How hard the network-interface controller tries, and how often it looks.

/** Interfaces and VPCs worked on at the same time, over all VPCs. */
export const CONCURRENT_KEYS = 64
/** An attachment that fails this often, over about three seconds, is recorded as failed; its owner is told why. */
export const ATTACH_ATTEMPTS = 6
/** How often records and kernel are compared although nothing has called for it. */
export const RESYNC_SECONDS = 300
/** Rested addresses forgotten by one detachment: more than it adds, so that the table stays small. */
export const ADDRESSES_FORGOTTEN_AT_ONCE = 8
