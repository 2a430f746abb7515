// What becomes of a packet that groups or network ACLs refuse: it is dropped, and where flow logs want to know of it,
// marked and dropped behind the table that counts. Pure.

import type { VpcPlan } from '../network.ts'
import type { Chain, Named } from './flow-chains.ts'

/** On a packet. No mark that the filter gives to others has this bit. */
const REFUSED = '0x80000000'
export const REFUSED_BY_SENDER = '0x80000001'
export const REFUSED_BY_RECEIVER = '0x80000002'

type Way = 'egress' | 'ingress'

/** Where a rule sends a packet that the network ACL refuses on its way out of, or into, a subnet. */
export const refused = (way: Way): string => `goto refused_${way}`

/** The same for groups: they are asked about whoever began the flow, by packets of either direction. */
export const denied = (way: Way): string => `goto denied_${way}`

export const refusalChains = ({ flowLogs }: Pick<VpcPlan, 'flowLogs'>): readonly Named[] => {
  // Accepting ends this chain only: what is marked never passes the one below, which is in force whenever this is.
  const end = (mark: string): Chain => ({ rules: flowLogs === undefined ? ['drop'] : [`meta mark set ${mark} accept`] })
  const behind: Named = [
    'refuse',
    {
      hook: 'type filter hook forward priority filter + 20; policy accept;',
      rules: [`meta mark & ${REFUSED} == ${REFUSED} drop`],
    },
  ]
  return [
    ['refused_egress', end(REFUSED_BY_SENDER)],
    ['refused_ingress', end(REFUSED_BY_RECEIVER)],
    ['denied_egress', { rules: [`ct direction reply ${refused('ingress')}`, refused('egress')] }],
    ['denied_ingress', { rules: [`ct direction reply ${refused('egress')}`, refused('ingress')] }],
    ...(flowLogs === undefined ? [] : [behind]),
  ]
}
