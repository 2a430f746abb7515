// What may be asked for an interface beside its primary address: addresses by name, or a number of them. Pure.

import type { Random } from '#base/random.ts'
import type { SubnetRecord } from './records.ts'

export interface AddressWish {
  readonly subnet: SubnetRecord
  readonly taken: ReadonlySet<string>
  readonly named: readonly string[]
  readonly count: number
  /** How many the interface has already. */
  readonly present: number
  readonly random: Random
}

export interface NamedAddresses {
  readonly chosen: readonly string[]
  /** Those that were taken before, and these. */
  readonly taken: ReadonlySet<string>
}

/** Those that are named. `requested` refuses what cannot be had, the same address for a second time among it. */
export const namedAddresses = (
  wish: Pick<AddressWish, 'named' | 'taken'>,
  requested: (text: string, taken: ReadonlySet<string>) => string,
): NamedAddresses => {
  const taken = new Set(wish.taken)
  const chosen = wish.named.map((text) => {
    const address = requested(text, taken)
    taken.add(address)
    return address
  })
  return { chosen, taken }
}
