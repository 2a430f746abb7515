// STS's door.

import type * as sdk from '@aws-sdk/client-sts'
import { api } from '#aws/operation.ts'
import { decodeAuthorizationMessage } from './operations/decode-authorization-message.ts'
import { getCallerIdentity } from './operations/get-caller-identity.ts'

export const sts = api<typeof sdk>('sts', {
  DecodeAuthorizationMessage: decodeAuthorizationMessage,
  GetCallerIdentity: getCallerIdentity,
})
