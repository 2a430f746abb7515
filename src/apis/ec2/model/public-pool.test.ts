// Each instance has a share of the public addresses of its own.

import { expect, it } from 'vitest'
import { cidrContains, cidrsOverlap, knownCidr } from './cidr.ts'
import { PUBLIC_ADDRESS_POOL } from './interface-plan.ts'
import { publicAddressShare } from './public-pool.ts'

it('is the same whenever the instance starts, and inside of the pool', () => {
  expect(publicAddressShare('00000001')).toBe('198.18.4.0/22')
  expect(publicAddressShare('ffffffff')).toBe('198.19.252.0/22')
})

it('is one of 128 that do not overlap', () => {
  const shares = Array.from({ length: 128 }, (_, n) => knownCidr(publicAddressShare(n.toString(16))))
  const pool = knownCidr(PUBLIC_ADDRESS_POOL)
  expect(shares.every((share) => cidrContains(pool, share))).toBe(true)
  expect(shares.some((a, n) => shares.slice(n + 1).some((b) => cidrsOverlap(a, b)))).toBe(false)
})
