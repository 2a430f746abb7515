// Answers the DNS questions of one VPC: its own names itself, the rest by asking the host's resolvers.

import type { Clock } from '#base/clock.ts'
import type { Forward, Transport } from './forwarder.ts'
import * as limits from './limits.ts'
import { CODE, readQuery, truncated, writeResponse, type Query, type Response } from './message.ts'
import { Rate } from './rate.ts'
import { ownAnswer, type Zone } from './zone.ts'

const CLASS_IN = 1
const OPCODE_QUERY = 0
/** TCP carries its length in two bytes. */
const TCP_BYTES = 65_535

export interface ResolverOptions {
  readonly clock: Clock
  /** Absent: nothing leaves the machine, and names that are not ours cannot be answered. */
  readonly forwarder?: Forward
}

export class Resolver {
  readonly #options: ResolverOptions
  readonly #rate: Rate
  #zone: Zone

  constructor(options: ResolverOptions, zone: Zone) {
    this.#options = options
    this.#zone = zone
    const { QUERIES_PER_SECOND: perSecond, RATED_SOURCES: sources } = limits
    this.#rate = new Rate({ clock: options.clock, perSecond, sources })
  }

  /** What the next question is answered from. */
  set zone(zone: Zone) {
    this.#zone = zone
  }

  /** The answer to send back; undefined for what deserves none: too often, no query, no answer in time. */
  async answer(bytes: Buffer, source: string, transport: Transport): Promise<Buffer | undefined> {
    if (!this.#rate.admits(source)) return undefined
    const query = readQuery(bytes)
    if (query === undefined) return undefined
    const limitBytes = transport === 'udp' ? query.udpBytes : TCP_BYTES
    const own = this.#own(query)
    if (own !== undefined) return writeResponse(bytes, query, own, limitBytes)
    const forwarded = await this.#options.forwarder?.ask(bytes, query, transport)
    if (forwarded !== undefined) return truncated(forwarded, bytes, query, limitBytes)
    return writeResponse(bytes, query, { code: CODE.serverFailure, answers: [] }, limitBytes)
  }

  #own(query: Query): Response | undefined {
    if (query.opcode !== OPCODE_QUERY) return { code: CODE.notImplemented, answers: [] }
    if (query.question.class !== CLASS_IN) return { code: CODE.refused, answers: [] }
    return ownAnswer(query.question, this.#zone)
  }
}
