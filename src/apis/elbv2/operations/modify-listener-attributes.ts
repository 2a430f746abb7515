// Changes attributes of a listener.

import type {
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeAttributes } from '../model/attribute.ts'
import { listenerAttributes, withListenerAttributes } from '../model/listener-attributes.ts'
import { existingListener, listeners } from '../tables.ts'

export const modifyListenerAttributes: Operation<
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput
> = async (input, call) => {
  const row = await call.store.write(async (tx) => {
    const listener = await existingListener(tx, call.scope, input.ListenerArn)
    const changed = withListenerAttributes(listener, input.Attributes)
    await tx.put(listeners, changed)
    return changed
  })
  return { Attributes: describeAttributes(listenerAttributes(row)) }
}
