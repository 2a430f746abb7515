// The contract of what is served besides AWS's APIs, under /_neargate/: health, and uploads too large to hold.

import type { Readable } from 'node:stream'
import type { Caller } from '#aws/operation.ts'

export interface RouteRequest {
  readonly method: string
  /** Below which the route was found, percent-decoding left to the route. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  /** The body as it arrives; not held in memory. A route that ignores it need not drain it. */
  readonly body: Readable
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

export interface RouteResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A stream is sent as it comes. */
  readonly body?: string | Buffer | Readable
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Starts with "/_neargate/"; one ending in "/" takes everything below it. */
  readonly path: string
  /**
   * Open routes are served to anyone. All others need a signature in the headers, for the service "neargate" or any
   * other; the body may be signed as UNSIGNED-PAYLOAD, so that it can be streamed.
   */
  readonly open?: true
  /** Throws AwsError to refuse; the answer is then `{"code": …, "message": …}` with its status (400 by default). */
  handle(request: RouteRequest, caller: Caller | undefined): Promise<RouteResponse>
}

export const ROUTE_PREFIX = '/_neargate/'

export const routeFor = (routes: readonly Route[], path: string): readonly Route[] =>
  routes.filter((route) => (route.path.endsWith('/') ? path.startsWith(route.path) : path === route.path))
