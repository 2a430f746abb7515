// A request and a response as bytes, and the path and query string of a request taken apart.

export interface WireRequest {
  readonly method: string
  /** As sent: percent-encoded, without the query string. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** As received, before gunzip: what was signed. */
  readonly body: Buffer
}

export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Undefined when the text is not valid percent-encoding. */
export const percentDecoded = (text: string): string | undefined => {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // URIError is all that decodeURIComponent throws.
    return undefined
  }
}

/** Name and value pairs of a query string, still encoded. */
export const rawPairs = (query: string): [name: string, value: string][] =>
  query === ''
    ? []
    : query
        .split('&')
        .filter((pair) => pair !== '')
        .map((pair) => {
          const at = pair.indexOf('=')
          return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
        })

/** One decoded parameter of a query string; undefined when absent or badly encoded. */
export const queryValue = (query: string, name: string): string | undefined => {
  if (!query.includes(name)) return undefined
  const pair = rawPairs(query).find(([key]) => percentDecoded(key) === name)
  return pair === undefined ? undefined : percentDecoded(pair[1])
}

export const contentType = (request: Pick<WireRequest, 'headers'>): string =>
  (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
