// Whether a service goes to sleep or wakes. Pure.

import { idleSecondsOf, type SleepingServiceRecord } from '#apis/ecs/model/scale-to-zero.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'

export interface Seen {
  readonly service: ServiceRecord
  /** What it had before it was put to sleep. */
  readonly sleeping: SleepingServiceRecord | undefined
  /** Every request to it comes by an application load balancer: none other can hold one until a task is there. */
  readonly canBeWoken: boolean
  /** A request waits for it. */
  readonly isAsked: boolean
  /** Seconds since the last request. */
  readonly idleSeconds: number
}

export type Step =
  | { readonly do: 'rest' }
  | { readonly do: 'forget' }
  | { readonly do: 'sleep' }
  | { readonly do: 'wake'; readonly desiredCount: number }

const REST: Step = { do: 'rest' }

export const nextStep = ({ service, sleeping, canBeWoken, isAsked, idleSeconds }: Seen): Step => {
  const { spec, status } = service
  if (status.state !== 'ACTIVE' || spec.deleteRequestedAt !== undefined) return REST
  const limit = idleSecondsOf(service)
  if (spec.desiredCount === 0) {
    // Without the tag, or without anybody who could wake it, it is as it was before.
    const isToWake = limit === undefined || !canBeWoken ? sleeping !== undefined : isAsked
    return isToWake ? { do: 'wake', desiredCount: sleeping?.desiredCount ?? 1 } : REST
  }
  // Its owner has chosen a count meanwhile.
  if (sleeping !== undefined) return { do: 'forget' }
  // Not in the middle of a deployment, nor while tasks are missing.
  const isToSleep = limit !== undefined && canBeWoken && !isAsked && status.isSteady && idleSeconds >= limit
  return isToSleep ? { do: 'sleep' } : REST
}
