// The connections that the kernel tracks in the namespace of this thread: which there are, and making it forget some.

import { KernelFault } from './libc.ts'
import { connectionOf, deleteConnection, dumpConnections } from './netfilter-codec.ts'
import { Netlink, NETLINK_NETFILTER } from './netlink.ts'
import type { TrackedConnection } from './network-kernel.ts'

const ENOENT = 2

const withNetlink = <T>(work: (netlink: Netlink) => T): T => {
  const netlink = new Netlink(NETLINK_NETFILTER)
  try {
    return work(netlink)
  } finally {
    netlink.close()
  }
}

/** Walks the table of the whole machine: 10 ms and more. */
export const trackedConnections = (): TrackedConnection[] =>
  withNetlink((netlink) => netlink.dump(dumpConnections()).flatMap((answer) => connectionOf(answer) ?? []))

/** Likewise. */
export const forgetConnections = (isOne: (connection: TrackedConnection) => boolean): void =>
  withNetlink((netlink) => {
    for (const answer of netlink.dump(dumpConnections())) {
      const connection = connectionOf(answer)
      if (connection === undefined || !isOne(connection)) continue
      const message = deleteConnection(answer)
      if (message !== undefined) forget(netlink, message)
    }
  })

const forget = (netlink: Netlink, message: Buffer): void => {
  try {
    netlink.execute([message])
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof KernelFault) || error.errno !== ENOENT) throw error
  }
}
