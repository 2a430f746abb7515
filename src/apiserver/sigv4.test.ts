// Signatures against AWS's published example and against the SDK's own signer.

import { createHash } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '@smithy/core/checksum'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimOf, isClaim, signatureProblem, type Claim, type PayloadRule } from './sigv4.ts'
import type { WireRequest } from './wire.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const AT = new Date('2015-08-30T12:36:00Z')

const claimed = (request: WireRequest): Claim => {
  const claim = claimOf(request)
  if (!isClaim(claim)) throw new Error(`no claim: ${claim.kind}`)
  return claim
}
const problem = (request: WireRequest, secret = SECRET, now = AT, rule: PayloadRule = 'hashed') =>
  signatureProblem(request, claimed(request), secret, now, rule)

describe('a signature', () => {
  // "get-vanilla-query-order-key-case" and "get-vanilla" of AWS's SigV4 test suite.
  it.each([
    ['', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['Param2=value2&Param1=value1', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
  ])('is as AWS published it for "%s"', (query, signature) => {
    const request: WireRequest = {
      method: 'GET',
      path: '/',
      query,
      headers: {
        host: 'example.amazonaws.com',
        'x-amz-date': '20150830T123600Z',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
      },
      body: Buffer.alloc(0),
    }
    expect(problem(request)).toBeUndefined()
    expect(problem(request, 'other')).toEqual({ kind: 'mismatch' })
    expect(problem({ ...request, body: Buffer.from('x') })).toEqual({ kind: 'mismatch' })
    expect(problem(request, SECRET, new Date(AT.getTime() + 299_000))).toBeUndefined()
    expect(problem(request, SECRET, new Date(AT.getTime() + 301_000))).toMatchObject({
      kind: 'expired',
      detail: 'Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)',
    })
    expect(problem(request, SECRET, new Date(AT.getTime() - 301_000))).toMatchObject({ kind: 'early' })
  })

  const signer = new SignatureV4({
    service: 'elasticfilesystem',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'A', secretAccessKey: SECRET },
    sha256: Sha256,
  })
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => value.isWellFormed())

  it('holds for any path, query and body that the SDK signs, and for nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 4 }),
        fc.dictionary(text, text, { maxKeys: 4 }),
        text,
        fc.constantFrom('path', 'query', 'body', 'target', 'method'),
        async (segments, query, body, spoilt) => {
          const path = `/${segments.map(encodeURIComponent).join('/')}`
          const signed = await signer.sign(
            {
              method: 'POST',
              protocol: 'http:',
              hostname: 'localhost',
              path,
              query,
              headers: { host: 'localhost', 'x-amz-target': 'T.O', 'x-odd': '  a   b  ' },
              body,
            },
            { signingDate: AT },
          )
          const request: WireRequest = {
            method: 'POST',
            path,
            query: Object.entries(query)
              .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
              .join('&'),
            headers: signed.headers,
            body: Buffer.from(body),
          }
          expect(problem(request)).toBeUndefined()
          const changed: Record<typeof spoilt, WireRequest> = {
            path: { ...request, path: `${path}x` },
            query: { ...request, query: `${request.query}&zz=1` },
            body: { ...request, body: Buffer.from(`${body}x`) },
            target: { ...request, headers: { ...request.headers, 'x-amz-target': 'T.P' } },
            method: { ...request, method: 'PUT' },
          }
          expect(problem(changed[spoilt])).toEqual({ kind: 'mismatch' })
        },
      ),
      { numRuns: 100 },
    )
  })

  it('must cover the host, and every header that gives the request its meaning', () => {
    const headers = {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    }
    const request: WireRequest = { method: 'GET', path: '/', query: '', headers, body: Buffer.alloc(0) }
    for (const name of ['x-amz-target', 'x-amz-security-token']) {
      expect(problem({ ...request, headers: { ...headers, [name]: 'added' } })).toEqual({ kind: 'mismatch' })
    }
    const unhosted = headers.authorization.replace('host;', '')
    expect(problem({ ...request, headers: { ...headers, authorization: unhosted } })).toEqual({ kind: 'mismatch' })
  })

  it('of a stream may leave the body out only by saying so', () => {
    const sign = async (hash: string) => {
      const { headers } = await signer.sign(
        {
          method: 'POST',
          protocol: 'http:',
          hostname: 'h',
          path: '/',
          headers: { host: 'h', 'x-amz-content-sha256': hash },
        },
        { signingDate: AT },
      )
      return headers
    }
    const request = (headers: Record<string, string>): WireRequest => ({
      method: 'POST',
      path: '/',
      query: '',
      headers,
      body: Buffer.alloc(0),
    })
    return Promise.all([
      sign('UNSIGNED-PAYLOAD').then((headers) => {
        expect(problem(request({ ...headers, 'content-length': '5' }), SECRET, AT, 'streamed')).toBeUndefined()
        expect(problem(request(headers), SECRET, AT, 'hashed')).toEqual({ kind: 'mismatch' })
      }),
      sign(createHash('sha256').update('').digest('hex')).then((headers) => {
        expect(problem(request(headers), SECRET, AT, 'streamed')).toBeUndefined()
        const withBody = { ...headers, 'content-length': '5' }
        expect(problem(request(withBody), SECRET, AT, 'streamed')).toEqual({ kind: 'mismatch' })
      }),
    ])
  })
})
