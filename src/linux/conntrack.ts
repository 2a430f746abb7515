// Makes the kernel forget connections, so that an address can be given to another without inheriting them.

import { KernelFault } from './libc.ts'
import { deleteConnection, dumpConnections } from './netfilter-codec.ts'
import { Netlink, NETLINK_NETFILTER } from './netlink.ts'

const ENOENT = 2

/** In the network namespace that this thread is in. Walks the table of the whole machine: 10 ms and more. */
export const forgetConnections = (isOne: (address: string) => boolean): void => {
  const netlink = new Netlink(NETLINK_NETFILTER)
  try {
    for (const connection of netlink.dump(dumpConnections())) {
      const message = deleteConnection(connection, isOne)
      if (message !== undefined) forget(netlink, message)
    }
  } finally {
    netlink.close()
  }
}

const forget = (netlink: Netlink, message: Buffer): void => {
  try {
    netlink.execute([message])
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof KernelFault) || error.errno !== ENOENT) throw error
  }
}
