// Netfilter messages as bytes: elements of nftables sets, and connections that are tracked. Pure.

import { Fault } from '#base/fault.ts'
import {
  addressBytes,
  attribute,
  attributes,
  FLAG,
  macBytes,
  message,
  NESTED,
  type Received,
  text,
} from './netlink-codec.ts'
import type { ConnectionWay, CountedElement, ElementChange, ElementField, TrackedConnection } from './network-kernel.ts'

const SUBSYSTEM = { conntrack: 1, nftables: 10 } as const
const BATCH = { begin: 0x10, end: 0x11 } as const
const NFTABLES = { newElements: 12, getElements: 13, deleteElements: 14 } as const
const CONNTRACK = { get: 1, delete: 2 } as const
const FAMILY: Readonly<Record<string, number>> = { inet: 1, ip: 2, ip6: 10 }
const LIST = { table: 1, set: 2, elements: 3 } as const
const ELEMENT = { key: 1, data: 2, expression: 7 } as const
const EXPRESSION = { name: 1, data: 2 } as const
const COUNTER = { bytes: 1, packets: 2 } as const
const DATA = { value: 1, verdict: 2 } as const
const VERDICT = { code: 1, chain: 2 } as const
const NFT_GOTO = -4
const LINK_NAME_BYTES = 16
/** The length of a nested attribute has 16 bits; an element takes less than 120 bytes. */
const ELEMENTS_PER_MESSAGE = 400

const u32be = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}

const nested = (type: number, ...content: readonly Buffer[]): Buffer => attribute(type | NESTED, ...content)

const head = (family: number, resource = 0): Buffer => Buffer.from([family, 0, resource >> 8, resource & 0xff])

const familyNumber = (table: string): number => {
  const family = FAMILY[table.split(' ')[0] ?? '']
  if (family === undefined) throw new Fault('invalid', `${table} is no table`)
  return family
}

/** One field of a key or value as nft writes it: a link's name in quotes, a MAC address, or an address. */
const field = (written: string): Buffer => {
  if (written.startsWith('"')) {
    const bytes = Buffer.alloc(LINK_NAME_BYTES)
    bytes.write(written.slice(1, -1), 'latin1')
    return bytes
  }
  // Fields begin at multiples of four.
  if (written.split(':').length === 6 && written.length === 17)
    return Buffer.concat([macBytes(written), Buffer.alloc(2)])
  return addressBytes(written)
}

const data = (written: string): Buffer => {
  if (!written.startsWith('goto ')) return attribute(DATA.value, field(written))
  const chain = attribute(VERDICT.chain, text(written.slice('goto '.length)))
  return nested(DATA.verdict, attribute(VERDICT.code, u32be(NFT_GOTO)), chain)
}

const element = ({ do: verb, key, value }: ElementChange): Buffer =>
  nested(
    1,
    nested(ELEMENT.key, attribute(DATA.value, Buffer.concat(key.split(' . ').map(field)))),
    ...(verb === 'delete' || value === undefined ? [] : [nested(ELEMENT.data, data(value))]),
  )

/** The messages of one transaction, and how many of them the kernel answers. `table` is e.g. "inet vpc". */
export const elementBatch = (
  table: string,
  changes: readonly ElementChange[],
): { readonly messages: readonly Buffer[]; readonly acknowledged: number } => {
  const [, name = ''] = table.split(' ')
  const family = familyNumber(table)
  const messages: Buffer[] = []
  for (let at = 0; at < changes.length;) {
    const first = changes[at]
    let end = at
    while (end < changes.length && end - at < ELEMENTS_PER_MESSAGE) {
      const change = changes[end]
      if (change?.set !== first?.set || change?.do !== first?.do) break
      end++
    }
    const type = first?.do === 'delete' ? NFTABLES.deleteElements : NFTABLES.newElements
    messages.push(
      message(
        (SUBSYSTEM.nftables << 8) | type,
        FLAG.ack | (first?.do === 'delete' ? 0 : FLAG.create),
        head(family),
        attribute(LIST.table, text(name)),
        attribute(LIST.set, text(first?.set ?? '')),
        nested(LIST.elements, ...changes.slice(at, end).map(element)),
      ),
    )
    at = end
  }
  const begin = message(BATCH.begin, 0, head(0, SUBSYSTEM.nftables))
  const finish = message(BATCH.end, 0, head(0, SUBSYSTEM.nftables))
  return { messages: [begin, ...messages, finish], acknowledged: messages.length }
}

/** Asks for all elements of a set. */
export const dumpElements = (table: string, set: string): Buffer =>
  message(
    (SUBSYSTEM.nftables << 8) | NFTABLES.getElements,
    FLAG.dump,
    head(familyNumber(table)),
    attribute(LIST.table, text(table.split(' ')[1] ?? '')),
    attribute(LIST.set, text(set)),
  )

const FIELD_BYTES = { protocol: 1, port: 2 } as const

