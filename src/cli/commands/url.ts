// neargate url: where a load balancer answers from this machine.

import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'
import { queryOf } from '../query.ts'

interface ListenerPlace {
  readonly protocol: string
  readonly port: number
  readonly url?: string
  readonly localUrl?: string
  readonly isTaken?: boolean
}

export interface Place {
  readonly name: string
  readonly dnsName: string
  readonly scheme: 'internet-facing' | 'internal'
  readonly state: string
  readonly reason?: string
  readonly listeners: readonly ListenerPlace[]
  readonly urls: readonly string[]
  readonly addresses: readonly string[]
}

/** One line for each listener that answers here; else why none does. */
export const placeText = ({ name, dnsName, scheme, state, reason, listeners, addresses }: Place): string => {
  const why = reason === undefined ? '' : `: ${reason}`
  if (state === 'provisioning') return `${name} is not active yet, it is ${state}${why}`
  if (state === 'failed') return `${name} has failed${why}`
  if (scheme === 'internal') {
    return `${name} is internal: it answers inside its VPC only, as ${dnsName}, at ${addresses.join(', ')}`
  }
  if (listeners.length === 0) return `${name} is ${state}, and has no listeners yet`
  return listeners
    .map(({ protocol, port, url }) => url ?? `${protocol} port ${port} answers inside VPCs only`)
    .join('\n')
}

/** For who reads along: names that browsers and curl know, other programs only where systemd resolves names. */
export const nameText = ({ listeners }: Place): string =>
  listeners
    // Datagrams name nobody.
    .filter(({ protocol, url: at }) => protocol !== 'UDP' && at !== undefined)
    .map(({ port, localUrl, isTaken }) => {
      if (isTaken === true) return `another program has port ${port}: this is the public address, as the groups allow`
      return localUrl === undefined
        ? `not by name: another program has port ${port} of 127.0.0.1`
        : `by name: ${localUrl}`
    })
    .join('\n')

export const url: Command = {
  name: 'url',
  words: 1,
  usage: 'url NAME|ARN [--data DIR]',
  summary: 'Print where a load balancer answers from this machine.',
  options: {},
  run: async ({ config, output, args }) => {
    const [of] = args
    if (of === undefined) throw new CliError('say which load balancer: neargate url NAME, or ARN', 2)
    const place = (await clientFor(config).own('GET', `/_neargate/load-balancers?${queryOf({ of })}`)) as Place
    output.result(placeText(place), { ...place })
    if (place.urls.length === 0) return 1
    output.progress(nameText(place))
    return 0
  },
}
