// Which host a client asks for, by the first bytes that it sends: of TLS (RFC 8446 4.1.2, RFC 6066 3) or of HTTP/1. Pure.

import { FIRST_BYTES } from './limits.ts'

/** `more`: it cannot be told yet. No name: the client speaks something else, or names nobody. */
export type Spoken = 'more' | { readonly isHttp: boolean; readonly name?: string }

const HANDSHAKE = 0x16
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const RECORD_HEAD_BYTES = 5
/** Of the hello: type, length, version, random. */
const HELLO_HEAD_BYTES = 4 + 2 + 32

/** Thrown past the end of what has come; caught in one place. */
class Short extends Error {}

/** Reads numbers and lengths one after another. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  number(size: 1 | 2): number {
    const at = this.#at
    this.pass(size)
    return this.#bytes.readUIntBE(at, size)
  }

  pass(count: number): void {
    this.#at += count
    if (this.#at > this.#bytes.length) throw new Short()
  }

  part(count: number): Buffer {
    this.pass(count)
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }
}

/** What the records carry, as far as it has come: a hello may be spread over several. */
const handshakeOf = (bytes: Buffer): Buffer => {
  const parts: Buffer[] = []
  for (let at = 0; at + RECORD_HEAD_BYTES <= bytes.length && bytes[at] === HANDSHAKE;) {
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt16BE(at + 3)
    parts.push(bytes.subarray(at + RECORD_HEAD_BYTES, end))
    at = end
  }
  return Buffer.concat(parts)
}

const serverName = (hello: Buffer): string | undefined => {
  const cursor = new Cursor(hello)
  if (cursor.number(1) !== CLIENT_HELLO) return undefined
  cursor.pass(HELLO_HEAD_BYTES - 1)
  cursor.pass(cursor.number(1))
  cursor.pass(cursor.number(2))
  cursor.pass(cursor.number(1))
  if (cursor.isAtEnd) return undefined
  const extensions = new Cursor(cursor.part(cursor.number(2)))
  while (!extensions.isAtEnd) {
    const type = extensions.number(2)
    const data = extensions.part(extensions.number(2))
    if (type !== SERVER_NAME) continue
    const names = new Cursor(data)
    names.pass(3)
    return names.part(names.number(2)).toString('latin1')
  }
  return undefined
}

const spokenInTls = (bytes: Buffer): Spoken => {
  try {
    const name = serverName(handshakeOf(bytes))
    return { isHttp: false, ...(name === undefined ? {} : { name: name.toLowerCase() }) }
  } catch (error) {
    if (error instanceof Short) return 'more'
    throw error
  }
}

const REQUEST = /^[A-Z]{1,20} \S/

const spokenInHttp = (bytes: Buffer): Spoken => {
  const text = bytes.toString('latin1')
  if (!REQUEST.test(text)) return /^[A-Z]{0,20} ?$/.test(text) ? 'more' : { isHttp: false }
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end + 2)
  const name = /\r\nhost:[ \t]*([^\s:]+)[^\r\n]*\r\n/i.exec(head)?.[1]
  if (name !== undefined) return { isHttp: true, name: name.toLowerCase() }
  return end < 0 ? 'more' : { isHttp: true }
}

/** From all bytes so far. */
export const spokenName = (bytes: Buffer): Spoken => {
  if (bytes.length === 0) return 'more'
  const spoken = bytes[0] === HANDSHAKE ? spokenInTls(bytes) : spokenInHttp(bytes)
  return spoken === 'more' && bytes.length >= FIRST_BYTES ? { isHttp: false } : spoken
}
