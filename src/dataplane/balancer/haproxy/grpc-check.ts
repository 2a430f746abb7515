// A gRPC health check: one call with an empty message. HAProxy's own checks of HTTP cannot send a message, since its length
// begins with zeros, so the call is written down in the bytes of HTTP/2 (RFC 9113, RFC 7541). Of the answer only its code is
// looked for: on a new connection a header of that name can be written in two ways, and a number in two.

import type { HealthCheckPlan } from '../balancer.ts'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const FRAME = { data: 0, headers: 1, settings: 4 } as const
const END_STREAM = 1
const END_HEADERS = 4
/** Not compressed, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5)

/** Of HPACK's static table. */
const METHOD_POST = 0x83
const SCHEME = { HTTP: 0x86, HTTPS: 0x87, TCP: 0x86 } as const
const NAMES = { authority: 1, path: 4, contentType: 31, userAgent: 58 } as const

const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** RFC 7541, 5.1. */
const integer = (value: number, prefixBits: number): Buffer => {
  const most = (1 << prefixBits) - 1
  if (value < most) return Buffer.from([value])
  const bytes = [most]
  let rest = value - most
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

const text = (value: string): Buffer => Buffer.concat([integer(Buffer.byteLength(value), 7), Buffer.from(value)])

/** Not to be remembered, a name of the static table or one of its own. */
const field = (name: number | string, value: string): Buffer =>
  Buffer.concat([
    typeof name === 'number' ? integer(name, 4) : Buffer.concat([Buffer.from([0]), text(name)]),
    text(value),
  ])

/** Everything that the load balancer says, at once. */
export const grpcCall = ({ path, protocol }: Pick<HealthCheckPlan, 'path' | 'protocol'>, host: string): Buffer => {
  const headers = Buffer.concat([
    Buffer.from([METHOD_POST, SCHEME[protocol]]),
    field(NAMES.path, path),
    field(NAMES.authority, host),
    field(NAMES.contentType, 'application/grpc'),
    field('te', 'trailers'),
    field(NAMES.userAgent, 'ELB-HealthChecker/2.0'),
  ])
  return Buffer.concat([
    PREFACE,
    frame(FRAME.settings, 0, 0, Buffer.alloc(0)),
    frame(FRAME.headers, END_HEADERS, 1, headers),
    frame(FRAME.data, END_STREAM, 1, EMPTY_MESSAGE),
  ])
}

/** Huffman's code of a digit: RFC 7541, appendix B. */
const digitBits = (digit: number): string =>
  digit < 3 ? digit.toString(2).padStart(5, '0') : (0x19 + digit - 3).toString(2).padStart(6, '0')

const hex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase()

/** A number as the value of a header, in hexadecimal digits: plainly, or compressed. */
const values = (code: number): readonly string[] => {
  const digits = String(code)
  const bits = digits.replaceAll(/\d/g, (digit) => digitBits(Number(digit)))
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []
  const compressed = Buffer.from([0x80 | bytes.length, ...bytes.map((byte) => Number.parseInt(byte, 2))])
  return [hex(text(digits)), hex(compressed)]
}

/** "grpc-status", plainly or compressed. */
const NAME = `(${hex(text('grpc-status'))}|889ACAC8B21234DA8F)`

const anyOf = (codes: readonly number[]): string => `${NAME}(${codes.flatMap(values).join('|')})`

/** AWS: gRPC codes of a matcher are 0 to 99. */
const CODES = Array.from({ length: 100 }, (_, code) => code)
/** Those that gRPC knows: only these are told of when they are not what was wished. */
const KNOWN_CODES = 17

/** `isAccepted`: whether the matcher has that code. */
export const grpcCheckLines = (
  check: HealthCheckPlan,
  host: string,
  isAccepted: (code: number) => boolean,
): string[] => [
  'option tcp-check',
  `tcp-check connect default linger${check.protocol === 'HTTPS' ? ' ssl alpn h2' : ''}`,
  `tcp-check send-binary ${hex(grpcCall(check, host))}`,
  // The first waits for any code; the others look into what it has waited for.
  `tcp-check expect rbinary ${anyOf(CODES)}`,
  ...CODES.slice(0, KNOWN_CODES)
    .filter((code) => !isAccepted(code))
    .map(
      (code) => `tcp-check expect min-recv 1 error-status L7STS status-code int(${code}) ! rbinary ${anyOf([code])}`,
    ),
  `tcp-check expect min-recv 1 error-status L7STS rbinary ${anyOf(CODES.filter(isAccepted))}`,
]
