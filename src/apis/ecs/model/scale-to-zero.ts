// Which services sleep while nobody asks for them: a wish that AWS has no member for, said by a tag. Pure.

import type { ServiceArn } from '#aws/arn.ts'
import type { ServiceRecord } from './service.ts'

/** Its value: seconds without a request after which the service goes to 0 tasks. */
export const SCALE_TO_ZERO_TAG = 'neargate:scale-to-zero'

/** A service that was brought to 0 tasks, and is to come back as it was. */
export interface SleepingServiceRecord {
  readonly serviceArn: ServiceArn
  /** What it had, and is to have again. */
  readonly desiredCount: number
  /** ISO 8601. */
  readonly since: string
}

/** Undefined where the service has no such tag, or a value that is no whole number of seconds from 1. */
export const idleSecondsOf = ({ spec }: Pick<ServiceRecord, 'spec'>): number | undefined => {
  const value = spec.tags.find(({ key }) => key === SCALE_TO_ZERO_TAG)?.value ?? ''
  return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined
}
