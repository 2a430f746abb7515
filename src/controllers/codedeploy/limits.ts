// How long a deployment waits for each thing, and how many are worked on at once.

/** AWS: from the replacement task set's creation to its steady state. */
export const REPLACEMENT_MINUTES = 60
/** AWS: from a hook's invocation to its answer. */
export const HOOK_ANSWER_MINUTES = 60
/** How often every unfinished deployment is looked at although nothing has called for it. */
export const RESYNC_SECONDS = 300
export const CONCURRENT_DEPLOYMENTS = 8
