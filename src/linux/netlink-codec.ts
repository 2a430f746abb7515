// Rtnetlink messages as bytes, both ways. Pure: netlink.ts sends and receives them.

import { Fault } from '#base/fault.ts'
import type { LinkAddress, LinkCounters, Prefix } from './network-kernel.ts'

export const MESSAGE = {
  error: 2,
  done: 3,
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newAddress: 20,
  delAddress: 21,
  getAddress: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
  newNeighbour: 28,
  newRule: 32,
} as const
export const FLAG = { request: 1, ack: 4, replace: 0x100, exclusive: 0x200, create: 0x400, dump: 0x300 } as const
const LINK = { address: 1, name: 3, mtu: 4, info: 18, stats64: 23, namespaceFd: 28 } as const
const ADDRESS = { address: 1, local: 2, label: 3, flags: 8 } as const
const ROUTE = { destination: 1, output: 4, gateway: 5, table: 15 } as const
const RULE = { priority: 6, mark: 10, table: 15, mask: 16 } as const
/** Before the main table's, 32766. */
const RULE_PRIORITY = 1000
const RULE_TO_TABLE = 1
const NEIGHBOUR = { destination: 1, linkAddress: 2 } as const
const AF_INET = 2
const AF_INET6 = 10
/** No waiting for others to object: the address is ours. */
const IFA_F_NODAD = 2
const IFA_F_NOPREFIXROUTE = 0x200
const IFF_UP = 1
const TABLE_MAIN = 254
const PROTOCOL_STATIC = 4
const SCOPE = { universe: 0, link: 253, nowhere: 255 } as const
const ROUTE_TYPE = { unspecified: 0, unicast: 1, blackhole: 6 } as const
const NUD_PERMANENT = 0x80
export const NESTED = 0x8000
const HEADER_BYTES = 16

const aligned = (bytes: number): number => (bytes + 3) & ~3

