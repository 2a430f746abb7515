// What the two sides of a store's thread say to each other.

import type { FaultKind } from '#base/fault.ts'
import type { LogFields } from '#base/log.ts'

export interface Request {
  readonly id: number
  /** A method of the store's contract. */
  readonly method: string
  readonly args: readonly unknown[]
}

/** Errors lose their class between threads; a Fault takes its kind along. */
export interface Failure {
  readonly message: string
  readonly kind?: FaultKind
  readonly stack?: string
}

export type Reply =
  | { readonly is: 'open' }
  | { readonly is: 'not-open'; readonly failure: Failure }
  | { readonly is: 'done'; readonly id: number; readonly value: unknown }
  | { readonly is: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly is: 'warning'; readonly event: string; readonly fields: LogFields }
