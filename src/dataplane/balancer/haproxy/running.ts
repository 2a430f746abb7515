// One load balancer that this process knows: its HAProxy, its targets, its flows of datagrams, and what it was told last.

import type { BalancerPlan } from '../balancer.ts'
import { type CarryingRecord, DatagramFlows, type DatagramFlowsOptions } from '../datagrams/datagram-flows.ts'
import { HaproxyProcess, type ProcessPlaces } from './process.ts'
import type { Stage } from './stage.ts'
import { TargetKeeper } from './target-keeper.ts'

const DATAGRAMS_FILE = 'datagrams'

export interface Running {
  readonly process: HaproxyProcess
  readonly keeper: TargetKeeper
  readonly datagrams: DatagramFlows
  plan: BalancerPlan | undefined
  /** The plan without its targets, as it was brought about last. */
  rest: string | undefined
  /** Aborts once another process serves. */
  loaded: AbortController
  /** Plans and looks, one after another. */
  line: Promise<void>
  /** Stops watching over the process that serves; undefined while nobody does. */
  endVigil: (() => void) | undefined
}

export const inLine = <T>(one: Running, work: () => Promise<T>): Promise<T> => {
  const result = one.line.then(work)
  one.line = result.then(
    () => {},
    () => {},
  )
  return result
}

/** Beside HAProxy's files. */
const datagramRecord = (stage: () => Stage, id: string): DatagramFlowsOptions['record'] => ({
  read: () => {
    const text = stage().read(id, DATAGRAMS_FILE) ?? ''
    return text === '' ? undefined : (JSON.parse(text) as CarryingRecord)
  },
  write: (record) => stage().write(id, { [DATAGRAMS_FILE]: record === undefined ? '' : JSON.stringify(record) }),
})

export const newlyKnown = (
  { kernel, ...places }: ProcessPlaces & Pick<DatagramFlowsOptions, 'kernel'>,
  id: string,
): Running => {
  const process = new HaproxyProcess(places, id)
  const { stage, clock } = places
  return {
    process,
    keeper: new TargetKeeper(process, clock),
    datagrams: new DatagramFlows({ kernel, clock, record: datagramRecord(stage, id) }),
    plan: undefined,
    rest: undefined,
    loaded: new AbortController(),
    line: Promise.resolve(),
    endVigil: undefined,
  }
}
