// Programs started by posix_spawn: exit codes, output to the last byte, input, descriptors.

import { closeSync, readSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pipe, spawnProcess } from './spawn.ts'

const shell = (script: string, options = {}) => spawnProcess('/bin/sh', ['-c', script], options)

describe('a spawned program', () => {
  it.each([0, 3, 255])('tells exit code %i', async (code) => {
    expect(await shell(`exit ${code}`).exited).toBe(code)
  })

  it('tells the signal that ended it', async () => {
    const child = shell('kill -USR1 $$; sleep 10')
    expect(await child.exited).toBe(138)
  })

  it('loses no output, however soon it ends', async () => {
    for (let round = 0; round < 100; round++) {
      const child = shell('echo out; echo err >&2')
      await child.exited
      expect(child.output()).toBe('out\nerr\n')
    }
  })

  it('keeps output up to its limit and does not block on the rest', async () => {
    const child = shell('head -c 1000000 /dev/zero | tr "\\0" x', { outputLimitBytes: 10 })
    expect(await child.exited).toBe(0)
    expect(child.output()).toBe('xxxxxxxxxx')
  })

  it('does not wait for heirs that hold its output', async () => {
    const child = shell('sleep 5 & echo $!')
    expect(await child.exited).toBe(0)
    process.kill(Number(child.output()), 'SIGKILL')
  })

  it('reads what is written to it and nothing otherwise', async () => {
    expect(await shell('read word').exited).not.toBe(0)
    const child = shell('read word; echo got $word', { input: 'pipe' })
    child.write('hello\n')
    await child.exited
    expect(child.output()).toBe('got hello\n')
  })

  it('starts with default signals and the descriptors that it was given only', async () => {
    const { read, write } = pipe()
    const child = shell('kill -PIPE $$; echo survived', { descriptors: new Map([[7, write]]) })
    expect(await child.exited).toBe(141)
    await shell('echo through >&7', { descriptors: new Map([[7, write]]) }).exited
    const buffer = Buffer.alloc(100)
    expect(buffer.toString('utf8', 0, readSync(read, buffer))).toBe('through\n')
    const list = shell('ls /proc/self/fd')
    await list.exited
    const seen = list.output().trim().split('\n')
    closeSync(read)
    closeSync(write)
    expect(seen).not.toContain(String(read))
    expect(seen).not.toContain(String(write))
  })

  it('is refused when there is no such program', () => {
    expect(() => spawnProcess('/no/such/program', [])).toThrow('ENOENT')
  })
})
