// Takes tags off an application or deployment group.

import type { UntagResourceInput, UntagResourceOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { untagged } from '../model/tags.ts'
import { retag } from '../tagged-resources.ts'

export const untagResource: Operation<UntagResourceInput, UntagResourceOutput> = async (input, call) =>
  call.store.write(async (tx) => {
    await retag(tx, call.scope, input.ResourceArn, (tags) => untagged(tags, input.TagKeys))
    return {}
  })
