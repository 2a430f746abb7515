// Names, paths, ids and tags of IAM's entities. Pure.

import type { Tag } from '@aws-sdk/client-iam'
import type { Random } from '#base/random.ts'
import { InvalidInput, LimitExceeded, validationError } from '../errors.ts'
import { TAGS_PER_ROLE } from './limits.ts'

export const checkName = (name: string, member: string): void => {
  if (/^[\w+=,.@-]+$/.test(name)) return
  throw validationError(
    `The specified value for ${member} is invalid. ` +
      'It must contain only alphanumeric characters and/or the following: +=,.@_-',
  )
}

/** "/" when there is none. */
export const requestedPath = (path: string | undefined): string => {
  if (path === undefined || /^(\/[\u0021-\u007e]+)*\/$/.test(path)) return path ?? '/'
  throw validationError(
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters ' +
      'and/or / characters.',
  )
}

const ID_CHARACTERS = 17

/** e.g. "AROA2ABCDEFGHIJKLMNOP": upper case and digits after four letters that say what it is. */
export const newId = (prefix: 'AROA' | 'ANPA', random: Random): string =>
  prefix + random.alphanumeric(ID_CHARACTERS).toUpperCase()

/** The tags with others added; a key that is there already, in whatever case, gets the new value. */
export const tagged = (tags: readonly Tag[], added: readonly Tag[]): Tag[] => {
  const all = new Map(tags.map((tag) => [tag.Key?.toLowerCase(), tag]))
  const keys = added.map((tag) => tag.Key?.toLowerCase())
  if (new Set(keys).size < keys.length) {
    throw InvalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  for (const tag of added) {
    if (tag.Key?.toLowerCase().startsWith('aws:') === true) {
      throw InvalidInput('Tag keys with the prefix aws: are reserved for AWS use.')
    }
    all.set(tag.Key?.toLowerCase(), { Key: tag.Key, Value: tag.Value })
  }
  if (all.size > TAGS_PER_ROLE) throw LimitExceeded(`Cannot exceed quota for TagsPerRole: ${TAGS_PER_ROLE}`)
  return [...all.values()]
}

export const untagged = (tags: readonly Tag[], keys: readonly string[]): Tag[] => {
  const gone = new Set(keys.map((key) => key.toLowerCase()))
  return tags.filter((tag) => !gone.has(tag.Key?.toLowerCase() ?? ''))
}
