// Everything that a decision about one task may look at, and what a decision is. Types only.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { EngineContainer, EngineTask, TaskObservation } from '#engine/engine.ts'
import type { Registration } from './draining.ts'
import type { HealthCheckResult, Notes } from './notes.ts'
import type { Shipment } from '../log-shipper/shipment.ts'

export interface Facts {
  /** As last written, or on its way to being written: see isRecorded. */
  readonly task: TaskRecord
  /** False while the task's newest status is not durable yet. */
  readonly isRecorded: boolean
  readonly definition: TaskDefinitionRecord
  readonly networkInterface: NetworkInterfaceRecord | undefined
  /** None before the task has been ready, and for a task without load balancers. */
  readonly registrations: readonly Registration[]
  /** The host has room for it. False keeps it in PROVISIONING: nothing of it is begun. */
  readonly hasRoom: boolean
  /** The VPC's first block: its resolver is two above the base. */
  readonly vpcCidr: string | undefined
  /** What the engine holds; undefined: nothing. */
  readonly seen: TaskObservation | undefined
  readonly notes: Notes
  /** Keys of the steps that had begun and not ended when the engine was asked. */
  readonly inFlight: ReadonlySet<string>
}

export interface TaskSettings {
  /** Where a task's SDKs find Neargate, e.g. "http://169.254.170.4:4566". */
  readonly endpointUrl: string
}

/** Everything a step says is safe to repeat. At most one step of a key is under way at a time. */
export type Step = { readonly key: string } &
  /** `digest`: what the image has to be, whatever its name leads to by now. */
  (
    | { readonly do: 'pull'; readonly container: string; readonly image: string; readonly digest?: string }
    | { readonly do: 'prepare'; readonly task: EngineTask }
    | {
        readonly do: 'create'
        readonly container: EngineContainer
        readonly thenStart: boolean
      }
    | { readonly do: 'start'; readonly id: string; readonly container: string }
    | {
        readonly do: 'recreate'
        readonly container: EngineContainer
        readonly thenStart: boolean
      }
    | { readonly do: 'signal'; readonly id: string; readonly container: string; readonly signal: 'STOP' | 'KILL' }
    | ({ readonly do: 'check-health'; readonly id: string; readonly container: string } & HealthCheckWish)
    | { readonly do: 'ship'; readonly shipment: Shipment }
    | { readonly do: 'flush-logs'; readonly ids: readonly string[] }
    | { readonly do: 'remove'; readonly taskId: string; readonly ids: readonly string[] }
  )

export interface HealthCheckWish extends Pick<HealthCheckResult, 'life' | 'counts' | 'retries' | 'before'> {
  readonly command: readonly string[]
  readonly timeoutSeconds: number
}

export interface Plan {
  /** The task as it is now known to be: the same object when nothing is new. To be recorded. */
  readonly task: TaskRecord
  /** Choose an address and record the interface and the log streams, in one transaction. */
  readonly provision: boolean
  /** The interface is no longer needed; said in the same transaction that records the task. */
  readonly releaseInterface: boolean
  readonly steps: readonly Step[]
  /** False: some steps wait until the task is on record, so what is under way and not named here may go on. */
  readonly isWhole: boolean
  /** When to decide again although nothing happened: milliseconds since 1970. */
  readonly wakeAt: number | undefined
}
