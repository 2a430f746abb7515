// The world failed (not the caller, not our code): drivers throw this, controllers retry or show it.

/** What went wrong, in terms a controller can decide on. Drivers never let a library's error through. */
export type FaultKind =
  | 'not-found'
  | 'busy'
  | 'invalid'
  | 'denied'
  | 'unreachable'
  | 'timeout'
  | 'no-space'
  | 'unsupported'
  | 'failed'

export class Fault extends Error {
  readonly kind: FaultKind

  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Fault'
    this.kind = kind
  }
}

export const isFault = (error: unknown, kind?: FaultKind): error is Fault =>
  error instanceof Fault && (kind === undefined || error.kind === kind)
