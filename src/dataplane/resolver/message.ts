// DNS messages as bytes, both ways (RFC 1035). What comes in is hostile; undefined means: do not even answer.

import * as limits from './limits.ts'

export const TYPE = { A: 1, CNAME: 5, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const
export const CODE = { ok: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const
const CLASS_IN = 1
const HEADER_BYTES = 12
const POINTER = 0xc0
const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
} as const

export interface Question {
  /** Lower case, without the last dot; the root is "". */
  readonly name: string
  readonly type: number
  readonly class: number
}

export interface Query {
  readonly id: number
  readonly opcode: number
  readonly recursionDesired: boolean
  readonly question: Question
  /** Where the question ends in the bytes that were read. */
  readonly questionEnd: number
  /** How much the client takes in one datagram. */
  readonly udpBytes: number
}

export interface Resource {
  readonly name: string
  readonly type: number
  readonly ttlSeconds: number
  readonly data: Buffer
}

export interface Response {
  readonly code: number
  readonly answers: readonly Resource[]
  readonly authorities?: readonly Resource[]
}

/** The name at `start` and where it ends there; undefined when it is cut short, too long or goes in circles. */
export const readName = (bytes: Buffer, start: number): { readonly name: string; readonly end: number } | undefined => {
  const labels: string[] = []
  let length = 1
  let end: number | undefined
  let at = start
  for (let jumps = 0; ;) {
    const head = bytes[at]
    if (head === undefined) return undefined
    if (head === 0) return { name: labels.join('.').toLowerCase(), end: end ?? at + 1 }
    if (head >= POINTER) {
      const low = bytes[at + 1]
      if (low === undefined) return undefined
      const target = (head - POINTER) * 256 + low
      // Backwards only: so no chain of pointers can come round again.
      if (target >= at || ++jumps > limits.COMPRESSION_JUMPS) return undefined
      end ??= at + 2
      at = target
      continue
    }
    if (head > limits.LABEL_BYTES || at + 1 + head > bytes.length) return undefined
    length += head + 1
    if (length > limits.NAME_BYTES) return undefined
    const label = bytes.toString('latin1', at + 1, at + 1 + head)
    // A dot inside a label would read as two labels.
    if (label.includes('.')) return undefined
    labels.push(label)
    at += 1 + head
  }
}

export const nameBytes = (name: string): Buffer => {
  const labels = name === '' ? [] : name.split('.')
  return Buffer.concat([
    ...labels.map((label) => {
      const bytes = Buffer.from(label, 'latin1')
      if (bytes.length === 0 || bytes.length > limits.LABEL_BYTES) throw new Error(`${name} is no domain name`)
      return Buffer.concat([Buffer.from([bytes.length]), bytes])
    }),
    Buffer.from([0]),
  ])
}

/** What the OPT record after the question allows, if that is what follows. RFC 6891. */
const udpBytes = (bytes: Buffer, at: number): number => {
  const isOpt = bytes.length >= at + 11 && bytes[at] === 0 && bytes.readUInt16BE(at + 1) === TYPE.OPT
  const asked = isOpt ? bytes.readUInt16BE(at + 3) : limits.UDP_BYTES
  return Math.min(Math.max(asked, limits.UDP_BYTES), limits.EDNS_UDP_BYTES)
}

/** A query with exactly one question; undefined for anything else. */
export const readQuery = (bytes: Buffer): Query | undefined => {
  if (bytes.length < HEADER_BYTES || bytes.length > limits.QUERY_BYTES) return undefined
  const flags = bytes.readUInt16BE(2)
  if ((flags & FLAG.response) !== 0 || bytes.readUInt16BE(4) !== 1) return undefined
  const read = readName(bytes, HEADER_BYTES)
  if (read === undefined || bytes.length < read.end + 4) return undefined
  // A pointer in a question could only point into the header.
  const { length } = read.name
  if (read.end - HEADER_BYTES !== (length === 0 ? 1 : length + 2)) return undefined
  return {
    id: bytes.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & FLAG.recursionDesired) !== 0,
    question: { name: read.name, type: bytes.readUInt16BE(read.end), class: bytes.readUInt16BE(read.end + 2) },
    questionEnd: read.end + 4,
    udpBytes: udpBytes(bytes, read.end + 4),
  }
}

const resourceBytes = ({ name, type, ttlSeconds, data }: Resource): Buffer => {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(CLASS_IN, 2)
  fixed.writeUInt32BE(ttlSeconds, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([nameBytes(name), fixed, data])
}

/** The answer to a query that came as `bytes`, cut to a bare header with the truncated flag above `limitBytes`. */
export const writeResponse = (bytes: Buffer, query: Query, response: Response, limitBytes: number): Buffer => {
  const question = bytes.subarray(HEADER_BYTES, query.questionEnd)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(query.id, 0)
  const desired = query.recursionDesired ? FLAG.recursionDesired : 0
  const flags = FLAG.response | FLAG.recursionAvailable | desired | (query.opcode << 11) | response.code
  header.writeUInt16BE(flags, 2)
  header.writeUInt16BE(1, 4)
  const authorities = response.authorities ?? []
  const records = [...response.answers, ...authorities].map(resourceBytes)
  const whole = Buffer.concat([header, question, ...records])
  if (whole.length > limitBytes) {
    header.writeUInt16BE(flags | FLAG.truncated, 2)
    return Buffer.concat([header, question])
  }
  whole.writeUInt16BE(response.answers.length, 6)
  whole.writeUInt16BE(authorities.length, 8)
  return whole
}

/** Somebody else's answer to the query that came as `bytes`, for a client that takes `limitBytes` only. */
export const truncated = (answer: Buffer, bytes: Buffer, query: Query, limitBytes: number): Buffer => {
  if (answer.length <= limitBytes) return answer
  const cut = Buffer.concat([answer.subarray(0, HEADER_BYTES), bytes.subarray(HEADER_BYTES, query.questionEnd)])
  cut.writeUInt16BE(cut.readUInt16BE(2) | FLAG.truncated, 2)
  cut.fill(0, 6, HEADER_BYTES)
  return cut
}

/** Whether these bytes answer that question under that id. */
export const isAnswerTo = (bytes: Buffer, id: number, question: Question): boolean => {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== id || bytes.readUInt16BE(4) !== 1) return false
  if ((bytes.readUInt16BE(2) & FLAG.response) === 0) return false
  const read = readName(bytes, HEADER_BYTES)
  if (read === undefined || bytes.length < read.end + 4 || read.name !== question.name) return false
  return bytes.readUInt16BE(read.end) === question.type && bytes.readUInt16BE(read.end + 2) === question.class
}

/** A start of authority whose minimum tells how long "no such name" holds. RFC 2308. */
export const startOfAuthority = (zone: string): Resource => {
  const numbers = Buffer.alloc(20)
  const times = [1, 60, 60, 60, limits.NEGATIVE_TTL_SECONDS]
  times.forEach((value, position) => numbers.writeUInt32BE(value, position * 4))
  const data = Buffer.concat([nameBytes('ns.neargate.internal'), nameBytes('neargate.internal'), numbers])
  return { name: zone, type: TYPE.SOA, ttlSeconds: limits.NEGATIVE_TTL_SECONDS, data }
}
