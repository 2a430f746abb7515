// Client tokens: a call that is sent twice makes one thing. Pure.
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html)

import { ec2Error } from '../errors.ts'

/** What an earlier call with the same token made. `isSame`: whether that call asked for the same. */
export const madeBefore = <Row extends { readonly clientToken?: string }>(
  rows: readonly Row[],
  token: string | undefined,
  isSame: (row: Row) => boolean = () => true,
): Row | undefined => {
  if (token === undefined) return undefined
  const earlier = rows.find(({ clientToken }) => clientToken === token)
  if (earlier === undefined || isSame(earlier)) return earlier
  throw ec2Error(
    'IdempotentParameterMismatch',
    'The client token has been used with different parameters in an earlier request.',
  )
}
