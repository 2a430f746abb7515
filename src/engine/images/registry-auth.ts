// How a registry wants to be asked: its WWW-Authenticate challenge, and what we answer to it.

import type { RegistryCredentials } from '#engine/engine.ts'

export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer'
      readonly realm: string
      readonly service: string | undefined
      readonly scope: string | undefined
      /** e.g. "insufficient_scope": a token was shown, and it does not do. */
      readonly error: string | undefined
    }

// Either a scheme, told by the parameter that follows it, or a parameter.
const PART = /([A-Za-z]+)[ \t]+(?=[A-Za-z_]+=)|([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g

/** The best challenge of the header that we can answer. */
export const challengeOf = (header: string | undefined): Challenge | undefined => {
  const challenges = new Map<string, Record<string, string>>()
  let parameters: Record<string, string> = {}
  for (const [, scheme, key, quoted, plain] of (header ?? '').matchAll(PART)) {
    if (scheme !== undefined) {
      parameters = {}
      challenges.set(scheme.toLowerCase(), parameters)
    } else if (key !== undefined) {
      parameters[key.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? ''
    }
  }
  const bearer = challenges.get('bearer')
  if (bearer?.['realm'] !== undefined) {
    const { realm, service, scope, error } = bearer
    return { scheme: 'bearer', realm, service, scope, error }
  }
  return challenges.has('basic') || /^basic$/i.test((header ?? '').trim()) ? { scheme: 'basic' } : undefined
}

export const basicAuthorization = ({ username, password }: RegistryCredentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Where to get a token. Undefined when the realm is no URL we may send a password to. */
export const tokenUrl = (
  challenge: Challenge & { scheme: 'bearer' },
  registry: URL,
  repository: string,
  credentials: RegistryCredentials | undefined,
): URL | undefined => {
  const url = URL.parse(challenge.realm)
  if (url === null) return undefined
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && registry.protocol === 'http:')) return undefined
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service)
  url.searchParams.set('scope', challenge.scope ?? `repository:${repository}:pull`)
  if (credentials !== undefined) url.searchParams.set('account', credentials.username)
  return url
}
