// Questions of tasks that the edge passes on to the control plane, over the connection that it is told by.

import type { Socket } from 'node:net'
import type { Clock } from '#base/clock.ts'
import type { AgentAnswer, AgentQuestion, EdgeAnswer } from './contract.ts'
import * as limits from './limits.ts'
import { writeLine } from './lines.ts'

interface Waiting {
  readonly socket: Socket
  readonly resolve: (answer: AgentAnswer | undefined) => void
}

export class Questions {
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  /** Whoever told us something last. */
  #client: Socket | undefined
  #number = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A client is on the other side. */
  toldBy(socket: Socket): void {
    if (this.#client === socket) return
    this.#client = socket
    socket.once('close', () => {
      if (this.#client === socket) this.#client = undefined
      for (const { socket: asked, resolve } of this.#waiting.values()) if (asked === socket) resolve(undefined)
    })
  }

  answered({ answered, answer }: EdgeAnswer): void {
    this.#waiting.get(answered)?.resolve(answer)
  }

  /** Undefined when nobody answers in time. */
  async ask(question: AgentQuestion): Promise<AgentAnswer | undefined> {
    const socket = this.#client
    if (socket === undefined || this.#waiting.size >= limits.QUESTIONS_AT_ONCE) return undefined
    const number = ++this.#number
    const isOver = new AbortController()
    const answer = new Promise<AgentAnswer | undefined>((resolve) => this.#waiting.set(number, { socket, resolve }))
    writeLine(socket, { question: number, asked: question })
    try {
      const isLate = this.#clock.sleep(limits.QUESTION_SECONDS, isOver.signal).then(() => undefined)
      return await Promise.race([answer, isLate])
    } finally {
      isOver.abort()
      this.#waiting.delete(number)
    }
  }
}
