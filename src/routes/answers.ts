// How our own routes answer.

import type { RouteResponse } from '#apiserver/route.ts'

export const PREFIX = '/_neargate/'

export const json = (document: unknown): RouteResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(document),
})
