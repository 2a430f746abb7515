// Chooses how the network talks to the kernel on this host.

import { Fault } from '#base/fault.ts'
import { runToEnd } from '#base/run.ts'
import { inProcessKernel } from './network-kernel-in-process.ts'
import { spawningKernel } from './network-kernel-spawning.ts'
import type { NetworkKernel } from './network-kernel.ts'
import { isAvailable } from './nftables.ts'

/** Calls from this process where libnftables is installed, else programs. Fault "unsupported" without either. */
export const chosenNetworkKernel = async (): Promise<NetworkKernel> => {
  if (isAvailable()) return inProcessKernel
  for (const program of ['nft', 'ip', 'nsenter', 'sysctl']) {
    if ((await runToEnd('which', [program])).exitCode !== 0)
      throw new Fault(
        'unsupported',
        `neither libnftables.so.1 nor ${program} is installed: apt install nftables iproute2`,
      )
  }
  return spawningKernel
}
