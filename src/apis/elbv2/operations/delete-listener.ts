// Deletes a listener and its rules.

import type { DeleteListenerInput, DeleteListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { ResourceInUse } from '../errors.ts'
import { deleteListenerRow, existingListener, targetGroupsWithTarget } from '../tables.ts'

export const deleteListener: Operation<DeleteListenerInput, DeleteListenerOutput> = async (input, call) => {
  await call.store.write(async (tx) => {
    const listener = await existingListener(tx, call.scope, input.ListenerArn)
    const { loadBalancerArn, spec } = listener
    if ((await targetGroupsWithTarget(tx, loadBalancerArn)).some(({ port }) => port === spec.port)) {
      throw ResourceInUse(
        `Listener port '${spec.port}' is in use by registered target '${loadBalancerArn}' and cannot be removed.`,
      )
    }
    await deleteListenerRow(tx, listener)
  })
  return {}
}
