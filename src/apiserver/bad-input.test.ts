// Hostile and broken requests: each gets a refusal in AWS's form (or a closed connection), and the server goes on.

import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '@smithy/core/checksum'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL_APIS } from '#test/api-server-apis.ts'
import { ACCOUNT, EXPIRED_KEY, KEY, started, TEMPORARY_KEY, type Started } from '#test/api-server.ts'

let server: Started
let open: Started
const LIMITS = { bodyBytes: 20_000, unzippedBytes: 50_000, formPairs: 50, depth: 20, requestTimeoutSeconds: 2 }
beforeAll(async () => {
  server = await started(ALL_APIS, { limits: LIMITS })
  open = await started(ALL_APIS, { limits: LIMITS, auth: 'off' })
})
afterAll(() => Promise.all([server.close(), open.close()]))

const TARGET = 'AmazonEC2ContainerServiceV20141113'
const json = (operation: string) => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': `${TARGET}.${operation}`,
})
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Unsigned, to the server that believes everybody. */
const send = async (headers: Record<string, string>, body: string | Buffer, path = '/', method = 'POST') => {
  const response = await fetch(open.endpoint + path, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: body }),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

interface Signing {
  readonly service?: string
  readonly key?: typeof KEY & { readonly sessionToken?: string }
  readonly at?: Date
  readonly change?: (headers: Record<string, string>) => void
}

/** Signed with the SDK's own signer, then spoilt by `change`. */
const signed = async (headers: Record<string, string>, body: string, options: Signing = {}) => {
  const { service = 'ecs', key = KEY, at = new Date(), change } = options
  const signer = new SignatureV4({ service, region: 'eu-west-1', credentials: key, sha256: Sha256 })
  const url = new URL(server.endpoint)
  const request = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: url.hostname,
      port: Number(url.port),
      path: '/',
      headers: { ...headers, host: url.host },
      body,
    },
    { signingDate: at },
  )
  const sent = { ...request.headers }
  change?.(sent)
  const response = await fetch(server.endpoint, { method: 'POST', headers: sent, body })
  return { status: response.status, text: await response.text() }
}

