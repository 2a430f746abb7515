// Adds tags to an application or deployment group.

import type { TagResourceInput, TagResourceOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { tagged } from '../model/tags.ts'
import { retag } from '../tagged-resources.ts'

export const tagResource: Operation<TagResourceInput, TagResourceOutput> = async (input, call) =>
  call.store.write(async (tx) => {
    await retag(tx, call.scope, input.ResourceArn, (tags) => tagged(tags, input.Tags))
    return {}
  })
