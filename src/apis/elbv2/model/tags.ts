// Tags of load balancers and what belongs to them: what is allowed, and how they are added and taken away.

import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import { tagProblem } from '#aws/tags.ts'
import { DuplicateTagKeys, TooManyTags, validationError } from '../errors.ts'
import { TAGS_PER_RESOURCE } from './limits.ts'

export interface TagRecord {
  readonly Key: string
  readonly Value: string
}

/** The tags with others added; a key that is there already gets the new value. */
export const tagged = (tags: readonly TagRecord[], added: readonly Tag[]): TagRecord[] => {
  const records = added.map(({ Key = '', Value = '' }) => ({ Key, Value }))
  if (new Set(records.map(({ Key }) => Key)).size < records.length) {
    throw DuplicateTagKeys('Tag keys must be unique')
  }
  const all = [...new Map([...tags, ...records].map((tag) => [tag.Key, tag])).values()]
  if (all.length > TAGS_PER_RESOURCE) throw TooManyTags('The maximum number of tags has been reached')
  const problem = tagProblem(records.map(({ Key, Value }) => ({ key: Key, value: Value })))
  if (problem !== undefined) throw validationError(problem)
  return all
}

export const untagged = (tags: readonly TagRecord[], keys: readonly string[]): TagRecord[] =>
  tags.filter(({ Key }) => !keys.includes(Key))
