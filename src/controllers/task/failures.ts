// What a failed step means for its task: nothing yet (it is tried again), or the end of a launch. Pure.

import type { Fault } from '#base/fault.ts'
import type { Step } from './facts.ts'
import { LAUNCH_ATTEMPTS } from './limits.ts'
import type { Notice } from './notes.ts'
import { initializationFailed, pullFailed, startFailed } from './reasons.ts'

/** The container cannot start, however often it is tried. */
const isHopeless = (fault: Fault): boolean => ['invalid', 'unsupported', 'denied'].includes(fault.kind)

/** `attempts` counts from 1. Undefined: try again. */
export const failureNotice = (step: Step, fault: Fault, attempts: number): Notice | undefined => {
  const isFinal = isHopeless(fault) || attempts >= LAUNCH_ATTEMPTS
  switch (step.do) {
    case 'pull':
      // The image store has already tried as often as is of use; "busy" means that it is closing.
      return fault.kind === 'busy'
        ? undefined
        : { what: 'launch-failed', container: step.container, reason: pullFailed(fault.message) }
    case 'prepare':
      return isFinal ? { what: 'task-failed', reason: initializationFailed(fault.message) } : undefined
    case 'create':
    case 'recreate':
      return isFinal
        ? { what: 'launch-failed', container: step.container.name, reason: startFailed(fault.message) }
        : undefined
    case 'start':
      return isFinal
        ? { what: 'launch-failed', container: step.container, reason: startFailed(fault.message) }
        : undefined
    case 'signal':
    case 'check-health':
    case 'ship':
    case 'flush-logs':
    case 'remove':
      return undefined
  }
}
