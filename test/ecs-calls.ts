// For tests of ECS: its operations as a caller sees them, on an empty store for each test.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach } from 'vitest'
import { ecs } from '#apis/ecs/index.ts'
import type { Call, Operations, Settings } from '#aws/operation.ts'
import { asking, testCall } from './call.ts'

export let call: Call
export const ask = asking<Operations<typeof sdk>>(ecs, () => call)

beforeEach(() => {
  call = testCall()
})

/** From now on the instance is set up so. */
export const setUp = (settings: Partial<Settings>): void => {
  call = { ...call, settings: { ...call.settings, ...settings } }
}
