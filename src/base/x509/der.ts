// Writes DER, ASN.1's distinguished encoding: as much of it as a certificate needs. Reading is left to node:crypto.
// (ITU-T X.690)

const lengthOf = (count: number): number[] => {
  if (count < 0x80) return [count]
  const bytes: number[] = []
  for (let rest = count; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

const tagged = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, ...parts)

export const setOf = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, ...parts)

/** Positive, whatever its first bit, and as short as can be. */
export const integer = (bytes: Uint8Array): Buffer => {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const short = bytes.subarray(start)
  return tagged(0x02, Buffer.from((short[0] ?? 0) >= 0x80 ? [0] : []), short)
}

export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]))

/** `unused`: how many bits of the last byte do not count. */
export const bitString = (bytes: Uint8Array, unused = 0): Buffer => tagged(0x03, Buffer.from([unused]), bytes)

export const octetString = (bytes: Uint8Array): Buffer => tagged(0x04, bytes)

export const utf8String = (text: string): Buffer => tagged(0x0c, Buffer.from(text))

/** e.g. "2.5.4.3" */
export const objectId = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part % 128]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80)
    bytes.push(...groups)
  }
  return tagged(0x06, Buffer.from(bytes))
}

/** Whole seconds. X.509 writes years with two digits until 2049, and with four from then on. */
export const time = (at: Date): Buffer => {
  const digits = at.toISOString().replaceAll(/[-:T]|\..*$/g, '')
  return at.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(0x18, Buffer.from(`${digits}Z`))
}

/** [n], around what is already encoded. */
export const explicit = (n: number, part: Uint8Array): Buffer => tagged(0xa0 | n, part)

/** [n], instead of the type's own tag. */
export const implicit = (n: number, bytes: Uint8Array): Buffer => tagged(0x80 | n, bytes)
