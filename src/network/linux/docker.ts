// Docker sets the host's forwarding to drop; where it runs, its own chain for users must let our links pass.

import { runToEnd } from '#base/run.ts'
import { isFault } from '#base/fault.ts'

const CHAIN = 'DOCKER-USER'

const iptables = async (...args: readonly string[]): Promise<boolean> => {
  try {
    return (await runToEnd('iptables', ['-w', '5', ...args], { timeoutSeconds: 20 })).exitCode === 0
  } catch (error) {
    // No iptables, no Docker.
    if (isFault(error, 'failed')) return false
    throw error
  }
}

const rules = (uplinkPrefix: string): string[][] => [
  ['-i', `${uplinkPrefix}+`, '-j', 'ACCEPT'],
  ['-o', `${uplinkPrefix}+`, '-j', 'ACCEPT'],
]

/** What our own table drops stays dropped: its chain comes first. Does nothing on a host without Docker. */
export const passDocker = async (uplinkPrefix: string): Promise<void> => {
  if (!(await iptables('-n', '-L', CHAIN))) return
  for (const rule of rules(uplinkPrefix)) {
    if (!(await iptables('-C', CHAIN, ...rule))) await iptables('-I', CHAIN, '1', ...rule)
  }
}

export const leaveDocker = async (uplinkPrefix: string): Promise<void> => {
  if (!(await iptables('-n', '-L', CHAIN))) return
  for (const rule of rules(uplinkPrefix)) {
    while (await iptables('-D', CHAIN, ...rule));
  }
}
