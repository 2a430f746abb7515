// Which API and operation a request is for, told from headers, form and path, never from the port it came to.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { destinationOf, lookOf } from './dispatch.ts'
import { MODELS_FOLDER, modelsIn } from './models.ts'
import { parsedForm } from './query-form.ts'
import { restRoute } from './rest-router.ts'
import { problemsOf, coralText } from './validate.ts'
import type { WireRequest } from './wire.ts'

const models = modelsIn(MODELS_FOLDER, join(import.meta.dirname, '../../test/fixtures/models'))
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const scoped = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
})

const destination = (over: Partial<Omit<WireRequest, 'body'>> & { body?: string }): string => {
  const request = { method: 'POST', path: '/', query: '', headers: {}, ...over, body: Buffer.from(over.body ?? '') }
  const look = lookOf(request)
  const form = look === 'form' ? parsedForm(`${request.query}&${over.body ?? ''}`, { formPairs: 100 }) : undefined
  const { model, operationName } = destinationOf(look, request, form, models)
  return `${look} ${model.name} ${operationName}`
}

describe('a request', () => {
  it('is dispatched by target, whatever the path and host', () => {
    const headers = { 'x-amz-target': 'Logs_20140328.PutLogEvents', host: 'ecs.us-east-1.amazonaws.com' }
    expect(destination({ headers, path: '/anything/' })).toBe('json logs PutLogEvents')
  })

  it('is dispatched by credential scope, then host, then version', () => {
    const body = 'Action=ListRoles&Version=2010-05-08'
    expect(destination({ headers: { ...FORM, ...scoped('iam') }, body })).toBe('form iam ListRoles')
    const hosts = ['iam.amazonaws.com', 'IAM.localhost:4566', 'data-iam.neargate.internal']
    for (const host of hosts) expect(destination({ headers: { ...FORM, host }, body })).toBe('form iam ListRoles')
    expect(destination({ headers: { ...FORM, host: '127.0.0.1:4566' }, body })).toBe('form iam ListRoles')
    expect(destination({ query: body, method: 'GET' })).toBe('form iam ListRoles')
  })

  it('never reaches another API than it was signed for', () => {
    const body = 'Action=ListRoles&Version=2010-05-08'
    expect(() => destination({ headers: { ...FORM, ...scoped('rds') }, body })).toThrow(
      'The AWS API rds is not served here.',
    )
  })

  it('in CBOR is dispatched by path, behind any prefix', () => {
    const headers = { 'smithy-protocol': 'rpc-v2-cbor' }
    const path = '/behind/service/GraniteServiceVersion20100801/operation/ListMetrics/'
    expect(destination({ headers, path })).toBe('cbor cloudwatch ListMetrics')
  })

  it('in REST is dispatched by method, path and query, the most literal first', () => {
    const efs = models.load('efs')
    const route = (method: string, path: string, query = '') => restRoute(efs, { method, path, query })
    expect(route('GET', '/2015-02-01/file-systems/')).toMatchObject({ operation: 'DescribeFileSystems' })
    expect(route('DELETE', '/2015-02-01/file-systems/fs-1', 'x-id=DeleteFileSystem')).toEqual({
      operation: 'DeleteFileSystem',
      labels: { FileSystemId: 'fs-1' },
    })
    expect(route('GET', '/2015-02-01/file-systems/fs-1/policy')).toMatchObject({
      operation: 'DescribeFileSystemPolicy',
    })
    expect(route('GET', '/2015-02-01/resource-tags/arn%3Aaws%3A%2Ffs-1')?.labels).toEqual({
      ResourceId: 'arn:aws:/fs-1',
    })
    expect(route('PATCH', '/2015-02-01/file-systems')).toBeUndefined()
    expect(route('GET', '/2015-02-01/resource-tags/%zz')).toBeUndefined()
  })
})

describe('validation', () => {
  const logs = models.load('logs')
  it.each<[string, Record<string, unknown>, string]>([
    ['CreateLogGroup', {}, "Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"],
    [
      'CreateLogGroup',
      { logGroupName: '' },
      "Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    ['CreateLogGroup', { logGroupName: 'x'.repeat(513) }, 'Member must have length less than or equal to 512'],
    [
      'DescribeLogGroups',
      { limit: 51 },
      "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
    ],
    [
      'DescribeLogGroups',
      { limit: 0 },
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'DescribeLogStreams',
      { logGroupName: 'g', orderBy: 'Size' },
      "Value 'Size' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]",
    ],
    [
      'PutLogEvents',
      { logGroupName: 'g', logStreamName: 's', logEvents: [{ timestamp: 1 }] },
      "Value null at 'logEvents.1.member.message' failed to satisfy constraint: Member must not be null",
    ],
    [
      'CreateLogGroup',
      { logGroupName: 'g', tags: { 'a b': '', '%': 'x' } },
      "Value '%' at 'tags.key' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
    ],
  ])('of %s %j', (name, input, text) => {
    expect(coralText(problemsOf(logs.operation(name)!.input, input))).toContain(text)
  })

  it('does not repeat sensitive values', () => {
    const input = { RoleArn: 'a'.repeat(20), RoleSessionName: 'me', WebIdentityToken: 'top' }
    const text = coralText(problemsOf(models.load('sts').operation('AssumeRoleWithWebIdentity')!.input, input))
    expect(text).toContain("at 'webIdentityToken'")
    expect(text).not.toContain('top')
  })

  it('reports no more than a page of problems', () => {
    const logEvents = Array.from({ length: 5000 }, () => ({}))
    const problems = problemsOf(logs.operation('PutLogEvents')!.input, {
      logGroupName: 'g',
      logStreamName: 's',
      logEvents,
    })
    expect(problems).toHaveLength(100)
  })
})
