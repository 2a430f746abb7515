// Tags of EC2's resources: what is allowed, and how they are added and taken away. Pure.
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions)

import type { Tag, TagSpecification } from '@aws-sdk/client-ec2'
import { ec2Error, invalidParameter } from '../errors.ts'
import { TAG_KEY_CHARACTERS, TAG_VALUE_CHARACTERS, TAGS_PER_RESOURCE } from './limits.ts'
import type { ResourceKind } from './resource-kind.ts'

const checkTag = (tag: Tag): void => {
  const key = tag.Key ?? ''
  if (key === '') throw invalidParameter('Tag keys cannot be empty')
  if (key.toLowerCase().startsWith('aws:')) {
    throw invalidParameter("Tag keys starting with 'aws:' are reserved for internal use")
  }
  if (key.length > TAG_KEY_CHARACTERS) {
    throw invalidParameter(`Tag key exceeds the maximum length of ${TAG_KEY_CHARACTERS} characters`)
  }
  if ((tag.Value ?? '').length > TAG_VALUE_CHARACTERS) {
    throw invalidParameter(`Tag value exceeds the maximum length of ${TAG_VALUE_CHARACTERS} characters`)
  }
}

const byKey = (tags: readonly Tag[]): Map<string, Tag> =>
  new Map(tags.map((tag) => [tag.Key ?? '', { Key: tag.Key ?? '', Value: tag.Value ?? '' }]))

/** The tags with others added; a key that is there already gets the new value. */
export const tagged = (tags: readonly Tag[], added: readonly Tag[]): Tag[] => {
  added.forEach(checkTag)
  const all = [...new Map([...byKey(tags), ...byKey(added)]).values()]
  // AWS's own tags are not counted.
  if (all.filter((tag) => !tag.Key?.startsWith('aws:')).length > TAGS_PER_RESOURCE) {
    throw ec2Error('TagLimitExceeded', 'You have reached the maximum number of tags allowed for a resource.')
  }
  return all
}

/** Without these: by key alone, or only where the value is the same; all but AWS's own if nothing is named. */
export const untagged = (tags: readonly Tag[], removed: readonly Tag[] | undefined): Tag[] =>
  tags.filter((tag) =>
    removed === undefined || removed.length === 0
      ? tag.Key?.startsWith('aws:')
      : !removed.some((other) => other.Key === tag.Key && (other.Value === undefined || other.Value === tag.Value)),
  )

/** The tags that a Create call asks for. */
export const requestedTags = (specifications: readonly TagSpecification[] | undefined, kind: ResourceKind): Tag[] => {
  let tags: Tag[] = []
  for (const { ResourceType, Tags } of specifications ?? []) {
    if (ResourceType !== kind.type) {
      throw invalidParameter(`'${ResourceType ?? ''}' is not a valid taggable resource type for this operation.`)
    }
    tags = tagged(tags, Tags ?? [])
  }
  return tags
}