describe('who is calling', () => {
  const describe1 = (options: Signing) => signed(json('DescribeTasks'), '{"tasks":["t"]}', options)

  it('takes a right signature, a token too', async () => {
    expect((await describe1({})).status).toBe(200)
    expect((await describe1({ key: TEMPORARY_KEY })).status).toBe(200)
  })

  const wrongSecret = { ...KEY, secretAccessKey: 'wrong' }
  const MISMATCH = /The request signature we calculated does not match/
  it.each<[string, Signing, number, string, RegExp]>([
    ['a wrong secret', { key: wrongSecret }, 400, 'InvalidSignatureException', MISMATCH],
    [
      'an unknown key',
      { key: { ...KEY, accessKeyId: 'AKIDNOBODY' } },
      400,
      'UnrecognizedClientException',
      /security token/,
    ],
    ['a missing token', { key: { ...TEMPORARY_KEY, sessionToken: '' } }, 400, 'UnrecognizedClientException', /invalid/],
    ['another token', { key: { ...TEMPORARY_KEY, sessionToken: 'x' } }, 400, 'UnrecognizedClientException', /invalid/],
    ['a token too many', { key: { ...KEY, sessionToken: 'x' } }, 400, 'UnrecognizedClientException', /invalid/],
    [
      'a clock behind',
      { at: new Date(Date.now() - 6 * 60_000) },
      400,
      'InvalidSignatureException',
      /^Signature expired: \d{8}T\d{6}Z is now earlier than/,
    ],
    [
      'a clock ahead',
      { at: new Date(Date.now() + 6 * 60_000) },
      400,
      'InvalidSignatureException',
      /^Signature not yet current/,
    ],
    ['another API', { service: 'iam' }, 400, 'InvalidSignatureException', /scoped to correct service: 'ecs'/],
    [
      'a changed operation',
      { change: (h) => void (h['x-amz-target'] = `${TARGET}.StopTask`) },
      400,
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'another hash',
      { change: (h) => void (h['x-amz-content-sha256'] = '0'.repeat(64)) },
      400,
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'an unsigned body',
      { change: (h) => void (h['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD') },
      400,
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'no signature',
      { change: (h) => void delete h['authorization'] },
      400,
      'MissingAuthenticationTokenException',
      /Missing/,
    ],
    [
      'half a signature',
      { change: (h) => void (h['authorization'] = 'AWS4-HMAC-SHA256 Credential=a/b/c') },
      400,
      'IncompleteSignatureException',
      /requires 'Signature'/,
    ],
    [
      'another scheme',
      { change: (h) => void (h['authorization'] = 'Basic eDp5') },
      400,
      'IncompleteSignatureException',
      /AWS4/,
    ],
    ['an expired token', { key: EXPIRED_KEY }, 400, 'ExpiredTokenException', /is expired/],
  ])('refuses %s', async (_, options, status, code, message) => {
    const answer = await describe1(options)
    const error = JSON.parse(answer.text) as { __type: string; message: string }
    expect([answer.status, error.__type]).toEqual([status, code])
    expect(error.message).toMatch(message)
    expect(answer.text).not.toContain(KEY.secretAccessKey)
  })

  it.each([
    ['sts', 'Action=GetCallerIdentity&Version=2011-06-15', 403, 'SignatureDoesNotMatch'],
    ['ec2', 'Action=DescribeVpcs&Version=2016-11-15', 401, 'AuthFailure'],
  ])('refuses a wrong secret as %s does', async (service, body, status, code) => {
    const answer = await signed(form, body, { service, key: wrongSecret })
    expect([answer.status, /<Code>(.*)<\/Code>/.exec(answer.text)?.[1]]).toEqual([status, code])
  })

  it('finds out a changed body', async () => {
    const tampered = await signed(json('DescribeTasks'), '{"tasks":["t"]}', {
      change: (headers) => void delete headers['x-amz-content-sha256'],
    })
    expect(JSON.parse(tampered.text)).toMatchObject({ __type: 'InvalidSignatureException' })
  })

  it('takes presigned addresses while they are fresh, with GET and POST', async () => {
    const url = new URL(server.endpoint)
    const signer = new SignatureV4({ service: 'sts', region: 'us-east-1', credentials: TEMPORARY_KEY, sha256: Sha256 })
    const presigned = async (method: string, at: Date): Promise<number> => {
      const request = await signer.presign(
        {
          method,
          protocol: 'http:',
          hostname: url.hostname,
          port: Number(url.port),
          path: '/',
          query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
          headers: { host: url.host, 'x-k8s-aws-id': 'my cluster' },
          body: '',
        },
        { expiresIn: 60, signingDate: at, unhoistableHeaders: new Set(['x-k8s-aws-id']) },
      )
      const query = new URLSearchParams(request.query as Record<string, string>)
      const response = await fetch(`${server.endpoint}/?${query.toString()}`, {
        method,
        headers: { 'x-k8s-aws-id': 'my cluster' },
      })
      await response.text()
      return response.status
    }
    expect(await presigned('GET', new Date())).toBe(200)
    expect(await presigned('POST', new Date(Date.now() - 50_000))).toBe(200)
    expect(await presigned('GET', new Date(Date.now() - 70_000))).toBe(403)
  })

  it('lets anyone in with auth off; an account number as access key chooses the account', async () => {
    const authorization = (id: string) => ({
      ...form,
      authorization: `AWS4-HMAC-SHA256 Credential=${id}/20200101/eu-north-1/sts/aws4_request, SignedHeaders=host, Signature=0`,
    })
    const body = 'Action=GetCallerIdentity&Version=2011-06-15'
    expect((await send(authorization('999988887777'), body)).text).toContain('<Account>999988887777</Account>')
    expect((await send(authorization('test'), body)).text).toContain(`<Account>${ACCOUNT}</Account>`)
    expect((await send(form, body)).text).toContain(`<Account>${ACCOUNT}</Account>`)
  })
})

describe('what cannot be read', () => {
  const deep = `{"tasks":${'['.repeat(30)}${']'.repeat(30)}}`
  it.each<[string, string, number, string]>([
    ['broken JSON', '{"tasks": ["', 400, 'SerializationException'],
    ['a list for an object', '[]', 400, 'SerializationException'],
    ['null', 'null', 400, 'SerializationException'],
    ['a text for a list', '{"tasks":"t"}', 400, 'SerializationException'],
    ['a number for a text', '{"tasks":[1]}', 400, 'SerializationException'],
    ['deep nesting', deep, 413, 'RequestEntityTooLargeException'],
    ['deep nesting where we do not look', `{"unknown":${deep}}`, 413, 'RequestEntityTooLargeException'],
    ['a body over the limit', JSON.stringify({ tasks: ['x'.repeat(30_000)] }), 413, 'RequestEntityTooLargeException'],
  ])('refuses %s in JSON', async (_, body, status, code) => {
    const answer = await send(json('DescribeTasks'), body)
    expect([answer.status, (JSON.parse(answer.text) as { __type: string }).__type]).toEqual([status, code])
  })

  it('names the wrong type in JSON as AWS does, and ignores nulls and the unknown', async () => {
    const wrong = await send(json('DescribeTasks'), '{"tasks":[1]}')
    expect(JSON.parse(wrong.text)).toMatchObject({ message: 'NUMBER_VALUE can not be converted to a String' })
    const fine = await send(json('DescribeTasks'), '{"tasks":["t",null],"cluster":null,"__proto__":{"x":1},"new":{}}')
    expect(fine.status).toBe(200)
    expect((JSON.parse(fine.text) as { tasks: object[] }).tasks).toHaveLength(1)
  })

  const pairs = Array.from({ length: 60 }, (_, index) => `p${index}=1`).join('&')
  it.each<[string, string, number, string]>([
    ['no action', 'Version=2011-06-15', 400, 'MissingAction'],
    ['an unknown action', 'Action=Nonsense%3Cb%3E&Version=2011-06-15', 400, 'InvalidAction'],
    ['broken encoding', 'Action=GetCallerIdentity&Version=2011-06-15&x=%zz', 400, 'MalformedInput'],
    [
      'too many parameters',
      `Action=GetCallerIdentity&Version=2011-06-15&${pairs}`,
      413,
      'RequestEntityTooLargeException',
    ],
    ['a deep name', `Action=ListRoles&Version=2010-05-08&${'a.'.repeat(30)}b=1`, 413, 'RequestEntityTooLargeException'],
    ['a text for a number', 'Action=ListRoles&Version=2010-05-08&MaxItems=0x10', 400, 'MalformedInput'],
    ['a text for a list', 'Action=CreateRole&Version=2010-05-08&Tags=x', 400, 'MalformedInput'],
    ['an action of nobody', 'Action=GetCallerIdentity&Version=1999-01-01', 404, 'UnknownOperationException'],
  ])('refuses %s in a form', async (_, body, status, code) => {
    const answer = await send(form, body)
    expect([answer.status, /<Code>(.*)<\/Code>/.exec(answer.text)?.[1]]).toEqual([status, code])
    expect(answer.text).not.toContain('<b>')
  })

  it("tells an unknown action in AWS's words", async () => {
    const answer = await send(form, 'Action=Foo&Version=2016-11-15')
    expect(answer.text).toContain(
      '<Errors><Error><Code>InvalidAction</Code><Message>The action Foo is not valid for this web service.</Message>',
    )
    const unknown = await send(json('Foo'), '{}')
    expect(JSON.parse(unknown.text)).toMatchObject({ __type: 'UnknownOperationException' })
    const service = await send({ ...json('x'), 'x-amz-target': 'DynamoDB_20120810.ListTables' }, '{}')
    expect([service.status, service.text]).toEqual([
      501,
      expect.stringContaining('DynamoDB_20120810 is not served here'),
    ])
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect((await send(json(name), '{}')).status).toBe(400)
    }
  })

  const route53Headers = {
    'content-type': 'application/xml',
    authorization:
      'AWS4-HMAC-SHA256 Credential=x/20200101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0',
  }
  const bomb =
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><CreateHostedZoneRequest><Name>&b;</Name></CreateHostedZoneRequest>'
  it.each<[string, string, number]>([
    ['a bomb', bomb, 400],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 400],
    ['an entity of nobody', '<a><Name>&boom;</Name></a>', 400],
    ['an open element', '<a><Name>x</Name>', 400],
    ['crossed elements', '<a><b></a></b>', 400],
    ['two roots', '<a/><b/>', 400],
    ['deep nesting', '<a>'.repeat(50) + '</a>'.repeat(50), 413],
  ])('refuses %s in XML', async (_, body, status) => {
    const answer = await send(route53Headers, body, '/2013-04-01/hostedzone')
    expect(answer.status).toBe(status)
    expect(answer.text).toContain('<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">')
  })

  const cborHeaders = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' }
  it.each<[string, number[], number]>([
    ['a cut map', [0xa1], 400],
    ['a length of 2^63', [0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 400],
    ['a list for a map', [0x80], 400],
    ['deep nesting', Array.from({ length: 200 }, () => 0x81), 413],
    ['an endless map', [0xbf], 400],
    ['a key that is no text', [0xa1, 0x01, 0x02], 400],
  ])('refuses %s in CBOR', async (_, bytes, status) => {
    const path = '/service/GraniteServiceVersion20100801/operation/GetMetricStatistics'
    const answer = await send(cborHeaders, Buffer.from(bytes), path)
    expect([answer.status, answer.headers.get('smithy-protocol')]).toEqual([status, 'rpc-v2-cbor'])
  })

  it('stops a gzip bomb, and refuses what is no gzip', async () => {
    const bombed = gzipSync(JSON.stringify({ tasks: ['x'.repeat(1_000_000)] }))
    const headers = { ...json('DescribeTasks'), 'content-encoding': 'gzip' }
    expect((await send(headers, bombed)).status).toBe(413)
    expect((await send(headers, 'not gzip')).status).toBe(400)
    expect((await send({ ...headers, 'content-encoding': 'br' }, '{}')).status).toBe(400)
    expect((await send(headers, gzipSync('{"tasks":["t"]}'))).status).toBe(200)
  })

  it('answers a REST path of nobody, and health to anyone', async () => {
    expect((await send({}, '', '/no/such/path', 'GET')).status).toBe(404)
    const health = await send({}, '', '/_neargate/health', 'GET')
    expect([health.status, health.text]).toEqual([200, '{"status":"ok"}'])
  })
})

