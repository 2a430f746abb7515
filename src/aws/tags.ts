// Tags of the APIs that write them `{ key, value }`: their limits and their bookkeeping.

export interface Tag {
  readonly key?: string | undefined
  readonly value?: string | undefined
}

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const TAGS_PER_RESOURCE = 50
export const TAG_KEY_CHARACTERS = 128
export const TAG_VALUE_CHARACTERS = 256

/** Letters, spaces and numbers of any language, and + - = . _ : / @ */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

const isReserved = (key: string): boolean => key.toLowerCase().startsWith('aws:')

/** What is wrong with tags that a caller gives, in AWS's words; undefined when nothing is. */
export const tagProblem = (tags: readonly Tag[]): string | undefined => {
  if (tags.length > TAGS_PER_RESOURCE) return `The number of tags exceeds the limit of ${TAGS_PER_RESOURCE}.`
  const seen = new Set<string>()
  for (const { key = '', value = '' } of tags) {
    if (key === '') return 'Tag key can not be empty.'
    if (Array.from(key).length > TAG_KEY_CHARACTERS)
      return `Tag key can not be longer than ${TAG_KEY_CHARACTERS} characters.`
    if (Array.from(value).length > TAG_VALUE_CHARACTERS) {
      return `Tag value can not be longer than ${TAG_VALUE_CHARACTERS} characters.`
    }
    if (isReserved(key)) return `Tag keys starting with 'aws:' are reserved for system use.`
    if (!ALLOWED.test(key) || !ALLOWED.test(value)) return 'Tag keys and values contain invalid characters.'
    if (seen.has(key)) return 'Duplicate tag keys found. Please note that Tag keys are case sensitive.'
    seen.add(key)
  }
  return undefined
}

/** Both lists as one; where a key is in both, the later value stands. */
export const mergedTags = <T extends Tag>(existing: readonly T[], added: readonly T[]): T[] => [
  ...new Map([...existing, ...added].map((tag) => [tag.key, tag])).values(),
]

export const withoutTags = <T extends Tag>(tags: readonly T[], keys: readonly string[]): T[] =>
  tags.filter((tag) => !keys.includes(tag.key ?? ''))

/** Tags that AWS itself set do not count, and cannot be taken away. */
export const tagsOverLimit = (tags: readonly Tag[]): boolean =>
  tags.filter((tag) => !isReserved(tag.key ?? '')).length > TAGS_PER_RESOURCE
