// A refusal: the caller's mistake, told in AWS's words and sent as it is.

export type Fault = 'client' | 'server'

/** Sent to the caller in the protocol of the call. Anything else thrown by an operation is a bug of ours. */
export class AwsError extends Error {
  /** The error's shape name, e.g. "ClusterNotFoundException"; for EC2, its free-text code. */
  readonly code: string
  readonly fault: Fault
  /** Further members of the modelled error, e.g. `resourceIds`. */
  readonly members: Readonly<Record<string, unknown>>
  /** Overrides the modelled HTTP status. */
  readonly status: number | undefined

  constructor(
    code: string,
    message: string,
    options: { fault?: Fault; members?: Record<string, unknown>; status?: number } = {},
  ) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.fault = options.fault ?? 'client'
    this.members = options.members ?? {}
    this.status = options.status
  }
}

/** What an SDK's modelled exception class looks like, as far as a server cares. */
interface Modelled {
  readonly name: string
  readonly $fault: Fault
}

/**
 * Makes the constructor of one modelled refusal. Name and fault are checked against the SDK's class, so that a typo in
 * either does not compile: `refusal<sdk.ClusterNotFoundException>('ClusterNotFoundException')`. Only a fault of the
 * server's has to be named.
 */
export const refusal =
  <E extends Modelled>(
    code: E['name'],
    ...[fault = 'client']: E['$fault'] extends 'client' ? [fault?: 'client'] : [fault: 'server']
  ) =>
  (message: string, members?: Omit<Partial<E>, 'name' | 'message' | 'stack' | '$fault'>): AwsError =>
    new AwsError(code, message, { fault, members: { ...members } })