describe('broken connections', () => {
  /** Sends raw bytes and collects the answer until the server closes or falls silent. */
  const raw = (bytes: string, untilClosed = true): Promise<string> =>
    new Promise((resolve) => {
      const socket: Socket = connect(open.port, '127.0.0.1', () => socket.write(bytes))
      let text = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (!untilClosed && text.includes('\r\n\r\n')) socket.destroy()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(text))
    })
  const head = (length: number | string, more = ''): string =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: ${TARGET}.DescribeTasks\r\nContent-Length: ${length}\r\n${more}\r\n`
  const body = '{"tasks":["t"]}'
  const stillWorks = async (): Promise<boolean> => (await send(json('DescribeTasks'), body)).status === 200

  it.each([
    ['two lengths', head(15, 'Content-Length: 3\r\n') + body],
    ['a length and chunks', head(15, 'Transfer-Encoding: chunked\r\n') + body],
    ['a length that is none', head('abc') + body],
    ['no HTTP', 'hello\r\n\r\n'],
    ['a header without end', `POST / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`],
  ])('refuses %s and closes', async (_, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 4\d\d [^]*connection: close/i)
    expect(await stillWorks()).toBe(true)
  })

  it('gives up on a body that never comes', async () => {
    expect(await raw(head(100) + '{"tasks"')).toMatch(/^HTTP\/1\.1 408/)
    expect(await stillWorks()).toBe(true)
  })

  it('answers pipelined requests in their order', async () => {
    const one = (task: string): string => head(15 + task.length - 1) + `{"tasks":["${task}"]}`
    const socket = connect(open.port, '127.0.0.1', () => socket.write(one('first') + one('second')))
    let text = ''
    for await (const chunk of socket.setEncoding('utf8')) {
      text += String(chunk)
      if (text.includes('second')) break
    }
    expect(text.indexOf('first')).toBeLessThan(text.indexOf('second'))
  })

  it('survives a client that leaves in the middle', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(open.port, '127.0.0.1', () => socket.write(head(1000) + '{"ta', () => socket.destroy()))
      socket.on('close', () => resolve())
    })
    expect(await stillWorks()).toBe(true)
  })

  it('asks for an announced body only when it will be read', async () => {
    const expecting = 'Expect: 100-continue\r\n'
    expect(await raw(head(15, expecting), false)).toMatch(/^HTTP\/1\.1 100 Continue/)
    const refused = await raw(head(60_000, expecting), false)
    expect(refused).toMatch(/^HTTP\/1\.1 413/)
  })
})

it('took none of this for a bug of its own', () => {
  expect([...server.bugs, ...open.bugs]).toEqual([])
})
