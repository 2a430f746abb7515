// Lists the tags of an application or deployment group.

import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { tagsOf } from '../tagged-resources.ts'

export const listTagsForResource: Operation<ListTagsForResourceInput, ListTagsForResourceOutput> = async (
  input,
  call,
) => ({ Tags: [...(await call.store.read((reader) => tagsOf(reader, call.scope, input.ResourceArn)))] })
