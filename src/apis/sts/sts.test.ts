// STS as a caller sees it.

import type * as sdk from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import type { Operations } from '#aws/operation.ts'
import { asking, testCall } from '#test/call.ts'
import { sts } from './index.ts'

const ask = asking<Operations<typeof sdk>>(sts, testCall)

test('callers learn who they are', async () => {
  expect(await ask('GetCallerIdentity', {})).toEqual({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:root',
    UserId: '123456789012',
  })
})

test('a message that nobody encoded is refused', async () => {
  await expect(ask('DecodeAuthorizationMessage', { EncodedMessage: 'x' })).rejects.toMatchObject({
    code: 'InvalidAuthorizationMessageException',
  })
})
