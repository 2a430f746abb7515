// What tests expect of a call that AWS would refuse.

import { expect } from 'vitest'

/** Matches the refusal with this code and exactly this text. */
export const refusal = (code: string, message: string): unknown => expect.objectContaining({ code, message })
