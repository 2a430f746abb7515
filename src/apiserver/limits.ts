// Every limit of the API server in one place, with its unit. Options may lower or raise those in `Limits`.

export interface Limits {
  /** Bytes of a request body as received. AWS's APIs differ (ECS takes 1 MiB or so, Lambda 6 MB): the largest use wins. */
  readonly bodyBytes: number
  /** Bytes of a body after gunzip; a bomb stops here. */
  readonly unzippedBytes: number
  /** Name=value pairs of a form or query string. */
  readonly formPairs: number
  /** Levels of lists, maps and structures in a body. AWS's own shapes stay below 20. */
  readonly depth: number
  /** Bytes of all headers; session tokens and presigned addresses are long. */
  readonly headerBytes: number
  readonly headerTimeoutSeconds: number
  /** For the body of a call to arrive; some clients announce more bytes than they send. Of an upload: for any byte. */
  readonly requestTimeoutSeconds: number
  /** Above the 60 s for which SDKs keep idle connections, so that the client closes first. */
  readonly keepAliveTimeoutSeconds: number
  /** Seconds a stopping server waits for calls under way. */
  readonly closeTimeoutSeconds: number
  /** Requests on one connection, all time. */
  readonly requestsPerConnection: number
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 10 * 1024 * 1024,
  unzippedBytes: 20 * 1024 * 1024,
  formPairs: 10_000,
  depth: 100,
  headerBytes: 32 * 1024,
  headerTimeoutSeconds: 20,
  requestTimeoutSeconds: 60,
  keepAliveTimeoutSeconds: 65,
  closeTimeoutSeconds: 5,
  requestsPerConnection: 1_000_000,
}

/** AWS refuses a signature whose time is further off than this. */
export const CLOCK_SKEW_SECONDS = 5 * 60
/** A presigned address that names no X-Amz-Expires, as STS treats it. */
export const PRESIGNED_DEFAULT_SECONDS = 15 * 60
/** Seven days: the most that X-Amz-Expires may say. */
export const PRESIGNED_MOST_SECONDS = 7 * 24 * 60 * 60
/** Derived keys kept; one per access key, day, region and API. */
export const SIGNING_KEYS_KEPT = 1_000
/** Coral reports this many problems of one input at most. */
export const PROBLEMS_REPORTED = 100
/** Characters of a caller's value that an error repeats. */
export const VALUE_SHOWN_CHARACTERS = 1_000
/** Characters of an unknown operation's or API's name that an error repeats. */
export const NAME_SHOWN_CHARACTERS = 200
/** Characters of a redacted input in a bug's log line. */
export const LOGGED_INPUT_CHARACTERS = 4_000
/** Digits of an integer in a form; longer ones cannot be exact in any case. */
export const INTEGER_DIGITS = 20
