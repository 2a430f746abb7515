// The names that a VPC's resolver answers itself. Pure.

import { addressBytes } from '#linux/netlink-codec.ts'
import { TTL_SECONDS } from './limits.ts'
import { CODE, nameBytes, startOfAuthority, TYPE, type Question, type Response } from './message.ts'

export interface Zone {
  readonly region: string
  /** Blocks of the VPC: addresses there have internal names. */
  readonly cidrs: readonly string[]
  /** Where tasks find Neargate's API: the address of aws.neargate.internal and of every name below it. */
  readonly apiAddress: string
  /** Names of private zones, lower case; what is below one and not in `records` does not exist. */
  readonly privateZones: readonly string[]
  /** Addresses by name, lower case; "*.x" answers all below x that has no name of its own. */
  readonly records: Readonly<Record<string, readonly string[]>>
}

export const API_NAME = 'aws.neargate.internal'
const OWN_TOP = 'neargate.internal'
/** AWS prepends labels and, for some operations, a prefix with a hyphen ("data-") to the endpoint's host name. */
const API_NAMES = /(^|[.-])aws\.neargate\.internal$/
/** RFC 6303: nobody outside knows these, and nobody outside should be asked. */
const PRIVATE_REVERSE = /(^|\.)(10|127|254\.169|168\.192|(1[6-9]|2[0-9]|3[01])\.172)\.in-addr\.arpa$/
const INTERNAL = /^ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})$/
const REVERSE = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/

/** AWS: "Amazon EC2 instance hostname types": the first region has a domain of its own. */
export const internalDomain = (region: string): string =>
  region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`

export const internalName = (address: string, region: string): string =>
  `ip-${address.replaceAll('.', '-')}.${internalDomain(region)}`

const value = (octets: readonly number[]): number | undefined =>
  octets.some((octet) => octet > 255) ? undefined : octets.reduce((sum, octet) => sum * 256 + octet, 0)

const isInside = (octets: readonly number[], cidrs: readonly string[]): boolean => {
  const wanted = value(octets)
  return cidrs.some((cidr) => {
    const [base = '', length = '32'] = cidr.split('/')
    const first = value(base.split('.').map(Number))
    if (wanted === undefined || first === undefined) return false
    const size = 2 ** (32 - Number(length))
    return Math.floor(wanted / size) === Math.floor(first / size)
  })
}

const isBelow = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)

const missing = (zone: string): Response => ({
  code: CODE.noSuchName,
  answers: [],
  authorities: [startOfAuthority(zone)],
})

const typeOf = (address: string): number => (address.includes(':') ? TYPE.AAAA : TYPE.A)

const addresses = (question: Question, zone: string, found: readonly string[]): Response => {
  const asked = found.filter((address) => question.type === TYPE.ANY || question.type === typeOf(address))
  if (asked.length === 0) return { code: CODE.ok, answers: [], authorities: [startOfAuthority(zone)] }
  return {
    code: CODE.ok,
    answers: asked.map((address) => ({
      name: question.name,
      type: typeOf(address),
      ttlSeconds: TTL_SECONDS,
      data: addressBytes(address),
    })),
  }
}

const reverse = (question: Question, zone: Zone): Response | undefined => {
  const octets = REVERSE.exec(question.name)?.slice(1).map(Number).toReversed()
  if (octets !== undefined && isInside(octets, zone.cidrs)) {
    const data = nameBytes(internalName(octets.join('.'), zone.region))
    const isAsked = question.type === TYPE.PTR || question.type === TYPE.ANY
    const answer = { name: question.name, type: TYPE.PTR, ttlSeconds: TTL_SECONDS, data }
    return { code: CODE.ok, answers: isAsked ? [answer] : [] }
  }
  return PRIVATE_REVERSE.test(question.name) ? missing(question.name) : undefined
}

/** "*.b.c" and "*.c" for "a.b.c", the nearest first. RFC 4592. */
const wildcards = (name: string): string[] => {
  const labels = name.split('.')
  return labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)
}

/** The answer, or undefined for a name that the outside may know. */
export const ownAnswer = (question: Question, zone: Zone): Response | undefined => {
  const { name } = question
  const recorded = [name, ...wildcards(name)].find((each) => Object.hasOwn(zone.records, each))
  if (recorded !== undefined) return addresses(question, name, zone.records[recorded] ?? [])
  if (API_NAMES.test(name)) return addresses(question, API_NAME, [zone.apiAddress])
  const domain = internalDomain(zone.region)
  if (isBelow(name, domain)) {
    const octets = INTERNAL.exec(name.slice(0, -domain.length - 1))
      ?.slice(1)
      .map(Number)
    return octets !== undefined && isInside(octets, zone.cidrs)
      ? addresses(question, domain, [octets.join('.')])
      : missing(domain)
  }
  const own = [...zone.privateZones, OWN_TOP].find((top) => isBelow(name, top))
  if (own !== undefined) return missing(own)
  return name.endsWith('.in-addr.arpa') ? reverse(question, zone) : undefined
}
