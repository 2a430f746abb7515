// Who is calling: finds the access key, checks the signature, and words a refusal as the API in question does.

import { timingSafeEqual } from 'node:crypto'
import { partitionOf } from '#aws/scope.ts'
import { rootArn } from '#aws/arn.ts'
import type { Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Clock } from '#base/clock.ts'
import type { CredentialSource } from './credentials.ts'
import type { Protocol } from './protocols/protocol.ts'
import { claimOf, isClaim, signatureProblem, type Claim, type PayloadRule, type SignatureProblem } from './sigv4.ts'
import type { WireRequest } from './wire.ts'

export interface Authentication {
  readonly credentials: CredentialSource
  readonly clock: Clock
  /** `off` believes every claim. */
  readonly auth: 'on' | 'off'
  /** The account of callers whom `off` lets in, unless their access key is an account number. */
  readonly account: string
}

export interface Identity {
  readonly caller: Caller
  readonly region: string
}

/** Where a call without a credential scope is taken to be. */
const DEFAULT_REGION = 'us-east-1'

type Family = Protocol['family']

export interface Expectation {
  readonly family: Family
  /** The signing name; undefined where any will do. */
  readonly service: string | undefined
  readonly payload: PayloadRule
  /** The operation may be called without a signature. */
  readonly unsigned: boolean
}

/** Throws AwsError when the caller is not who they claim to be. */
export const authenticated = async (
  request: WireRequest,
  expected: Expectation,
  options: Authentication,
): Promise<Identity> => {
  const claim = claimOf(request)
  if (options.auth === 'off') return believed(claim, options)
  if (!isClaim(claim)) {
    if (expected.unsigned && claim.kind === 'missing') return anonymous(options.account)
    throw refusalFor(claim, expected.family)
  }
  const credential = await options.credentials.find(claim.accessKeyId)
  if (credential === undefined || !sameToken(claim.token, credential.sessionToken)) {
    throw refusalFor({ kind: 'unknown-key' }, expected.family)
  }
  const now = options.clock.now()
  const problem = signatureProblem(request, claim, credential.secret, now, expected.payload)
  if (problem !== undefined) throw refusalFor(problem, expected.family)
  if (expected.service !== undefined && claim.service !== expected.service) {
    const detail = `Credential should be scoped to correct service: '${expected.service}'.`
    throw refusalFor({ kind: 'mismatch', detail }, expected.family)
  }
  if (credential.expiresAt !== undefined && credential.expiresAt <= now) {
    throw refusalFor({ kind: 'token-expired' }, expected.family)
  }
  return { caller: credential.caller, region: regionOf(claim) }
}

const regionOf = (claim: Claim): string => (/^[a-z0-9-]{1,40}$/.test(claim.region) ? claim.region : DEFAULT_REGION)

const rootCaller = (account: string, region: string): Caller => ({
  account,
  arn: rootArn({ partition: partitionOf(region), account }),
  userId: account,
})

const anonymous = (account: string): Identity => ({
  caller: { ...rootCaller(account, DEFAULT_REGION), userId: 'anonymous' },
  region: DEFAULT_REGION,
})

const believed = async (claim: Claim | SignatureProblem, options: Authentication): Promise<Identity> => {
  if (!isClaim(claim)) return { caller: rootCaller(options.account, DEFAULT_REGION), region: DEFAULT_REGION }
  const region = regionOf(claim)
  // Assumed roles keep their identity even here.
  const known = await options.credentials.find(claim.accessKeyId)
  if (known !== undefined) return { caller: known.caller, region }
  // Test suites of other emulators choose the account by giving it as the access key.
  const account = /^\d{12}$/.test(claim.accessKeyId) ? claim.accessKeyId : options.account
  return { caller: rootCaller(account, region), region }
}

const sameToken = (given: string | undefined, wanted: string | undefined): boolean => {
  if (wanted === undefined) return given === undefined
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

type Refused =
  | Exclude<SignatureProblem, { kind: 'mismatch' }>
  | { readonly kind: 'mismatch'; readonly detail?: string }
  | { readonly kind: 'unknown-key' | 'token-expired' }

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const EC2_FAILURE = 'AWS was not able to validate the provided access credentials'

/** Code by protocol: JSON (also CBOR), query and XML. EC2 has its own below. */
const CODES: Readonly<Record<Refused['kind'], readonly [json: string, query: string, message: string]>> = {
  missing: ['MissingAuthenticationTokenException', 'MissingAuthenticationToken', 'Missing Authentication Token'],
  incomplete: ['IncompleteSignatureException', 'IncompleteSignature', ''],
  'unknown-key': [
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  ],
  'token-expired': ['ExpiredTokenException', 'ExpiredToken', 'The security token included in the request is expired'],
  mismatch: ['InvalidSignatureException', 'SignatureDoesNotMatch', MISMATCH],
  expired: ['InvalidSignatureException', 'SignatureDoesNotMatch', ''],
  early: ['InvalidSignatureException', 'SignatureDoesNotMatch', ''],
}

/** Codes and statuses as each family of AWS's APIs sends them. */
const refusalFor = (problem: Refused, family: Family): AwsError => {
  if (family === 'ec2' && problem.kind !== 'missing' && problem.kind !== 'incomplete') {
    if (problem.kind === 'expired') return new AwsError('RequestExpired', 'Request has expired.', { status: 400 })
    return new AwsError('AuthFailure', EC2_FAILURE, { status: 401 })
  }
  const [json, query, text] = CODES[problem.kind]
  const detail = 'detail' in problem ? problem.detail : 'what' in problem ? problem.what : undefined
  // awsJson answers 400 to all of these, the others 403; an incomplete signature is 400 everywhere.
  const status = family === 'json' || problem.kind === 'incomplete' ? 400 : 403
  const isJson = family === 'json' || family === 'restJson'
  return new AwsError(isJson ? json : query, detail ?? text, { status })
}
