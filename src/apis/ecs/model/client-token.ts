// What a client token of RunTask was used for, so that a repeated request starts nothing twice.

import type { ClusterArn, TaskArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

export interface ClientTokenRecord {
  readonly scope: Scope
  readonly clusterArn: ClusterArn
  readonly token: string
  /** The request, in a form that is the same for the same request: the token with another one is a conflict. */
  readonly request: string
  readonly taskArns: readonly TaskArn[]
  /** ISO 8601. */
  readonly expiresAt: string
}

/** JSON with the members of every object in the order of their names. */
export const sameForm = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
