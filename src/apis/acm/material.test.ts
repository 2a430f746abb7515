// Which certificates a load balancer can show, where no authority of ours would make them.

import { X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { factsOf, isServable } from './material.ts'

/** By a root of its own, with SHA-1. */
const LEAF = `-----BEGIN CERTIFICATE-----
MIIBBzCBsAIBAjAJBgcqhkjOPQQBMA4xDDAKBgNVBAMMA09sZDAgFw0yNjExMjIw
MjEyNTZaGA8yMTI2MTAyOTAyMTI1NlowEzERMA8GA1UEAwwIb2xkLnRlc3QwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAARKXbvY9K7QnHFquuCmyBv8d9RC0CX6QBLK
Y30FlsOTPwkVtRAfyYDhWaapKV/Ci6IDyiGE6evpxhsMqIxKV7X1MAkGByqGSM49
BAEDRwAwRAIgWljtbWLFeqH83QGBY0kas0jSOP1sBwe7H5P6vYcS1pYCICxB3/dh
UOAgdrJCWWYvri2MVb4R3egF769OqXfSx5uf
-----END CERTIFICATE-----
`
const ROOT = `-----BEGIN CERTIFICATE-----
MIIBcjCCARmgAwIBAgIUGfR/U9BzX0qb6MP30b8kOQ/VP/IwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDT2xkMCAXDTI2MTEyMjAyMTI1NloYDzIxMjYxMDI5MDIxMjU2
WjAOMQwwCgYDVQQDDANPbGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATdyoSH
C3JaBmqM+nUxJ7RBpU9h9vuMAiC0/Nw0DRd699nce3WpMGySSiH9FREp5mPP5XUa
4l7rmXhIDj9V9YXpo1MwUTAdBgNVHQ4EFgQUqCvY6W4W7lbo3RXqqvM1xI0zZwEw
HwYDVR0jBBgwFoAUqCvY6W4W7lbo3RXqqvM1xI0zZwEwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNHADBEAiA4YeI9FN+WifIlewXApcztWisRulOYduPZsksS
o7zOaAIgMwR7tGz9YGcXRhwU0S3OpYZeQ6eeg3LU5dlOqR1pfnA=
-----END CERTIFICATE-----
`

it('takes no certificate that somebody else has signed with SHA-1', () => {
  const servable = (body: string, chain?: string) =>
    isServable({
      body,
      ...(chain === undefined ? {} : { chain }),
      facts: factsOf(new X509Certificate(body)),
      names: ['old.test'],
    })
  expect(servable(LEAF, ROOT)).toBe(false)
  expect(servable(ROOT)).toBe(true)
  expect(servable(ROOT, LEAF)).toBe(false)
})
