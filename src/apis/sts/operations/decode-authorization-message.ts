// Reads the encoded reason of a denied call. No API here encodes one, so whatever is sent was not made by us.

import type { DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse } from '@aws-sdk/client-sts'
import type { Operation } from '#aws/operation.ts'
import { InvalidAuthorizationMessage } from '../errors.ts'

export const decodeAuthorizationMessage: Operation<
  DecodeAuthorizationMessageRequest,
  DecodeAuthorizationMessageResponse
> = async () => {
  throw InvalidAuthorizationMessage('The message is not valid.')
}
