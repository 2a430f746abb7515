// Takes tags away from resources.

import type { DeleteTagsRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { untagged } from '../model/tags.ts'
import { retagged } from '../tagged-resources.ts'

export const deleteTags: Operation<DeleteTagsRequest, {}> = async (input, call) => {
  await call.store.write((tx) => retagged(tx, call.scope, input.Resources, (tags) => untagged(tags, input.Tags)))
  return {}
}
