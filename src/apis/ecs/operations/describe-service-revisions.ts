// DescribeServiceRevisions: up to twenty service revisions by their ARNs.

import type {
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  Failure,
  ServiceRevision,
} from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeRevision } from '../model/describe-service.ts'
import { REVISIONS_PER_DESCRIBE } from '../model/limits.ts'
import { revisionNamed, serviceByArn } from '../tables.ts'

export const describeServiceRevisions: Operation<
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse
> = async ({ serviceRevisionArns: named }, call) => {
  if (named.length === 0) throw InvalidParameterException('serviceRevisionArns can not be empty.')
  if (named.length > REVISIONS_PER_DESCRIBE) {
    throw InvalidParameterException(`serviceRevisionArns can have at most ${REVISIONS_PER_DESCRIBE} items.`)
  }
  return call.store.read(async (reader) => {
    const serviceRevisions: ServiceRevision[] = []
    const failures: Failure[] = []
    for (const arn of new Set(named)) {
      const revision = await revisionNamed(reader, call.scope, arn)
      const service = revision === undefined ? undefined : await serviceByArn(reader, revision.serviceArn)
      if (revision === undefined || service === undefined) failures.push({ arn, reason: 'MISSING' })
      else serviceRevisions.push(describeRevision(service, revision))
    }
    return { serviceRevisions, failures }
  })
}
