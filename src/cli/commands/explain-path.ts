// neargate explain-path: whether a packet gets from one place to another, and by which rule, route or gateway.

import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'

interface Step {
  readonly way: 'there' | 'back'
  readonly asked: string
  readonly passes: boolean
  readonly says: string
}

interface Answer {
  readonly allowed: boolean
  readonly from: 'host' | { readonly interfaceId?: string; readonly outside?: string }
  readonly to: string
  readonly protocol: string
  readonly port: number
  readonly steps: readonly Step[]
}

/** The port stands behind the last colon; ARNs and IPv6 addresses have colons of their own. */
const withPort = (text: string): { readonly name: string; readonly port?: string } => {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text)
  const isBareIpv6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)
  const [, name = text, port] = bracketed ?? (isBareIpv6 ? [] : (/^(.*[^:]):(\d{1,5})$/.exec(text) ?? []))
  return port === undefined ? { name } : { name, port }
}

const line = ({ way, asked, passes, says }: Step): string =>
  `  ${passes ? 'passes ' : 'STOPPED'} ${way.padEnd(5)} ${asked.padEnd(15)} ${says}`

const shown = ({ allowed, from, to, protocol, port, steps }: Answer): string => {
  const sender = from === 'host' ? 'the host' : (from.interfaceId ?? from.outside)
  const what = protocol === 'icmp' ? `icmp type ${port}` : `${protocol} ${port}`
  return [`${allowed ? 'ALLOWED' : 'DENIED'}: ${what} from ${sender} to ${to}`, ...steps.map(line)].join('\n')
}

export const explainPath: Command = {
  name: 'explain-path',
  words: 2,
  usage: 'explain-path SOURCE DESTINATION[:PORT] [--protocol tcp|udp|icmp] [--data DIR]',
  summary: 'Say whether a packet gets there and its answer back, and by which rule, route or gateway. Exit code 1: no.',
  options: {
    protocol: { type: 'string', value: 'tcp|udp|icmp', help: 'tcp where a port is given, else icmp, an echo request' },
  },
  run: async ({ config, args, flags, output }) => {
    const [source, destination] = args
    if (source === undefined || destination === undefined) {
      throw new CliError(
        'say from where to where, each a task, an interface (eni-…), an address or "host":\n' +
          'neargate explain-path SOURCE DESTINATION[:PORT]',
        2,
      )
    }
    const [from, to] = [withPort(source), withPort(destination)]
    if (from.port !== undefined) throw new CliError('a port is for the destination: senders use any', 2)
    const query = new URLSearchParams({ source: from.name, destination: to.name })
    if (to.port !== undefined) query.set('port', to.port)
    if (typeof flags['protocol'] === 'string') query.set('protocol', flags['protocol'])
    const answer = (await clientFor(config).own('GET', `/_neargate/explain-path?${query.toString()}`)) as Answer
    output.result(shown(answer), answer)
    return answer.allowed ? 0 : 1
  },
}
