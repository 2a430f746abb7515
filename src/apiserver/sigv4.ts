// Signature Version 4, in headers and in presigned addresses (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).

import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { basicText, instant, instantFromBasic } from './instant.ts'
import { CLOCK_SKEW_SECONDS, PRESIGNED_DEFAULT_SECONDS, PRESIGNED_MOST_SECONDS, SIGNING_KEYS_KEPT } from './limits.ts'
import { percentDecoded, queryValue, rawPairs, type WireRequest } from './wire.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** What a request says about its signer; nothing of it is proven yet. */
export interface Claim {
  readonly accessKeyId: string
  /** "20260101". */
  readonly day: string
  readonly region: string
  /** The signing name of the API. */
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** As sent: "20260101T120000Z". */
  readonly time: string
  readonly token: string | undefined
  /** Seconds a presigned address is good for; undefined for a signature in the headers. */
  readonly expiresSeconds: number | undefined
}

export type SignatureProblem =
  | { readonly kind: 'missing' }
  | { readonly kind: 'incomplete'; readonly what: string }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'expired' | 'early'; readonly detail: string }

type Header = (name: string) => string | undefined

const incomplete = (what: string): SignatureProblem => ({ kind: 'incomplete', what })

/** Reads the claim out of the Authorization header or the query string. */
export const claimOf = (request: Pick<WireRequest, 'headers' | 'query'>): Claim | SignatureProblem => {
  const authorization = request.headers['authorization']
  if (authorization !== undefined) return headerClaim(authorization, (name) => request.headers[name])
  if (request.query.includes('X-Amz-Algorithm')) return presignedClaim(request.query)
  return { kind: 'missing' }
}

export const isClaim = (found: Claim | SignatureProblem): found is Claim => 'signature' in found

const headerClaim = (authorization: string, header: Header): Claim | SignatureProblem => {
  if (!authorization.startsWith(`${ALGORITHM} `)) return incomplete(`Authorization header requires '${ALGORITHM}'.`)
  const parts = new Map(
    authorization
      .slice(ALGORITHM.length + 1)
      .split(',')
      .map((part) => {
        const at = part.indexOf('=')
        return [part.slice(0, at).trim(), part.slice(at + 1).trim()] as const
      }),
  )
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    parts.get(name),
  )
  if (!credential || !signedHeaders || !signature) {
    const lacking = (['Credential', 'Signature', 'SignedHeaders'] as const).filter((name) => !parts.get(name))
    return incomplete(lacking.map((name) => `Authorization header requires '${name}' parameter.`).join(' '))
  }
  // A missing time is found when the signature is checked; until then the claim still says which API is meant.
  const time = header('x-amz-date') ?? header('date') ?? ''
  return claimFrom(credential, signedHeaders, signature, time, header('x-amz-security-token'), undefined)
}

const presignedClaim = (query: string): Claim | SignatureProblem => {
  const value = (name: string): string | undefined => queryValue(query, name)
  if (value('X-Amz-Algorithm') !== ALGORITHM) return incomplete(`X-Amz-Algorithm must be '${ALGORITHM}'.`)
  const names = ['X-Amz-Credential', 'X-Amz-SignedHeaders', 'X-Amz-Signature', 'X-Amz-Date'] as const
  const lacking = names.filter((name) => !value(name))
  if (lacking.length > 0)
    return incomplete(lacking.map((name) => `AWS query-string parameters must include '${name}'.`).join(' '))
  const [credential, signedHeaders, signature, time] = names.map((name) => value(name)!)
  const expires = value('X-Amz-Expires') ?? String(PRESIGNED_DEFAULT_SECONDS)
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > PRESIGNED_MOST_SECONDS) {
    return incomplete('X-Amz-Expires must be between 0 and 604800 seconds.')
  }
  return claimFrom(credential!, signedHeaders!, signature!, time!, value('X-Amz-Security-Token'), Number(expires))
}

const claimFrom = (
  credential: string,
  signedHeaders: string,
  signature: string,
  time: string,
  token: string | undefined,
  expiresSeconds: number | undefined,
): Claim | SignatureProblem => {
  const [accessKeyId, day, region, service, ending, ...more] = credential.split('/')
  if (!accessKeyId || !day || region === undefined || !service || ending !== 'aws4_request' || more.length > 0) {
    return incomplete(`Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.`)
  }
  return {
    accessKeyId,
    day,
    region,
    service,
    signedHeaders: signedHeaders.split(';'),
    signature,
    time,
    token,
    expiresSeconds,
  }
}

// The signature. -----------------------------------------------------------------------------------------------------

// encodeURIComponent leaves these five alone; RFC 3986, and so SigV4, does not.
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const recoded = (text: string): string => encoded(percentDecoded(text) ?? text)

const canonicalQuery = (query: string): string =>
  rawPairs(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [recoded(name), recoded(value)] as const)
    .toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

