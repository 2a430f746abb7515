// How often a task may ask for its metadata: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html

export const REQUESTS_PER_SECOND = 40
export const REQUESTS_AT_ONCE = 60
/** Above that many tasks the one longest silent is forgotten, and begins with a full bucket again. */
export const CALLERS = 10_000
/** Containers of which the last reading is kept, to tell rates. */
export const READINGS = 20_000
