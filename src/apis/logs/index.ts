// CloudWatch Logs: its name and the table of its operations.

import type * as sdk from '@aws-sdk/client-cloudwatch-logs'
import { api } from '#aws/operation.ts'
import { createLogGroup } from './operations/create-log-group.ts'
import { createLogStream } from './operations/create-log-stream.ts'
import { deleteLogGroup } from './operations/delete-log-group.ts'
import { deleteLogStream } from './operations/delete-log-stream.ts'
import { deleteRetentionPolicy } from './operations/delete-retention-policy.ts'
import { describeLogGroups } from './operations/describe-log-groups.ts'
import { describeLogStreams } from './operations/describe-log-streams.ts'
import { filterLogEvents } from './operations/filter-log-events.ts'
import { getLogEvents } from './operations/get-log-events.ts'
import { listTagsForResource } from './operations/list-tags-for-resource.ts'
import { listTagsLogGroup } from './operations/list-tags-log-group.ts'
import { putLogEvents } from './operations/put-log-events.ts'
import { putRetentionPolicy } from './operations/put-retention-policy.ts'
import { tagLogGroup } from './operations/tag-log-group.ts'
import { tagResource } from './operations/tag-resource.ts'
import { untagLogGroup } from './operations/untag-log-group.ts'
import { untagResource } from './operations/untag-resource.ts'

export const logs = api<typeof sdk>('logs', {
  CreateLogGroup: createLogGroup,
  CreateLogStream: createLogStream,
  DeleteLogGroup: deleteLogGroup,
  DeleteLogStream: deleteLogStream,
  DeleteRetentionPolicy: deleteRetentionPolicy,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  FilterLogEvents: filterLogEvents,
  GetLogEvents: getLogEvents,
  ListTagsForResource: listTagsForResource,
  ListTagsLogGroup: listTagsLogGroup,
  PutLogEvents: putLogEvents,
  PutRetentionPolicy: putRetentionPolicy,
  TagLogGroup: tagLogGroup,
  TagResource: tagResource,
  UntagLogGroup: untagLogGroup,
  UntagResource: untagResource,
})
