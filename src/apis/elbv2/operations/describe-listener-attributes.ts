// Shows all attributes of a listener.

import type {
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeAttributes } from '../model/attribute.ts'
import { listenerAttributes } from '../model/listener-attributes.ts'
import { existingListener } from '../tables.ts'

export const describeListenerAttributes: Operation<
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput
> = async (input, call) => {
  const row = await call.store.read((reader) => existingListener(reader, call.scope, input.ListenerArn))
  return { Attributes: describeAttributes(listenerAttributes(row)) }
}
