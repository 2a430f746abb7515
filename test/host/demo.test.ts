// Goal: the README's first command does what it says.
// Method: the demo runs on an instance of its own; its timeline and its containers' words are read from what it prints.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '#base/run.ts'
import { type Instance, startInstance } from '#test/instance.ts'

const root = join(import.meta.dirname, '../..')
let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

describe('npm run demo', () => {
  it('runs two containers, shows their logs, a timeline in milliseconds, and what to try next', async () => {
    const env = { PATH: process.env['PATH'] ?? '', NEARGATE_DATA: instance.dataDir }
    const { stdout, exitCode, stderr } = await runToEnd(join(root, 'scripts/node'), [join(root, 'scripts/demo.ts')], {
      env,
    })
    expect(exitCode, stderr).toBe(0)
    expect(stdout).toContain('visitor | web is healthy, so I may start')
    expect(stdout).toMatch(/visitor \| hello from ip-172-31-\d+-\d+/)
    const timeline = [...stdout.matchAll(/^ +(\d+) ms {2}(.*)$/gm)].map(([, , what]) => what)
    const order = ['accepted', 'network up', 'container web HEALTHY', 'container visitor created', 'RUNNING', 'STOPPED']
    expect(timeline.filter((what) => order.includes(what ?? ''))).toEqual(order)
    expect(stdout).toContain('visitor exited with 0')
    expect(stdout).toContain('Try next:')
  }, 60_000)
})
