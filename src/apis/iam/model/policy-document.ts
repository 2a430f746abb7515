// The grammar of policy documents, as far as IAM checks it when one is given. Pure.
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)

import { LimitExceeded, MalformedPolicyDocument } from '../errors.ts'

/** Who a policy is for: a trust policy says who may assume a role, an identity policy what its bearer may do. */
export type PolicyKind = 'identity' | 'trust'

type Json = Readonly<Record<string, unknown>>

const VERSIONS = new Set(['2012-10-17', '2008-10-17'])
const DOCUMENT_FIELDS = new Set(['Version', 'Id', 'Statement'])
const STATEMENT_FIELDS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])
const TRUST_ACTIONS = /^(sts:[a-z*?]+|\*)$/i

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const syntaxError = (): Error => MalformedPolicyDocument('Syntax errors in policy.')

/** One text or several; anything else is a syntax error. */
const texts = (value: unknown): readonly string[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || !list.every((item) => typeof item === 'string')) throw syntaxError()
  return list
}

const parsed = (text: string): Json => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw MalformedPolicyDocument('This policy contains invalid Json')
  }
  if (!isObject(value)) throw syntaxError()
  return value
}

const exactlyOne = (statement: Json, one: string, other: string, missing: string): unknown => {
  if (statement[one] !== undefined && statement[other] !== undefined) throw syntaxError()
  const value = statement[one] ?? statement[other]
  if (value === undefined) throw MalformedPolicyDocument(missing)
  return value
}

const checkCondition = (condition: unknown): void => {
  if (condition === undefined) return
  if (!isObject(condition) || !Object.values(condition).every(isObject)) throw syntaxError()
}

const checkIdentityStatement = (statement: Json): void => {
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
    throw MalformedPolicyDocument('Policy document should not specify a principal.')
  }
  for (const action of texts(exactlyOne(statement, 'Action', 'NotAction', 'Policy statement must contain actions.'))) {
    if (action !== '*' && !/^[a-z0-9*?-]+:[\w*?]+$/i.test(action)) {
      throw MalformedPolicyDocument('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
    }
  }
  for (const resource of texts(
    exactlyOne(statement, 'Resource', 'NotResource', 'Policy statement must contain resources.'),
  )) {
    if (resource !== '*' && resource.split(':').length < 6) {
      throw MalformedPolicyDocument(`Resource ${resource} must be in ARN format or "*".`)
    }
  }
}

const checkTrustStatement = (statement: Json): void => {
  if (statement.Resource !== undefined || statement.NotResource !== undefined) {
    throw MalformedPolicyDocument('Has prohibited field Resource')
  }
  const principal = exactlyOne(statement, 'Principal', 'NotPrincipal', 'Missing required field Principal')
  if (isObject(principal)) {
    if (Object.keys(principal).length === 0) throw syntaxError()
    for (const [kind, value] of Object.entries(principal)) {
      if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind)) {
        throw MalformedPolicyDocument(`Invalid principal in policy: "${kind}"`)
      }
      texts(value)
    }
  } else if (principal !== '*') throw syntaxError()
  const actions = texts(exactlyOne(statement, 'Action', 'NotAction', 'Missing required field Action'))
  if (!actions.every((action) => TRUST_ACTIONS.test(action))) {
    throw MalformedPolicyDocument('AssumeRole policy may only specify STS AssumeRole actions.')
  }
}

const checkStatement = (statement: unknown, kind: PolicyKind): void => {
  if (!isObject(statement) || Object.keys(statement).some((field) => !STATEMENT_FIELDS.has(field))) throw syntaxError()
  if (statement.Effect === undefined) throw MalformedPolicyDocument('Missing required field Effect')
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw MalformedPolicyDocument(`Invalid effect: ${JSON.stringify(statement.Effect)}`)
  }
  if (statement.Sid !== undefined && typeof statement.Sid !== 'string') throw syntaxError()
  checkCondition(statement.Condition)
  if (kind === 'trust') checkTrustStatement(statement)
  else checkIdentityStatement(statement)
}

/** Refuses a document that does not follow the grammar. */
export const checkPolicyDocument = (text: string, kind: PolicyKind): void => {
  const document = parsed(text)
  if (Object.keys(document).some((field) => !DOCUMENT_FIELDS.has(field))) throw syntaxError()
  if (document.Version !== undefined && !VERSIONS.has(document.Version as string)) {
    throw MalformedPolicyDocument('The policy must contain a valid version string')
  }
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement]
  if (document.Statement === undefined || statements.length === 0) throw syntaxError()
  const sids = statements.flatMap((statement: unknown) => (isObject(statement) ? (statement.Sid ?? []) : []))
  if (new Set(sids).size < sids.length) {
    throw MalformedPolicyDocument('Statement IDs (SID) in a single policy must be unique.')
  }
  for (const statement of statements) checkStatement(statement, kind)
}

/** IAM does not count white space. */
export const policySize = (text: string): number => text.replace(/\s/g, '').length

export const checkPolicySize = (size: number, limit: number, quota: string): void => {
  if (size > limit) throw LimitExceeded(`Cannot exceed quota for ${quota}: ${limit}`)
}

/** Answers carry documents as RFC 3986 percent-encoded text. */
export const encodedDocument = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
