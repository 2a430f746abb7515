// Signs a request with SigV4, so that the command line is a client like any other.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac } from 'node:crypto'

export interface Signer {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly service: string
}

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()

/** The headers to send, Authorization included. `bodyHash` is the body's SHA-256 in hex, or "UNSIGNED-PAYLOAD". */
export const signedHeaders = (
  signer: Signer,
  request: { method: string; url: URL; headers: Readonly<Record<string, string>>; bodyHash: string },
  now: Date,
): Record<string, string> => {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-date': stamp,
    'x-amz-content-sha256': request.bodyHash,
  }
  const names = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .toSorted()
  const query = [...request.url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&')
  const lowered = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]))
  const canonical = [
    request.method,
    request.url.pathname,
    query,
    ...names.map((name) => `${name}:${lowered.get(name) ?? ''}`),
    '',
    names.join(';'),
    request.bodyHash,
  ].join('\n')
  const scope = `${day}/${signer.region}/${signer.service}/aws4_request`
  const key = [signer.region, signer.service, 'aws4_request'].reduce<Buffer>(
    hmac,
    hmac(`AWS4${signer.secretAccessKey}`, day),
  )
  const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')).toString('hex')
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${signer.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

export const hashOf = sha256
