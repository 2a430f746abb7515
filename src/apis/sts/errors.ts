// STS's refusals.

import type * as sdk from '@aws-sdk/client-sts'
import { refusal } from '#aws/refusal.ts'

export const InvalidAuthorizationMessage = refusal<sdk.InvalidAuthorizationMessageException>(
  'InvalidAuthorizationMessageException',
)
