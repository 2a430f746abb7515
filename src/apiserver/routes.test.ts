// Routes of our own: found, signed, streamed, and refused in a form that says what is wrong.

import { request } from 'node:http'
import { Readable } from 'node:stream'
import { createHash } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '@smithy/core/checksum'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AwsError } from '#aws/refusal.ts'
import { ACCOUNT, KEY, started, type Started } from '#test/api-server.ts'
import type { Route } from './route.ts'

const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/_neargate/images/',
    handle: async (call, caller) => {
      const hash = createHash('sha256')
      let size = 0
      for await (const chunk of call.body) {
        hash.update(chunk as Buffer)
        size += (chunk as Buffer).length
      }
      return {
        status: 201,
        body: JSON.stringify({ path: call.path, size, sha256: hash.digest('hex'), by: caller?.account }),
      }
    },
  },
  {
    method: 'GET',
    path: '/_neargate/stream',
    open: true,
    handle: async ({ query }) => ({ status: 200, body: Readable.from(['a', 'b', query.get('last') ?? '']) }),
  },
  {
    method: 'GET',
    path: '/_neargate/refuse',
    open: true,
    handle: async () => {
      throw new AwsError('Busy', 'Try later.', { status: 409 })
    },
  },
  {
    method: 'GET',
    path: '/_neargate/bug',
    open: true,
    handle: async () => {
      throw new Error('a secret of ours')
    },
  },
]

let server: Started
beforeAll(async () => {
  server = await started([], { routes, limits: { bodyBytes: 1000 } })
})
afterAll(() => server.close())

const signedHeaders = async (path: string, more: Record<string, string>): Promise<Record<string, string>> => {
  const signer = new SignatureV4({ service: 'neargate', region: 'us-east-1', credentials: KEY, sha256: Sha256 })
  const { host, hostname } = new URL(server.endpoint)
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path,
    headers: { host, ...more },
  })
  return headers
}

const upload = async (headers: Record<string, string>, chunks: number): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${server.endpoint}/_neargate/images/a%2Fb`, { method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    outgoing.on('error', reject)
    Readable.from(
      (function* () {
        for (let i = 0; i < chunks; i++) yield Buffer.alloc(65_536, 'x')
      })(),
    ).pipe(outgoing)
  })

describe('a route', () => {
  it('takes a signed upload far larger than any call may be', async () => {
    const headers = await signedHeaders('/_neargate/images/a%2Fb', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
    const { status, text } = await upload(headers, 200)
    expect(status).toBe(201)
    const sha256 = createHash('sha256')
      .update('x'.repeat(200 * 65_536))
      .digest('hex')
    expect(JSON.parse(text)).toEqual({ path: '/_neargate/images/a%2Fb', size: 200 * 65_536, sha256, by: ACCOUNT })
  })

  it('refuses the unsigned and the wrongly signed', async () => {
    const unsigned = await fetch(`${server.endpoint}/_neargate/images/x`, { method: 'POST', body: 'x' })
    expect(unsigned.status).toBe(403)
    expect(await unsigned.json()).toMatchObject({ code: 'MissingAuthenticationTokenException' })
    const headers = await signedHeaders('/_neargate/images/other', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
    expect(await upload(headers, 1)).toMatchObject({ status: 403 })
  })

  it('answers with streams, refusals and bugs', async () => {
    const get = (path: string) => fetch(server.endpoint + path)
    expect(await (await get('/_neargate/stream?last=%26')).text()).toBe('ab&')
    const refused = await get('/_neargate/refuse')
    expect([refused.status, await refused.json()]).toEqual([409, { code: 'Busy', message: 'Try later.' }])
    const bug = await get('/_neargate/bug')
    expect([bug.status, await bug.text()]).toEqual([500, expect.not.stringContaining('secret')])
    expect(server.bugs).toHaveLength(1)
    expect((await get('/_neargate/nowhere')).status).toBe(404)
    expect((await get('/_neargate/images/x')).status).toBe(405)
  })
})

describe('closing', () => {
  it('lets a call under way end, and drops connections that only wait', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    let entered = (): void => {}
    const inside = new Promise<void>((resolve) => (entered = resolve))
    const own = await started([], {
      routes: [
        {
          method: 'GET',
          path: '/_neargate/slow',
          open: true,
          handle: async () => {
            entered()
            await held
            return { status: 200, body: 'done' }
          },
        },
      ],
    })
    await (await fetch(`${own.endpoint}/_neargate/health`)).text()
    const slow = fetch(`${own.endpoint}/_neargate/slow`)
    await inside
    const closed = own.close()
    release()
    expect(await (await slow).text()).toBe('done')
    await closed
    await expect(fetch(`${own.endpoint}/_neargate/health`)).rejects.toThrow('fetch failed')
  })

  it('does not start with an API that has no model', async () => {
    await expect(started([{ name: 'nonsense', operations: {} }])).rejects.toThrow('no model of nonsense')
  })
})
