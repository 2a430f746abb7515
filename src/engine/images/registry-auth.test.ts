// What a registry's challenge says, and where a password may go.

import { describe, expect, it } from 'vitest'
import { challengeOf, tokenUrl } from './registry-auth.ts'

const bearer = (realm: string) =>
  ({ scheme: 'bearer', realm, service: 's', scope: undefined, error: undefined }) as const

describe('a challenge', () => {
  it('is read with commas and quotes inside its values', () => {
    expect(challengeOf('Bearer realm="https://auth.test/t",service="a, b",scope="repository:x:pull,push"')).toEqual({
      ...bearer('https://auth.test/t'),
      service: 'a, b',
      scope: 'repository:x:pull,push',
    })
    expect(challengeOf(String.raw`Bearer realm="https://a.test/\"q\"",error=insufficient_scope`)).toMatchObject({
      realm: 'https://a.test/"q"',
      error: 'insufficient_scope',
    })
  })

  it('may be one of several; a token is preferred to a password', () => {
    expect(challengeOf('Basic realm="x", Bearer realm="https://a.test"')).toMatchObject({ scheme: 'bearer' })
    expect(challengeOf('Negotiate, Basic realm="x"')).toEqual({ scheme: 'basic' })
    expect(challengeOf('basic')).toEqual({ scheme: 'basic' })
  })

  it('may be one that we cannot answer', () => {
    for (const header of [undefined, '', 'Negotiate', 'Digest realm="x"', 'Bearer', 'Bearer scope="x"']) {
      expect(challengeOf(header)).toBeUndefined()
    }
  })
})

describe('a token server', () => {
  const registry = new URL('https://registry.test')

  it('is asked for the repository only, unless the registry says more', () => {
    const url = tokenUrl(bearer('https://auth.test/t?x=1'), registry, 'team/app', { username: 'me', password: 'p' })
    expect(url?.href).toBe('https://auth.test/t?x=1&service=s&scope=repository%3Ateam%2Fapp%3Apull&account=me')
  })

  it('gets no password in the clear, unless the registry itself is plain', () => {
    expect(tokenUrl(bearer('http://auth.test/t'), registry, 'a', undefined)).toBeUndefined()
    expect(tokenUrl(bearer('file:///etc/passwd'), registry, 'a', undefined)).toBeUndefined()
    expect(tokenUrl(bearer('nonsense'), registry, 'a', undefined)).toBeUndefined()
    expect(tokenUrl(bearer('http://127.0.0.1/t'), new URL('http://127.0.0.1'), 'a', undefined)).toBeDefined()
  })
})
