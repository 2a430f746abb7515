// Which public addresses an instance gives out, so that two instances on one machine seldom want the same. Pure.

import { cidrText, knownCidr, sizeOfCidr } from './cidr.ts'
import { PUBLIC_ADDRESS_POOL } from './interface-plan.ts'

/** 1,022 addresses that can be given out, in each of 128 shares. */
const SHARE_PREFIX = 22

/**
 * The share of an instance, e.g. "198.18.4.0/22". `instance`: hexadecimal digits that tell instances apart. Two
 * instances have the same share one time in 128, and even then choose their addresses in it by chance.
 */
export const publicAddressShare = (instance: string): string => {
  const pool = knownCidr(PUBLIC_ADDRESS_POOL)
  const size = sizeOfCidr({ ...pool, prefix: SHARE_PREFIX })
  const share = BigInt(`0x${instance}`) % (sizeOfCidr(pool) / size)
  return cidrText({ family: 4, base: pool.base + share * size, prefix: SHARE_PREFIX })
}
