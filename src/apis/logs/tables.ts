// The tables of CloudWatch Logs, and the only questions anyone may ask of them.

import { type Scope, scopeKey } from '#aws/scope.ts'
import { type ListOptions, type Reader, table } from '#store/store.ts'
import { noSuchGroup, noSuchStream } from './errors.ts'
import type { LogGroupRecord } from './model/log-group.ts'
import type { LogStreamRecord } from './model/log-stream.ts'

const groupKey = (scope: Scope, name: string): string => `${scopeKey(scope)}/${name}`

// A group's name holds no ":", so no stream of one group can be taken for a stream of another.
const streamKey = (scope: Scope, group: string, name: string): string => `${scopeKey(scope)}/${group}:${name}`

export const logGroups = table<LogGroupRecord>({
  name: 'logs.groups',
  key: (group) => groupKey(group.scope, group.name),
  indexes: {
    /** What retention has work with. */
    expiring: (group) => (group.retentionInDays === undefined ? [] : ['yes']),
  },
})

export const logStreams = table<LogStreamRecord>({
  name: 'logs.streams',
  key: (stream) => streamKey(stream.scope, stream.group, stream.name),
})

export const logGroupNamed = (reader: Reader, scope: Scope, name: string): Promise<LogGroupRecord | undefined> =>
  reader.get(logGroups, groupKey(scope, name))

export interface NamePage {
  readonly prefix?: string | undefined
  /** Only names after this one. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

const pageOf = (page: NamePage, key: (name: string) => string): ListOptions => ({
  prefix: key(page.prefix ?? ''),
  ...(page.after === undefined ? {} : { after: key(page.after) }),
  ...(page.limit === undefined ? {} : { limit: page.limit }),
})

/** By name. */
export const logGroupsOf = (reader: Reader, scope: Scope, page: NamePage = {}): Promise<LogGroupRecord[]> =>
  reader.list(
    logGroups,
    pageOf(page, (name) => groupKey(scope, name)),
  )

export const expiringLogGroups = (reader: Reader): Promise<LogGroupRecord[]> =>
  reader.list(logGroups, { index: 'expiring', value: 'yes' })

export const logStreamNamed = (
  reader: Reader,
  scope: Scope,
  group: string,
  name: string,
): Promise<LogStreamRecord | undefined> => reader.get(logStreams, streamKey(scope, group, name))

/** By name. */
export const logStreamsOf = (
  reader: Reader,
  scope: Scope,
  group: string,
  page: NamePage = {},
): Promise<LogStreamRecord[]> =>
  reader.list(
    logStreams,
    pageOf(page, (name) => streamKey(scope, group, name)),
  )

/** Throws AWS's refusal when the group is not there. */
export const existingGroup = async (reader: Reader, scope: Scope, name: string): Promise<LogGroupRecord> => {
  const group = await logGroupNamed(reader, scope, name)
  if (group === undefined) throw noSuchGroup()
  return group
}

/** Throws AWS's refusal when the group or the stream is not there. */
export const existingStream = async (
  reader: Reader,
  scope: Scope,
  group: string,
  name: string,
): Promise<LogStreamRecord> => {
  const stream = await logStreamNamed(reader, scope, group, name)
  if (stream !== undefined) return stream
  await existingGroup(reader, scope, group)
  throw noSuchStream()
}

export { groupKey as logGroupKey, streamKey as logStreamKey }
