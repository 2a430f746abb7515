// What the command line makes of words.

import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { commandFor, tooManyWords, unknownCommand, wordsOf } from './words.ts'

describe('the words of a command line', () => {
  it.each([
    [['--data', '/tmp/x', 'images', 'ls'], 'images ls'],
    [['logs', '--load-balancer', 'web', '--follow'], 'logs'],
    [['--port=4567', 'up'], 'up'],
    [['spot', 'interrupt', '--count', '2', '--service', 'web'], 'spot interrupt'],
  ])('%j is the command "%s"', (argv, name) => {
    expect(commandFor(COMMANDS, wordsOf(COMMANDS, argv))?.name).toBe(name)
  })

  it('that begin a command are answered with how it can go on', () => {
    const told = unknownCommand(COMMANDS, wordsOf(COMMANDS, ['images', '--data', '/tmp/x']))
    expect(told).toMatch(/^say what to do with "images":/)
    for (const name of ['images import', 'images ls', 'images rm']) expect(told).toContain(name)
    expect(told).not.toContain('explain-path')
  })

  it('that are no command are told as they were typed, with all commands', () => {
    const told = unknownCommand(COMMANDS, wordsOf(COMMANDS, ['dance', 'now', '--port', '4567']))
    expect(told).toContain('there is no command "dance now".')
    for (const { name } of COMMANDS) expect(told).toContain(name)
  })

  it.each([
    ['down', ['web']],
    ['status', ['web']],
    ['events', ['web']],
    ['metrics', ['RequestCount']],
    ['url', ['web', 'shop']],
    ['logs', ['0123', '4567']],
  ])('neargate %s refuses what it has no use for', (name, args) => {
    const command = COMMANDS.find((one) => one.name === name)!
    expect(tooManyWords(command, args)).toContain(`has no use for "${args.at(-1)}".\nusage: neargate ${name}`)
    expect(tooManyWords(command, args.slice(0, -1))).toBeUndefined()
  })
})
