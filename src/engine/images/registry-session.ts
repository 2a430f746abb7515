// Talks to one repository of one registry as one user: addresses, authentication, redirects, statuses.

import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from '#base/http.ts'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type { RegistryCredentials } from '#engine/engine.ts'
import { REGISTRY_ERROR_BYTES, REGISTRY_REDIRECTS, REGISTRY_TOKEN_BYTES, TOKEN_SECONDS } from './limits.ts'
import { isObject, parsedJson } from './manifest.ts'
import { basicAuthorization, challengeOf, tokenUrl, type Challenge } from './registry-auth.ts'
import { networkFault, shownUrl, type Transport } from './registry-transport.ts'

export interface SessionOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** e.g. "https://registry-1.docker.io" */
  readonly base: URL
  readonly repository: string
  readonly credentials: RegistryCredentials | undefined
}

export interface Answer {
  readonly response: IncomingMessage
  /** Where it came from after all redirects, for messages. */
  readonly url: URL
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

export class RegistrySession {
  readonly #options: SessionOptions
  #authorization: { readonly header: string; readonly untilMs: number } | undefined
  #asking: Promise<void> | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /**
   * The answer to a request below the repository ("manifests/latest"), with status 200 or 206. Faults: "not-found",
   * "denied", "unreachable" (also when the registry is busy or broken), "invalid".
   */
  async request(
    method: 'GET' | 'HEAD',
    path: string,
    headers: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const url = new URL(`/v2/${this.#options.repository}/${path}`, this.#options.base)
    let answer = await this.#follow(method, url, headers, signal)
    if (answer.response.statusCode === 401) {
      const challenge = challengeOf(answer.response.headers['www-authenticate'])
      // What we showed has run out, or is the first that we can show.
      this.#authorization = undefined
      if (challenge !== undefined && (await this.#authorize(challenge, signal))) {
        answer.response.resume()
        answer = await this.#follow(method, url, headers, signal)
      }
    }
    const status = answer.response.statusCode
    if (status === 200 || status === 206) return answer
    throw await statusFault(answer, method)
  }

  async #follow(
    method: 'GET' | 'HEAD',
    from: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    let url = from
    for (let hops = 0; hops <= REGISTRY_REDIRECTS; hops++) {
      const authorization = this.#known()
      // A password or token is for the registry, not for wherever it keeps its bytes.
      const shown: Record<string, string> =
        authorization !== undefined && url.origin === from.origin ? { authorization } : {}
      const response = await this.#options.transport.send({ method, url, headers: { ...headers, ...shown } }, signal)
      const location = response.headers.location
      if (!REDIRECTS.has(response.statusCode ?? 0) || location === undefined) return { response, url }
      response.resume()
      const next = URL.parse(location, url.href)
      if (next === null || !['http:', 'https:'].includes(next.protocol)) {
        throw new Fault('unreachable', `${shownUrl(url)} redirects to nowhere`)
      }
      if (next.protocol === 'http:' && url.protocol === 'https:') {
        throw new Fault('unreachable', `${shownUrl(url)} redirects to plain HTTP`)
      }
      url = next
    }
    throw new Fault('unreachable', `${shownUrl(from)}: stopped after ${REGISTRY_REDIRECTS} redirects`)
  }

  #known(): string | undefined {
    const known = this.#authorization
    return known !== undefined && known.untilMs > this.#options.clock.now().getTime() ? known.header : undefined
  }

  /** False: nothing to show. Layers are fetched in parallel; one of them asks, the others wait for its answer. */
  async #authorize(challenge: Challenge, signal: AbortSignal | undefined): Promise<boolean> {
    const { credentials } = this.#options
    if (challenge.scheme === 'basic') {
      if (credentials !== undefined) this.#keep(basicAuthorization(credentials), Number.POSITIVE_INFINITY)
      return credentials !== undefined
    }
    this.#asking ??= this.#fetchToken(challenge, signal).finally(() => (this.#asking = undefined))
    await this.#asking
    return true
  }

