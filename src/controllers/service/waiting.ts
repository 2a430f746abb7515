// Tasks that have no room yet: told once, as AWS tells that it could not place a task. Pure.

import { milliseconds } from '#aws/time.ts'
import type { Draft } from './draft.ts'
import { notPlaced } from './events.ts'
import { PLACEMENT_PATIENCE_SECONDS } from './limits.ts'

const NO_CAPACITY = 'Capacity is unavailable at this time. Please try again later or in a different availability zone'

/** A task without a network interface has not been granted its share of the host. */
export const tellWaiting = (draft: Draft): void => {
  const waiting = draft.members.filter(
    ({ task, standing }) => standing === 'pending' && task.status.networkInterfaceId === undefined,
  )
  const since = waiting.map(({ task }) => milliseconds(task.createdAt) + PLACEMENT_PATIENCE_SECONDS * 1000)
  if (since.some((at) => at <= draft.now)) draft.tellWhile('placement', notPlaced(draft.subject, NO_CAPACITY))
  else for (const at of since) draft.wakeBy(at)
}
