// How many errors clients that never stop asking see while something is done to their load balancer.

import type { AskingClient } from '#test/asking-clients.ts'

export interface Outcome {
  readonly requests: number
  /** In words, each once, with how often. */
  readonly errors: ReadonlyMap<string, number>
}

/** Asks with so many clients until `work` is done. */
export const whileAsking = async (
  open: () => AskingClient,
  count: number,
  path: string,
  work: () => Promise<void>,
): Promise<Outcome> => {
  let isOver = false
  let requests = 0
  const errors = new Map<string, number>()
  const failed = (why: string): unknown => errors.set(why, (errors.get(why) ?? 0) + 1)
  const clients = Array.from({ length: count }, async () => {
    const client = open()
    while (!isOver) {
      requests++
      try {
        const { status } = await client.ask(path)
        if (status !== 200) failed(`${status}`)
      } catch (error) {
        failed(String(error))
      }
    }
    client.end()
  })
  try {
    await work()
  } finally {
    isOver = true
    await Promise.all(clients)
  }
  return { requests, errors }
}