const addressText = (bytes: Buffer): string =>
  bytes.length === 4
    ? [...bytes].join('.')
    : Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16)).join(':')

/** Fields begin at multiples of four; how long the addresses are follows from the length of all. */
const keyFields = (key: Buffer, fields: readonly ElementField[]): string[] => {
  const addresses = fields.filter((each) => each === 'address').length
  const addressLength = addresses === 0 ? 0 : (key.length - 4 * (fields.length - addresses)) / addresses
  // A key of one field is not padded.
  const isIpv6 = addressLength > 8
  let at = 0
  return fields.map((kind) => {
    const length = kind === 'address' ? (isIpv6 ? 16 : 4) : FIELD_BYTES[kind]
    const bytes = key.subarray(at, at + length)
    at += Math.ceil(length / 4) * 4
    return kind === 'address' ? addressText(bytes) : String(bytes.readUIntBE(0, length))
  })
}

/** Attributes of one kind may come many times, which `attributes` does not know. */
const eachAttribute = function* (bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) throw new Error('a netlink attribute is cut short')
    yield bytes.subarray(at + 4, at + length)
    at += (length + 3) & ~3
  }
}

const counterOf = (expression: Buffer | undefined): Pick<CountedElement, 'packets' | 'bytes'> => {
  const found = expression === undefined ? undefined : attributes(expression)
  const name = found?.get(EXPRESSION.name)?.toString('latin1').replace('\0', '')
  const content = name === 'counter' ? found?.get(EXPRESSION.data) : undefined
  if (content === undefined) return { packets: 0, bytes: 0 }
  const numbers = attributes(content)
  const read = (type: number): number => Number(numbers.get(type)?.readBigUInt64BE() ?? 0n)
  return { packets: read(COUNTER.packets), bytes: read(COUNTER.bytes) }
}

/** What one message of the answer tells. */
export const countedElements = ({ body }: Received, fields: readonly ElementField[]): CountedElement[] => {
  const list = attributes(body.subarray(4)).get(LIST.elements)
  if (list === undefined) return []
  return [...eachAttribute(list)].map((content) => {
    const found = attributes(content)
    const key = attributes(found.get(ELEMENT.key) ?? Buffer.alloc(0)).get(DATA.value)
    if (key === undefined) throw new Error('an element of a set has no key')
    return { key: keyFields(key, fields), ...counterOf(found.get(ELEMENT.expression)) }
  })
}

const TUPLE = { original: 1, reply: 2 } as const
const TUPLE_PART = { ip: 1, protocol: 2 } as const
const ADDRESS = { ipv4Source: 1, ipv4Destination: 2, ipv6Source: 3, ipv6Destination: 4 } as const
const PORT = { protocol: 1, source: 2, destination: 3 } as const
const CONNECTION_ID = 12

/** Asks for all connections of the namespace. */
export const dumpConnections = (): Buffer => message((SUBSYSTEM.conntrack << 8) | CONNTRACK.get, FLAG.dump, head(0))

const partOf = (tuple: ReadonlyMap<number, Buffer>, part: number): ReadonlyMap<number, Buffer> => {
  const found = tuple.get(part)
  return found === undefined ? new Map() : attributes(found)
}

const wayOf = (content: Buffer): ConnectionWay => {
  const tuple = attributes(content)
  const [ip, protocol] = [partOf(tuple, TUPLE_PART.ip), partOf(tuple, TUPLE_PART.protocol)]
  const address = (v6: number, v4: number): string => addressText(ip.get(v6) ?? ip.get(v4) ?? Buffer.alloc(4))
  return {
    source: address(ADDRESS.ipv6Source, ADDRESS.ipv4Source),
    sourcePort: protocol.get(PORT.source)?.readUInt16BE() ?? 0,
    destination: address(ADDRESS.ipv6Destination, ADDRESS.ipv4Destination),
    destinationPort: protocol.get(PORT.destination)?.readUInt16BE() ?? 0,
  }
}

/** Undefined for what is no connection. */
export const connectionOf = ({ body }: Received): TrackedConnection | undefined => {
  const found = attributes(body.subarray(4))
  const [original, reply] = [found.get(TUPLE.original), found.get(TUPLE.reply)]
  if (original === undefined || reply === undefined) return undefined
  const protocol = partOf(attributes(original), TUPLE_PART.protocol).get(PORT.protocol)?.readUInt8() ?? 0
  return { protocol, original: wayOf(original), reply: wayOf(reply) }
}

/** The message that ends the connection of that answer; undefined for what is none. */
export const deleteConnection = ({ body }: Received): Buffer | undefined => {
  const found = attributes(body.subarray(4))
  const [original, id] = [found.get(TUPLE.original), found.get(CONNECTION_ID)]
  if (original === undefined || id === undefined) return undefined
  return message(
    (SUBSYSTEM.conntrack << 8) | CONNTRACK.delete,
    FLAG.ack,
    head(body.readUInt8(0)),
    nested(TUPLE.original, original),
    attribute(CONNECTION_ID, id),
  )
}
