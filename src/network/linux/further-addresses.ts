// What changes in the kernel when an interface is given further IPv4 addresses or loses some. Pure.

import type { LinkChange } from '#linux/network-kernel.ts'
import type { InterfacePlan } from '../network.ts'
import { TASK_INTERFACE, taskLink } from './names.ts'
import { single } from './prefixes.ts'

export interface FurtherAddresses {
  readonly gone: readonly string[]
  readonly ofRouter: readonly LinkChange[]
  readonly ofTask: readonly LinkChange[]
}

/** `there`: those that it has by now. Each change may be repeated. */
export const furtherAddresses = (plan: InterfacePlan, there: readonly string[]): FurtherAddresses => {
  const wanted = plan.secondaryIps ?? []
  const gone = there.filter((address) => !wanted.includes(address))
  const name = taskLink(plan.id)
  return {
    gone,
    ofRouter: [
      ...gone.map((address) => ({ do: 'delete-route', to: single(address) }) as const),
      ...wanted.flatMap((address) => [
        { do: 'add-route', to: single(address), name } as const,
        { do: 'add-neighbour', address, name, mac: plan.mac } as const,
      ]),
    ],
    ofTask: [
      ...gone.map((address) => ({ do: 'delete-address', name: TASK_INTERFACE, prefix: single(address) }) as const),
      ...wanted.map((address) => ({ do: 'add-address', name: TASK_INTERFACE, prefix: single(address) }) as const),
    ],
  }
}
