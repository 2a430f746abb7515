// STS's door.

import type * as sdk from '@aws-sdk/client-sts'
import { api } from '#aws/operation.ts'
import { getCallerIdentity } from './operations/get-caller-identity.ts'

export const sts = api<typeof sdk>('sts', {
  GetCallerIdentity: getCallerIdentity,
})
