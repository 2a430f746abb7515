// neargate spot interrupt: takes Spot tasks their room, as AWS may at any time.

import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'
import { queryOf } from '../query.ts'

interface Answer {
  readonly interrupted: readonly string[]
  readonly warningSeconds: number
}

export const spotInterrupt: Command = {
  name: 'spot interrupt',
  words: 1,
  usage: 'spot interrupt TASK|--service NAME [--count N] [--cluster NAME] [--data DIR]',
  summary: 'Interrupt Spot tasks: the warning event and SIGTERM at once, SIGKILL two minutes later.',
  options: {
    service: { type: 'string', value: 'NAME', help: 'that service’s Spot tasks, youngest first' },
    count: { type: 'string', value: 'N', help: 'so many of the service’s tasks (default 1)' },
    cluster: { type: 'string', value: 'NAME', help: 'the cluster (default "default", or the one in the ARN)' },
  },
  run: async ({ config, flags, args, output }) => {
    const [task] = args
    if ((task === undefined) === (flags['service'] === undefined)) {
      throw new CliError('say which: neargate spot interrupt TASK, or --service NAME [--count N]', 2)
    }
    const query = queryOf({
      region: config.region,
      task,
      service: flags['service'],
      count: flags['count'],
      cluster: flags['cluster'],
    })
    const answer = (await clientFor(config).own('POST', `/_neargate/spot/interrupt?${query}`)) as Answer
    const lines = answer.interrupted.map((arn) => `interrupted ${arn}`)
    output.result([...lines, `What still runs in ${answer.warningSeconds} seconds is killed.`].join('\n'), answer)
    return 0
  },
}
