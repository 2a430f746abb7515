// The flow counter in memory: spans as the real ones have them, with the flows that a test says there were.

import type { CountedFlow, FlowCounts, FlowSpan } from '../flow-counter.ts'

interface Span {
  readonly startSeconds: number
  readonly flows: CountedFlow[]
  readonly incomplete: string[]
}

export class FakeFlowCounter {
  readonly #spans = new Map<string, Span[]>()

  /** What crosses the VPC now. Nothing where no span has begun. */
  count(vpcId: string, flow: CountedFlow): void {
    this.#spans.get(vpcId)?.at(-1)?.flows.push(flow)
  }

  /** Packets of this interface's address are not counted any more. */
  overflow(vpcId: string, address: string): void {
    this.#spans.get(vpcId)?.at(-1)?.incomplete.push(address)
  }

  /** Begins a span unless a later one has begun; all that have ended. */
  begin(vpcId: string, startSeconds: number): readonly FlowSpan[] {
    const spans = this.#spans.get(vpcId) ?? []
    if (startSeconds > (spans.at(-1)?.startSeconds ?? -1)) spans.push({ startSeconds, flows: [], incomplete: [] })
    this.#spans.set(vpcId, spans)
    return spans.slice(0, -1).map((span, at) => ({
      startSeconds: span.startSeconds,
      endSeconds: spans[at + 1]?.startSeconds ?? span.startSeconds,
    }))
  }

  counts(vpcId: string, { startSeconds }: FlowSpan): FlowCounts {
    const span = this.#spans.get(vpcId)?.find((each) => each.startSeconds === startSeconds)
    return span ?? { flows: [], incomplete: [] }
  }

  forget(vpcId: string, { startSeconds }: FlowSpan): void {
    const left = (this.#spans.get(vpcId) ?? []).filter((each) => each.startSeconds !== startSeconds)
    this.#spans.set(vpcId, left)
  }

  /** Nothing of the VPC is counted any more. */
  drop(vpcId: string): void {
    this.#spans.delete(vpcId)
  }
}
