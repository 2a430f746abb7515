// The counts of one VPC's flow logs, read out of its router's namespace. Callers see to it that only one call runs at a
// time.

import type { CountedElement, ElementField, NamespaceHandle } from '#linux/network-kernel.ts'
import type { CountedFlow, FlowCounts, FlowSpan } from '../flow-counter.ts'
import type { FlowLogPlan } from '../network.ts'
import { addressText, addressValue, familyOf } from '../ranges.ts'
import {
  beginSpan,
  deleteFlowTable,
  deleteSpan,
  FLAGS,
  FLOW_TABLE,
  flagSet,
  flowSet,
  incompleteSet,
  type ListedSpan,
  listedSpans,
  loggedBlocks,
  VERDICTS,
} from './flow-table.ts'

const PORTED: readonly ElementField[] = ['address', 'address', 'protocol', 'port', 'port']
const PORTLESS: readonly ElementField[] = ['address', 'address', 'protocol']
const FAMILIES = ['ip', 'ip6'] as const

const spansThere = async (handle: NamespaceHandle): Promise<ListedSpan[]> =>
  listedSpans(await handle.filter('list chains inet'))

/** Begins a span unless a later one has begun. Gives all there are. */
const begun = async (handle: NamespaceHandle, next: ListedSpan): Promise<readonly ListedSpan[]> => {
  const there = await spansThere(handle)
  if (next.startSeconds <= (there.at(-1)?.startSeconds ?? -1)) return there
  await handle.filter(beginSpan(next))
  return [...there, next]
}

/** Makes the kernel count for these blocks, or for none; what was counted for them stays. */
export const countFor = async (handle: NamespaceHandle, plan: FlowLogPlan | undefined): Promise<void> => {
  await handle.filter(plan === undefined ? deleteFlowTable : loggedBlocks(plan))
  if (plan !== undefined) await begun(handle, { startSeconds: plan.sinceSeconds, tcpFlags: plan.tcpFlags })
}

/** Ends the span that is counted and begins the next; all that have ended. See `FlowCounter.endFlowSpan`. */
export const endSpan = async (
  handle: NamespaceHandle,
  { tcpFlags }: FlowLogPlan,
  now: Date,
): Promise<readonly FlowSpan[]> => {
  const spans = await begun(handle, { startSeconds: Math.floor(now.getTime() / 1000), tcpFlags })
  return spans
    .slice(0, -1)
    .map(({ startSeconds }, at) => ({ startSeconds, endSeconds: spans[at + 1]?.startSeconds ?? startSeconds }))
}

/** Written in one way, so that they can be compared. */
const plainAddress = (text: string): string => addressText(familyOf(text), addressValue(text))

const flowOf = ({ key, packets, bytes }: CountedElement, verdict: CountedFlow['verdict']): CountedFlow => {
  const [source = '', destination = '', protocol, sourcePort = '0', destinationPort = '0'] = key
  return {
    verdict,
    source: plainAddress(source),
    destination: plainAddress(destination),
    protocol: Number(protocol),
    sourcePort: Number(sourcePort),
    destinationPort: Number(destinationPort),
    packets,
    bytes,
    tcpFlags: 0,
  }
}

const endsKey = (flow: CountedFlow): string =>
  [flow.source, flow.destination, flow.protocol, flow.sourcePort, flow.destinationPort].join(' ')

const flagsByFlow = async (handle: NamespaceHandle, startSeconds: number): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>()
  for (const family of FAMILIES) {
    for (const [flag] of FLAGS) {
      for (const each of await handle.countedElements(FLOW_TABLE, flagSet(startSeconds, flag, family), PORTED)) {
        const key = endsKey(flowOf(each, 'accepted'))
        found.set(key, (found.get(key) ?? 0) | flag)
      }
    }
  }
  return found
}

/** What was counted in a span that has ended. */
export const countsOf = async (handle: NamespaceHandle, { startSeconds }: FlowSpan): Promise<FlowCounts> => {
  const span = (await spansThere(handle)).find((each) => each.startSeconds === startSeconds)
  if (span === undefined) return { flows: [], incomplete: [] }
  const flows: CountedFlow[] = []
  const incomplete: string[] = []
  for (const family of FAMILIES) {
    for (const [kind, verdict] of Object.entries(VERDICTS)) {
      for (const fields of [PORTED, PORTLESS]) {
        const set = flowSet(startSeconds, kind, family, fields === PORTED)
        for (const each of await handle.countedElements(FLOW_TABLE, set, fields)) flows.push(flowOf(each, verdict))
      }
    }
    const missed = await handle.countedElements(FLOW_TABLE, incompleteSet(startSeconds, family), ['address'])
    incomplete.push(...missed.map(({ key }) => plainAddress(key[0] ?? '')))
  }
  if (!span.tcpFlags) return { flows, incomplete }
  const flags = await flagsByFlow(handle, startSeconds)
  return { flows: flows.map((flow) => ({ ...flow, tcpFlags: flags.get(endsKey(flow)) ?? 0 })), incomplete }
}

export const forgetSpan = async (handle: NamespaceHandle, { startSeconds }: FlowSpan): Promise<void> => {
  const span = (await spansThere(handle)).find((each) => each.startSeconds === startSeconds)
  if (span !== undefined) await handle.filter(deleteSpan(span))
}
