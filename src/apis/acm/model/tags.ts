// Tags of certificates: what is allowed, and how they are added and taken away.

import type { Tag } from '@aws-sdk/client-acm'
import { tagProblem } from '#aws/tags.ts'
import { InvalidTagException, TooManyTagsException } from '../errors.ts'
import type { TagRecord } from './certificate.ts'
import { TAGS_PER_CERTIFICATE } from './limits.ts'

export const tagged = (tags: readonly TagRecord[], added: readonly Tag[]): TagRecord[] => {
  const records = added.map(({ Key = '', Value }) => ({ Key, ...(Value === undefined ? {} : { Value }) }))
  const problem = tagProblem(records.map(({ Key, Value }) => ({ key: Key, value: Value })))
  if (problem !== undefined) throw InvalidTagException(problem)
  const all = [...new Map([...tags, ...records].map((tag) => [tag.Key, tag])).values()]
  if (all.length > TAGS_PER_CERTIFICATE) {
    throw TooManyTagsException(`A certificate can have up to ${TAGS_PER_CERTIFICATE} tags.`)
  }
  return all
}

/** A tag goes by its key; with a value, only where the value is the same. */
export const untagged = (tags: readonly TagRecord[], removed: readonly Tag[]): TagRecord[] =>
  tags.filter(
    (tag) => !removed.some(({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === tag.Value)),
  )
