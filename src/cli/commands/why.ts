// neargate why: why a task or a service is as it is, in plain words.

import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'
import { queryOf } from '../query.ts'

interface Container {
  readonly name: string
  readonly state: string
  readonly exitCode?: number
  readonly meaning?: string
  readonly reason?: string
  readonly health?: string
  readonly healthOutput?: string
  readonly log?: { readonly group: string; readonly stream: string; readonly lines: readonly string[] }
}

interface Explanation {
  readonly of: string
  readonly state: string
  readonly answer: string
  readonly because: readonly string[]
  readonly containers: readonly Container[]
  readonly tryThis: readonly string[]
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')

const containerLines = (container: Container): string[] => {
  const { name, state, exitCode, meaning, reason, health, healthOutput, log } = container
  const code = exitCode === undefined ? '' : `, exit code ${exitCode}`
  return [
    `  ${name}: ${state}${code}${health === undefined ? '' : `, ${health}`}${meaning === undefined ? '' : `: ${meaning}`}`,
    ...(reason === undefined ? [] : [`    ECS says: ${reason}`]),
    ...(healthOutput === undefined ? [] : ['    its last health check on record printed:', indented(healthOutput)]),
    ...(log === undefined || log.lines.length === 0
      ? []
      : [`    its last lines (${log.group} ${log.stream}):`, ...log.lines.map(indented)]),
  ]
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines])

export const explanationText = (explanation: Explanation): string =>
  [
    `${explanation.of} is ${explanation.state}.`,
    explanation.answer,
    ...section(
      'Because:',
      explanation.because.map((line) => `  ${line}`),
    ),
    ...section('Containers:', explanation.containers.flatMap(containerLines)),
    ...section(
      'Try:',
      explanation.tryThis.map((line) => `  ${line}`),
    ),
  ].join('\n')

export const why: Command = {
  name: 'why',
  words: 1,
  usage: 'why TASK|SERVICE [--cluster NAME] [--json] [--data DIR]',
  summary: 'Explain why a task stopped or does not start, or why a service is not as it should be, and what to try.',
  options: {
    cluster: { type: 'string', value: 'NAME', help: 'the cluster (default "default", or the one in the ARN)' },
  },
  run: async ({ config, flags, args, output }) => {
    const [of] = args
    if (of === undefined) {
      throw new CliError('say of what: neargate why TASK (id or ARN), or neargate why SERVICE (name or ARN)', 2)
    }
    const query = queryOf({ of, region: config.region, cluster: flags['cluster'] })
    const explanation = (await clientFor(config).own('GET', `/_neargate/why?${query}`)) as Explanation
    output.result(explanationText(explanation), explanation)
    return 0
  },
}
