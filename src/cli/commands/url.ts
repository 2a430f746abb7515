// neargate url: where a load balancer answers from this machine.

import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'
import { queryOf } from '../query.ts'

interface Place {
  readonly dnsName: string
  readonly state: string
  readonly reason?: string
  readonly urls: readonly string[]
  readonly addresses: readonly string[]
}

export const url: Command = {
  name: 'url',
  usage: 'url NAME|ARN [--data DIR]',
  summary: 'Print where a load balancer answers from this machine.',
  options: {},
  run: async ({ config, output, args }) => {
    const [of, ...rest] = args
    if (of === undefined || rest.length > 0) throw new CliError('say which load balancer: neargate url NAME, or ARN', 2)
    const place = (await clientFor(config).own('GET', `/_neargate/load-balancers?${queryOf({ of })}`)) as Place
    const why = place.reason === undefined ? '' : `: ${place.reason}`
    const text =
      place.urls.length > 0
        ? place.urls.join('\n')
        : `${place.dnsName} is ${place.state}${why}; it answers inside its VPC only, at ${place.addresses.join(', ')}`
    output.result(text, { ...place })
    return place.urls.length > 0 ? 0 : 1
  },
}
