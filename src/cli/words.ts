// Which command the words of a command line mean, and what to say when it is none. Pure.

import { COMMON_OPTIONS, type Command } from './command.ts'

/** The longest name wins: "images import" before "images". */
export const commandFor = (commands: readonly Command[], words: readonly string[]): Command | undefined =>
  commands
    .toSorted((a, b) => b.name.length - a.name.length)
    .find((command) => command.name.split(' ').every((part, index) => words[index] === part))

/** What is no option and no option's value. */
export const wordsOf = (commands: readonly Command[], argv: readonly string[]): string[] => {
  const options = [COMMON_OPTIONS, ...commands.map((command) => command.options)].flatMap((one) => Object.entries(one))
  const taking = new Set(options.filter(([, { type }]) => type === 'string').map(([name]) => `--${name}`))
  return argv.filter((word, index) => !word.startsWith('-') && !taking.has(argv[index - 1] ?? ''))
}

const named = (commands: readonly Command[]): string =>
  commands.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`).join('\n')

export const overview = (commands: readonly Command[]): string =>
  `Neargate: AWS Fargate on your own machine.

usage: neargate COMMAND [OPTIONS]

${named(commands)}

neargate COMMAND --help says more.`

/** For words that are no command: those that begin alike, else all there are. */
export const unknownCommand = (commands: readonly Command[], words: readonly string[]): string => {
  const [first = ''] = words
  const alike = commands.filter(({ name }) => name.startsWith(`${first} `))
  return alike.length === 0
    ? `there is no command "${words.join(' ')}".\n\n${overview(commands)}`
    : `say what to do with "${first}":\n${named(alike)}`
}

/** Undefined when the command takes so many words after its name. */
export const tooManyWords = (command: Command, args: readonly string[]): string | undefined => {
  const extra = args[command.words ?? 0]
  return extra === undefined
    ? undefined
    : `neargate ${command.name} has no use for "${extra}".\nusage: neargate ${command.usage}`
}
