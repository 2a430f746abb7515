// What an AWS operation is: a typed input and the call it came with, to a typed output.

import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Vault } from '#base/vault.ts'
import type { CertificateAuthority } from '#base/x509/authority.ts'
import type { Store } from '#store/store.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import type { Capacity } from './capacity.ts'
import type { Scope } from './scope.ts'

/** Who calls, as SigV4 proved it. */
export interface Caller {
  readonly account: string
  /** e.g. "arn:aws:iam::123456789012:root" or an assumed role's ARN. */
  readonly arn: string
  /** STS's UserId: the account for root, an id otherwise. */
  readonly userId: string
}

/** Everything an operation may touch. It records wishes and reads facts; it never acts on the world. */
export interface Call {
  readonly scope: Scope
  readonly caller: Caller
  readonly requestId: string
  readonly store: Store
  /** Log events live outside the control-plane store, being append-only and many. */
  readonly logs: LogStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly settings: Settings
  /** The host's room for tasks; without limits when absent. */
  readonly capacity?: Capacity
  /** Seals what must not be in the store in clear. */
  readonly vault: Vault
  /** Issues certificates that whoever trusts this instance's root trusts. */
  readonly authority: CertificateAuthority
}

/** What the person who runs Neargate has decided, as far as operations must know. */
export interface Settings {
  /** `strict` rejects exactly what Fargate rejects; `extended` allows more. */
  readonly mode: 'strict' | 'extended'
  /** Stopped tasks stay visible for that long (AWS: at least one hour). */
  readonly stoppedTaskRetentionSeconds: number
  /** Where clients on this machine reach us, e.g. "http://127.0.0.1:4566". */
  readonly endpoint: string
  /** The block that public addresses are from, this instance's own share; all of EC2's pool when absent. */
  readonly publicAddressPool?: string
}

/**
 * The SDK marks required members `x: T | undefined` (no `?`). Validation has run before an operation is called, so the
 * `undefined` goes, all the way down. Tuples stay as they are: they only occur in the SDK's unions (`$unknown`).
 */
export type Checked<T> = T extends Date | Uint8Array | string | number | boolean | bigint | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? number extends T['length']
      ? Checked<Item>[]
      : T
    : T extends object
      ? { [K in keyof T]: {} extends Pick<T, K> ? Checked<T[K]> : Checked<Exclude<T[K], undefined>> }
      : T

/** One AWS action. Throws AwsError to refuse. */
export type Operation<Input, Output> = (input: Checked<Input>, call: Call) => Promise<WithoutMetadata<Output>>

export type WithoutMetadata<Output> = Output extends { $metadata: unknown } ? Omit<Output, '$metadata'> : Output

type CommandOf<C> = C extends abstract new (...args: never) => {
  readonly input: infer Input
  resolveMiddleware(...args: never): (...args: never) => Promise<{ output: infer Output; response: unknown }>
}
  ? [Input, Output]
  : never

/** The table of operations of an SDK client package `M`: names and types both come from the package. */
export type Operations<M> = {
  [K in keyof M as K extends `${infer Name}Command` ? (Name extends '' | '$' ? never : Name) : never]?: CommandOf<
    M[K]
  > extends [infer Input, infer Output]
    ? Operation<Input, Output>
    : never
}

/** One AWS API as the server is handed it. */
export interface Api {
  /** The model's name: `models/<name>.json`. */
  readonly name: string
  readonly operations: Readonly<Record<string, Operation<never, unknown>>>
}

/** Declares an API: `api<typeof sdk>('ecs', { ListClusters: listClusters, … })`,
 * with `import type * as sdk from '@aws-sdk/client-ecs'`. */
export const api = <M>(name: string, operations: Operations<M>): Api => ({
  name,
  operations: operations as unknown as Api['operations'],
})
