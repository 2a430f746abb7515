// Clients that keep asking a web service, over connections that stay open, and count who has answered.

import { Agent, get } from 'node:http'
import { systemClock } from '#base/clock.ts'

const CLIENTS = 8
/** Seconds that a client rests between two requests. */
const REST = 0.01
/** Seconds between two lines about it. */
const LINE = 2

export interface Counts {
  /** Answers by the version that gave them: the text up to " from ". */
  readonly answers: ReadonlyMap<string, number>
  readonly failures: number
}

const asked = (url: string, agent: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: 10_000 }, (response) => {
      const parts: string[] = []
      response.setEncoding('utf8').on('data', (part: string) => parts.push(part))
      response.on('end', () => {
        if (response.statusCode === 200) resolve(parts.join(''))
        else reject(new Error(`status ${response.statusCode}`))
      })
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in 10 s')))
    request.on('error', reject)
  })

export const summary = ({ answers, failures }: Counts): string =>
  [...[...answers].map(([version, count]) => `${count} answers of ${version}`), `${failures} errors`].join(', ')

/** Asks until `end` is called; that answers the counts. */
export const keepAsking = (url: string, tell: (line: string) => void): { end: () => Promise<Counts> } => {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const answers = new Map<string, number>()
  const stop = new AbortController()
  let failures = 0
  const client = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        const [version = ''] = (await asked(url, agent)).split(' from ')
        answers.set(version, (answers.get(version) ?? 0) + 1)
      } catch (error) {
        failures += 1
        tell(`a client saw an error: ${error instanceof Error ? error.message : String(error)}`)
      }
      await systemClock.sleep(REST)
    }
  }
  const clients = Array.from({ length: CLIENTS }, client)
  const lines = (async () => {
    while (!stop.signal.aborted) {
      await systemClock.sleep(LINE, stop.signal)
      tell(summary({ answers, failures }))
    }
  })()
  return {
    end: async () => {
      stop.abort()
      await Promise.all([...clients, lines])
      agent.destroy()
      return { answers, failures }
    },
  }
}
