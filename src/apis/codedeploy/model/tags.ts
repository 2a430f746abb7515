// Tags of applications and deployment groups: what is allowed, and how they are added. Pure.

import type { Tag } from '@aws-sdk/client-codedeploy'
import { tagProblem } from '#aws/tags.ts'
import { InvalidTagsToAddException, TagLimitExceededException } from '../errors.ts'
import { TAGS_PER_RESOURCE } from './limits.ts'

export interface TagRecord {
  readonly Key: string
  readonly Value: string
}

/** The tags with others added; a key that is there already gets the new value. */
export const tagged = (tags: readonly TagRecord[], added: readonly Tag[]): TagRecord[] => {
  const records = added.map(({ Key = '', Value = '' }) => ({ Key, Value }))
  const problem = tagProblem(records.map(({ Key, Value }) => ({ key: Key, value: Value })))
  if (problem !== undefined) throw InvalidTagsToAddException(problem)
  const all = [...new Map([...tags, ...records].map((tag) => [tag.Key, tag])).values()]
  if (all.length > TAGS_PER_RESOURCE) {
    throw TagLimitExceededException(`The number of tags exceeds the limit of ${TAGS_PER_RESOURCE}.`)
  }
  return all
}

export const untagged = (tags: readonly TagRecord[], keys: readonly string[]): TagRecord[] =>
  tags.filter(({ Key }) => !keys.includes(Key))
