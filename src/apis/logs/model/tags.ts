// Tags of a log group: what may be set, and the ARN by which a group is meant.

import { parseArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { InvalidParameterException, TooManyTagsException } from '../errors.ts'
import { TAGS_LIMIT } from './limits.ts'

export type Tags = Readonly<Record<string, string>>

/** The tags with the new ones added. Throws a refusal when there are too many or a key is AWS's. */
export const checkedTags = (old: Tags, added: Tags): Tags => {
  const reserved = Object.keys(added).find((key) => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined)
    throw InvalidParameterException('aws: prefixed tag key names are not allowed for external use.')
  const tags = { ...old, ...added }
  if (Object.keys(tags).length > TAGS_LIMIT) {
    throw TooManyTagsException(`The maximum number of tags for a resource is ${TAGS_LIMIT}.`)
  }
  return tags
}

export const withoutTags = (tags: Tags, keys: readonly string[]): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)))

/**
 * The name of the group that an ARN or a name means; the ARN may end in ":*". Undefined when the ARN is of another
 * account, region or service.
 */
export const groupNameOf = (identifier: string, scope: Scope): string | undefined => {
  if (!identifier.startsWith('arn:')) return identifier
  const arn = parseArn(identifier)
  if (arn === undefined || arn.service !== 'logs') return undefined
  if (arn.region !== scope.region || arn.account !== scope.account) return undefined
  return /^log-group:([^:]+)(:\*)?$/.exec(arn.resource)?.[1]
}