export const attribute = (type: number, ...content: readonly Buffer[]): Buffer => {
  const data = Buffer.concat(content)
  const bytes = Buffer.alloc(aligned(4 + data.length))
  bytes.writeUInt16LE(4 + data.length, 0)
  bytes.writeUInt16LE(type, 2)
  data.copy(bytes, 4)
  return bytes
}

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`)

const ipv6Bytes = (address: string): Buffer => {
  const [left = '', right, ...rest] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [head, tail] = [groups(left), groups(right ?? '')]
  const zeros = 8 - head.length - tail.length
  const all = [...head, ...Array.from({ length: Math.max(zeros, 0) }, () => '0'), ...tail]
  if (rest.length > 0 || all.length !== 8 || !all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)))
    throw new Fault('invalid', `${address} is no IPv6 address`)
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** The four bytes of a dotted address, or the sixteen of an IPv6 one. Fault "invalid" for anything else. */
export const addressBytes = (address: string): Buffer => {
  if (address.includes(':')) return ipv6Bytes(address)
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)))
    throw new Fault('invalid', `${address} is no address`)
  return Buffer.from(parts)
}

/** The six bytes of "0a:1b:2c:3d:4e:5f". Fault "invalid" for anything else. */
export const macBytes = (mac: string): Buffer => {
  const bytes = Buffer.from(mac.replaceAll(':', ''), 'hex')
  if (bytes.length !== 6 || mac.length !== 17) throw new Fault('invalid', `${mac} is no MAC address`)
  return bytes
}

/** A message without its sequence number, which the socket writes at byte 8. */
export const message = (type: number, flags: number, ...body: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(body)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(HEADER_BYTES + content.length, 0)
  header.writeUInt16LE(type, 4)
  header.writeUInt16LE(flags | FLAG.request, 6)
  return Buffer.concat([header, content])
}

const linkBody = (index: number, up: boolean): Buffer => {
  const body = Buffer.alloc(16)
  body.writeInt32LE(index, 4)
  if (up) {
    body.writeUInt32LE(IFF_UP, 8)
    body.writeUInt32LE(IFF_UP, 12)
  }
  return body
}

export interface VethEnd {
  readonly name: string
  readonly mac?: string
}

/** A pair of links, the near one up, the far one created inside the namespace of that descriptor. */
export const addVeth = (near: VethEnd, far: VethEnd, farNamespace: number, mtuBytes: number): Buffer => {
  const end = ({ name, mac }: VethEnd): Buffer[] => [
    attribute(LINK.name, text(name)),
    attribute(LINK.mtu, u32(mtuBytes)),
    ...(mac === undefined ? [] : [attribute(LINK.address, macBytes(mac))]),
  ]
  const peer = [linkBody(0, false), ...end(far), attribute(LINK.namespaceFd, u32(farNamespace))]
  const info = [attribute(1, text('veth')), attribute(2 | NESTED, attribute(1 | NESTED, ...peer))]
  return message(
    MESSAGE.newLink,
    FLAG.ack | FLAG.create | FLAG.exclusive,
    linkBody(0, true),
    ...end(near),
    attribute(LINK.info | NESTED, ...info),
  )
}

export const setUp = (index: number): Buffer => message(MESSAGE.newLink, FLAG.ack, linkBody(index, true))

export const deleteLink = (index: number): Buffer => message(MESSAGE.delLink, FLAG.ack, linkBody(index, false))

/** One link by name; the answer is a newLink message. */
export const getLink = (name: string): Buffer =>
  message(MESSAGE.getLink, 0, linkBody(0, false), attribute(LINK.name, text(name)))

export const dumpLinks = (): Buffer => message(MESSAGE.getLink, FLAG.dump, linkBody(0, false))

const familyOf = (address: string): number => (address.includes(':') ? AF_INET6 : AF_INET)

const addressBody = (index: number, { address, length }: Prefix): Buffer[] => {
  const body = Buffer.alloc(8)
  body[0] = familyOf(address)
  body[1] = length
  body[2] = body[0] === AF_INET6 ? IFA_F_NODAD : 0
  body.writeUInt32LE(index, 4)
  const bytes = addressBytes(address)
  return [body, attribute(ADDRESS.local, bytes), attribute(ADDRESS.address, bytes)]
}

export const addAddress = (index: number, prefix: Prefix, isAlone = false): Buffer => {
  const [body, ...rest] = addressBody(index, prefix)
  // All flags, those of the header included: the kernel takes the header's only where this is missing.
  const flags = attribute(ADDRESS.flags, u32((body?.readUInt8(2) ?? 0) | IFA_F_NOPREFIXROUTE))
  const flagged = isAlone ? [flags] : []
  const content = body === undefined ? [] : [body, ...rest, ...flagged]
  return message(MESSAGE.newAddress, FLAG.ack | FLAG.create | FLAG.replace, ...content)
}

export const deleteAddress = (index: number, prefix: Prefix): Buffer =>
  message(MESSAGE.delAddress, FLAG.ack, ...addressBody(index, prefix))

export const dumpAddresses = (): Buffer => {
  const body = Buffer.alloc(8)
  body[0] = AF_INET
  return message(MESSAGE.getAddress, FLAG.dump, body)
}

const routeBody = (to: Prefix, scope: number, type: number, table = TABLE_MAIN): Buffer[] => {
  const body = Buffer.alloc(12)
  body[0] = familyOf(to.address)
  body[1] = to.length
  // A number beyond a byte stands in an attribute only.
  body[4] = table > 255 ? 0 : table
  body[5] = PROTOCOL_STATIC
  body[6] = scope
  body[7] = type
  return [
    body,
    ...(to.length === 0 ? [] : [attribute(ROUTE.destination, addressBytes(to.address))]),
    ...(table === TABLE_MAIN ? [] : [attribute(ROUTE.table, u32(table))]),
  ]
}

export const addRoute = (to: Prefix, index: number, via?: string, table?: number): Buffer =>
  message(
    MESSAGE.newRoute,
    FLAG.ack | FLAG.create | FLAG.replace,
    ...routeBody(to, via === undefined ? SCOPE.link : SCOPE.universe, ROUTE_TYPE.unicast, table),
    attribute(ROUTE.output, u32(index)),
    ...(via === undefined ? [] : [attribute(ROUTE.gateway, addressBytes(via))]),
  )

export const addBlackhole = (to: Prefix): Buffer =>
  message(
    MESSAGE.newRoute,
    FLAG.ack | FLAG.create | FLAG.replace,
    ...routeBody(to, SCOPE.universe, ROUTE_TYPE.blackhole),
  )

export const addRule = (mark: number, table: number): Buffer => {
  const body = Buffer.alloc(12)
  body[0] = AF_INET
  body[7] = RULE_TO_TABLE
  return message(
    MESSAGE.newRule,
    FLAG.ack | FLAG.create | FLAG.exclusive,
    body,
    attribute(RULE.priority, u32(RULE_PRIORITY)),
    attribute(RULE.mark, u32(mark)),
    attribute(RULE.mask, u32(0xffffffff)),
    attribute(RULE.table, u32(table)),
  )
}

export const deleteRoute = (to: Prefix, table?: number): Buffer => {
  const [body, ...rest] = routeBody(to, SCOPE.nowhere, ROUTE_TYPE.unspecified, table)
  body?.writeUInt8(0, 5)
  return message(MESSAGE.delRoute, FLAG.ack, ...(body === undefined ? [] : [body]), ...rest)
}

export const dumpRoutes = (family: 'ip' | 'ip6' = 'ip'): Buffer => {
  const body = Buffer.alloc(12)
  body[0] = family === 'ip' ? AF_INET : AF_INET6
  return message(MESSAGE.getRoute, FLAG.dump, body)
}

export const addNeighbour = (index: number, address: string, mac: string): Buffer => {
  const body = Buffer.alloc(12)
  body[0] = familyOf(address)
  body.writeInt32LE(index, 4)
  body.writeUInt16LE(NUD_PERMANENT, 8)
  return message(
    MESSAGE.newNeighbour,
    FLAG.ack | FLAG.create | FLAG.replace,
    body,
    attribute(NEIGHBOUR.destination, addressBytes(address)),
    attribute(NEIGHBOUR.linkAddress, macBytes(mac)),
  )
}

export interface Received {
  readonly type: number
  readonly body: Buffer
}

/** The messages of one datagram. */
export const received = (datagram: Buffer): Received[] => {
  const messages: Received[] = []
  for (let at = 0; at + HEADER_BYTES <= datagram.length;) {
    const length = datagram.readUInt32LE(at)
    if (length < HEADER_BYTES || at + length > datagram.length) throw new Error('a netlink message is cut short')
    messages.push({ type: datagram.readUInt16LE(at + 4), body: datagram.subarray(at + HEADER_BYTES, at + length) })
    at += aligned(length)
  }
  return messages
}

export const attributes = (bytes: Buffer): Map<number, Buffer> => {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) throw new Error('a netlink attribute is cut short')
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += aligned(length)
  }
  return found
}

export interface Link {
  readonly index: number
  readonly name: string
  readonly counters?: LinkCounters
}

/** The first fields of struct rtnl_link_stats64, in its order. */
const counters = (bytes: Buffer): LinkCounters => {
  const field = (position: number): number => Number(bytes.readBigUInt64LE(position * 8))
  return {
    receivedPackets: field(0),
    sentPackets: field(1),
    receivedBytes: field(2),
    sentBytes: field(3),
    receivedErrors: field(4),
    sentErrors: field(5),
    receivedDropped: field(6),
    sentDropped: field(7),
  }
}

const terminated = (bytes: Buffer | undefined): string => bytes?.toString('latin1').replace(/\0.*$/s, '') ?? ''

export const linkOf = ({ body }: Received): Link => {
  const found = attributes(body.subarray(16))
  const name = terminated(found.get(LINK.name))
  const stats = found.get(LINK.stats64)
  return { index: body.readInt32LE(4), name, ...(stats === undefined ? {} : { counters: counters(stats) }) }
}

const dotted = (bytes: Buffer): string => [...bytes].join('.')

export const addressOf = ({ body }: Received): LinkAddress => {
  const found = attributes(body.subarray(8))
  const address = found.get(ADDRESS.local) ?? found.get(ADDRESS.address) ?? Buffer.alloc(4)
  // The label is the link's name; an alias adds a colon and a number of its own.
  const name = terminated(found.get(ADDRESS.label)).replace(/:.*$/, '')
  return { name, address: dotted(address), length: body.readUInt8(1) }
}

/** The destination of a blackhole route of the main table; undefined for any other route. */
export const blackholeOf = ({ body }: Received): Prefix | undefined => {
  const found = attributes(body.subarray(12))
  const table = found.get(ROUTE.table)?.readUInt32LE() ?? body.readUInt8(4)
  if (body.readUInt8(7) !== ROUTE_TYPE.blackhole || table !== TABLE_MAIN) return undefined
  return { address: dotted(found.get(ROUTE.destination) ?? Buffer.alloc(4)), length: body.readUInt8(1) }
}

/** The link of a default route of the main table; undefined for any other route. */
export const defaultRouteIndex = ({ body }: Received): number | undefined => {
  const found = attributes(body.subarray(12))
  const table = found.get(ROUTE.table)?.readUInt32LE() ?? body.readUInt8(4)
  if (body.readUInt8(1) !== 0 || table !== TABLE_MAIN) return undefined
  return found.get(ROUTE.output)?.readUInt32LE()
}