/** Without dot segments and doubled slashes, encoded once more; S3 alone signs the path as it is. */
const canonicalPath = (path: string, service: string): string => {
  if (service === 's3' || path === '/') return path
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(encoded(segment))
  }
  return `/${kept.join('/')}${path.endsWith('/') && kept.length > 0 ? '/' : ''}`
}

const canonicalHeaders = (request: WireRequest, names: readonly string[]): string =>
  names.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`).join('')

/** Must be signed when sent, or a stranger could give a captured signature another meaning. */
const MEANINGFUL = ['x-amz-target', 'x-amz-date', 'x-amz-security-token']

const hmac = (key: string | Buffer | KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Derived keys, the least recently made dropped first. */
const signingKeys = new Map<string, { readonly secret: string; readonly key: KeyObject }>()

const signingKey = (claim: Claim, secret: string): KeyObject => {
  const id = `${claim.accessKeyId}/${claim.day}/${claim.region}/${claim.service}`
  const known = signingKeys.get(id)
  if (known !== undefined && known.secret === secret) return known.key
  const derived = hmac(hmac(hmac(hmac(`AWS4${secret}`, claim.day), claim.region), claim.service), 'aws4_request')
  const key = createSecretKey(derived)
  signingKeys.delete(id)
  if (signingKeys.size >= SIGNING_KEYS_KEPT) signingKeys.delete(signingKeys.keys().next().value!)
  signingKeys.set(id, { secret, key })
  return key
}

/** What stands for the body in the signature. */
export type PayloadRule =
  /** The body's own hash. */
  | 'hashed'
  /** A body too large to hold: the client may sign the word UNSIGNED-PAYLOAD in its place. */
  | 'streamed'

const payloadHash = (request: WireRequest, rule: PayloadRule): string | undefined => {
  const claimed = request.headers['x-amz-content-sha256']
  if (rule === 'streamed' && claimed === 'UNSIGNED-PAYLOAD') return claimed
  // A body that nobody hashes must not be there.
  if (rule === 'streamed' && hasBody(request)) return undefined
  const actual = hash('sha256', request.body)
  // A hash that is claimed and wrong is a body that was changed; other words are for streams.
  return claimed === undefined || claimed === actual ? actual : undefined
}

const hasBody = ({ headers }: WireRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0

/** Undefined when the signature is right and in time. */
export const signatureProblem = (
  request: WireRequest,
  claim: Claim,
  secret: string,
  now: Date,
  rule: PayloadRule,
): SignatureProblem | undefined => {
  const late = timeProblem(claim, now)
  if (late !== undefined) return late
  const mismatch: SignatureProblem = { kind: 'mismatch' }
  const sorted = claim.signedHeaders.toSorted()
  if (!sorted.includes('host') || sorted.some((name) => name !== name.toLowerCase())) return mismatch
  if (MEANINGFUL.some((name) => request.headers[name] !== undefined && !sorted.includes(name))) return mismatch
  const payload = payloadHash(request, rule)
  if (payload === undefined) return mismatch
  const canonical = [
    request.method,
    canonicalPath(request.path, claim.service),
    canonicalQuery(request.query),
    canonicalHeaders(request, sorted),
    sorted.join(';'),
    payload,
  ].join('\n')
  const scope = `${claim.day}/${claim.region}/${claim.service}/aws4_request`
  const toSign = `${ALGORITHM}\n${claim.time}\n${scope}\n${hash('sha256', canonical)}`
  const right = hmac(signingKey(claim, secret), toSign)
  const given = Buffer.from(/^[0-9a-f]{64}$/.test(claim.signature) ? claim.signature : '', 'hex')
  return given.length === right.length && timingSafeEqual(given, right) ? undefined : mismatch
}

const timeProblem = (claim: Claim, now: Date): SignatureProblem | undefined => {
  if (claim.time === '') {
    return incomplete(`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`)
  }
  const signed = instantFromBasic(claim.time)
  if (signed === undefined) return incomplete(`Date must be in ISO-8601 'basic format'. Got '${claim.time}'.`)
  if (claim.day !== claim.time.slice(0, 8)) {
    return incomplete('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.')
  }
  const at = now.getTime()
  const skew = CLOCK_SKEW_SECONDS * 1000
  if (signed.getTime() > at + skew) {
    const latest = basicText(instant(at + skew))
    return {
      kind: 'early',
      detail: `Signature not yet current: ${claim.time} is still later than ${latest} (${basicText(now)} + 5 min.)`,
    }
  }
  const lifetime = claim.expiresSeconds === undefined ? skew : claim.expiresSeconds * 1000
  if (signed.getTime() >= at - lifetime) return undefined
  const earliest = basicText(instant(at - lifetime))
  return {
    kind: 'expired',
    detail: `Signature expired: ${claim.time} is now earlier than ${earliest} (${basicText(now)} - ${Math.round(lifetime / 60_000)} min.)`,
  }
}