  async #fetchToken(challenge: Challenge & { scheme: 'bearer' }, signal: AbortSignal | undefined): Promise<void> {
    const { transport, base, repository, credentials } = this.#options
    const url = tokenUrl(challenge, base, repository, credentials)
    if (url === undefined) throw new Fault('denied', 'failed to authorize: the registry names no usable token server')
    const headers: Record<string, string> =
      credentials === undefined ? {} : { authorization: basicAuthorization(credentials) }
    const response = await transport.send({ method: 'GET', url, headers }, signal)
    const token = credentials === undefined ? 'anonymous token' : 'oauth token'
    if (response.statusCode !== 200) {
      const fault = await statusFault({ response, url }, 'GET')
      throw new Fault(
        fault.kind === 'not-found' ? 'denied' : fault.kind,
        `failed to authorize: failed to fetch ${token}: ${fault.message}`,
      )
    }
    const answer = parsedJson(await readBody({ response, url }, REGISTRY_TOKEN_BYTES), 'the token')
    const header = answer['token'] ?? answer['access_token']
    if (typeof header !== 'string' || !/^[\x21-\x7e]+$/.test(header)) {
      throw new Fault('denied', `failed to authorize: failed to fetch ${token}: there is none in the answer`)
    }
    const given = answer['expires_in']
    const seconds = typeof given === 'number' && given > 0 ? given : TOKEN_SECONDS
    this.#keep(`Bearer ${header}`, seconds)
  }

  #keep(header: string, seconds: number): void {
    this.#authorization = { header, untilMs: this.#options.clock.now().getTime() + seconds * 1000 }
  }
}

/** The whole body. Faults: "unreachable" when the connection breaks, "invalid" when there is more than `limitBytes`. */
export const readBody = async ({ response, url }: Answer, limitBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > limitBytes) throw new Fault('invalid', `${shownUrl(url)} answers with more than ${limitBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Fault || !(error instanceof Error)) throw error
    throw networkFault(error, url, `failed to read ${shownUrl(url)}`)
  }
  return Buffer.concat(chunks)
}

const statusFault = async (answer: Answer, method: string): Promise<Fault> => {
  const { response, url } = answer
  const status = response.statusCode ?? 0
  const challenge = challengeOf(response.headers['www-authenticate'])
  const said = await serverMessage(answer)
  const unexpected = `unexpected status from ${method} request to ${shownUrl(url)}: ${status} ${STATUS_CODES[status] ?? ''}`
  if (status === 404) return new Fault('not-found', 'not found')
  if (status === 401) {
    const error = challenge?.scheme === 'bearer' ? challenge.error : undefined
    const message = said ?? (error === undefined ? 'authorization failed' : `${error}: authorization failed`)
    return new Fault(
      'denied',
      `pull access denied, repository does not exist or may require authorization: server message: ${message}`,
    )
  }
  const words = said === undefined ? unexpected : `${unexpected}: ${said}`
  if (status === 403) return new Fault('denied', words)
  return new Fault(status === 429 || status >= 500 ? 'unreachable' : 'invalid', words)
}

/** "code: message" of the first error that a registry explains, printable and short. */
const serverMessage = async (answer: Answer): Promise<string | undefined> => {
  try {
    const body = parsedJson(await readBody(answer, REGISTRY_ERROR_BYTES), 'the error')
    const first: unknown = Array.isArray(body['errors']) ? body['errors'][0] : undefined
    if (!isObject(first) || typeof first['message'] !== 'string') return undefined
    const code = typeof first['code'] === 'string' ? `${first['code'].toLowerCase()}: ` : ''
    return (code + first['message']).replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 300)
  } catch (error) {
    // An explanation that cannot be read explains nothing; the status says enough.
    if (error instanceof Fault) return undefined
    throw error
  }
}
