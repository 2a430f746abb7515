// Text of users inside HAProxy's configuration: quoted so that it can mean nothing but itself.
// https://docs.haproxy.org/2.6/configuration.html#2.2

import { Fault } from '#base/fault.ts'
import { CONTROL } from '../wildcards.ts'

/** One word of the configuration, whatever is in it but control characters. */
export const quoted = (text: string): string => {
  if (CONTROL.test(text)) throw new Fault('invalid', 'control characters cannot be configured')
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** The same where HAProxy expands variables: a percent sign stands for itself. */
export const literal = (text: string): string => text.replaceAll('%', '%%')

const NAME = /^[A-Za-z0-9-]{1,128}$/

/** An id that is part of names and files. */
export const named = (id: string): string => {
  if (!NAME.test(id)) throw new Fault('invalid', `${JSON.stringify(id)} is no name`)
  return id
}

const TOKEN = /^[A-Za-z0-9!#$&*+.^_`|~-]{1,128}$/

/** The name of a header or cookie. RFC 9110 5.6.2, less the characters that the configuration gives a meaning. */
export const token = (text: string): string => {
  if (!TOKEN.test(text)) throw new Fault('invalid', `${JSON.stringify(text)} is no header or cookie name`)
  return text
}

const ADDRESS = /^[0-9a-fA-F.:]{2,45}$/

export const address = (text: string): string => {
  if (!ADDRESS.test(text)) throw new Fault('invalid', `${JSON.stringify(text)} is no address`)
  return text
}

export const port = (number: number): number => {
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new Fault('invalid', `${number} is no port`)
  return number
}

/** What HAProxy calls a listener at one door: of each it counts by itself. */
export const frontendName = (listenerId: string, door: number): string => `l${door}-${named(listenerId)}`

/** Undefined for what is no frontend of ours. In logs, one that speaks TLS has a mark behind its name. */
export const doorOf = (name: string): { readonly listenerId: string; readonly door: number } | undefined => {
  const [, door, listenerId] = /^l(\d+)-([^~]+)~?$/.exec(name) ?? []
  return door === undefined || listenerId === undefined ? undefined : { listenerId, door: Number(door) }
}
