// A line that HAProxy has written down for us: words in a known order, what a client chose among them in base64.

export interface LogLine {
  /** Undefined where HAProxy has nothing to say. */
  readonly text: (at: number) => string | undefined
  readonly number: (at: number) => number
  /** As Latin-1: a character for each byte that the client sent. */
  readonly decoded: (at: number) => string | undefined
}

const NOTHING = new Set(['-', '', '<BADREQ>', '<NOSRV>'])

/** Undefined for a line of another number of words: one that is none of ours, or cut. */
export const logLine = (line: string, length: number): LogLine | undefined => {
  const words = line.split(' ')
  if (words.length !== length) return undefined
  const text = (at: number): string | undefined => {
    const word = words[at] ?? ''
    return NOTHING.has(word) ? undefined : word
  }
  return {
    text,
    number: (at) => Number(words[at]),
    decoded: (at) => {
      const found = text(at)
      return found === undefined ? undefined : Buffer.from(found, 'base64').toString('latin1')
    },
  }
}
