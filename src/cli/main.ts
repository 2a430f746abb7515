// The command line: finds the command, reads its options, runs it, and tells a failure in words that help.

import { parseArgs } from 'node:util'
import { Fault } from '#base/fault.ts'
import { ConfigError, readConfig } from '#config.ts'
import { CliError, COMMON_OPTIONS, type Command, configFlags, type Output } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { commandFor, overview, tooManyWords, unknownCommand, wordsOf } from './words.ts'

const manual = (command: Command): string =>
  [
    `usage: neargate ${command.usage}`,
    '',
    command.summary,
    '',
    ...Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(
      ([name, option]) =>
        `  ${`--${name}${option.value === undefined ? '' : ` ${option.value}`}`.padEnd(22)} ${option.help}`,
    ),
  ].join('\n')

const outputTo = (json: boolean): Output => ({
  json,
  result: (text, document) => process.stdout.write((json ? JSON.stringify(document, null, 2) : text) + '\n'),
  progress: (text) => {
    if (!json) process.stderr.write(text + '\n')
  },
  write: (text) => process.stdout.write(text),
})

export const main = async (argv: readonly string[]): Promise<number> => {
  const words = wordsOf(COMMANDS, argv)
  const command = commandFor(COMMANDS, words)
  if (command === undefined) {
    const asked = words[0]
    if (asked === undefined || asked === 'help') {
      process.stdout.write(overview(COMMANDS) + '\n')
      return asked === undefined && argv.length > 0 && !argv.includes('--help') ? 2 : 0
    }
    throw new CliError(unknownCommand(COMMANDS, words), 2)
  }
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, option]) => [name, { type: option.type }]),
    ),
    allowPositionals: true,
    strict: true,
  })
  const flags = values as Record<string, string | boolean | undefined>
  if (flags['help'] === true) {
    process.stdout.write(manual(command) + '\n')
    return 0
  }
  const args = positionals.slice(command.name.split(' ').length)
  const mistake = tooManyWords(command, args)
  if (mistake !== undefined) throw new CliError(mistake, 2)
  return command.run({
    config: readConfig(configFlags(flags)),
    flags,
    args,
    output: outputTo(flags['json'] === true),
  })
}

const told = (error: unknown): { text: string; code: number } => {
  if (error instanceof CliError) return { text: error.message, code: error.exitCode }
  if (error instanceof ConfigError || error instanceof Fault) return { text: error.message, code: 1 }
  // parseArgs tells a wrong option this way.
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    return { text: `${error.message}\nRun "neargate help" for what there is.`, code: 2 }
  }
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { text, code } = told(error)
  if (process.argv.includes('--json')) process.stdout.write(JSON.stringify({ error: text }) + '\n')
  else process.stderr.write(`neargate: ${text}\n`)
  process.exitCode = code
}
