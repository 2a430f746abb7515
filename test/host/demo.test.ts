// Goal: the README's first command does what it says.
// Method: the demo runs on an instance of its own; what it prints is read: a timeline, its containers' words, the answers
// that clients got while a service was deployed.

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

const SUMMARY = /^(\d+) answers of version 1, (\d+) answers of version 2, (\d+) answers of version 3, (\d+) errors$/m

describe('npm run demo', () => {
  it('runs a task and shows its logs and timeline, and deploys a web service under load without an error', async () => {
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
    expect(stdout).toMatch(/version 2 is in place[^]*version 3 is in place/)
    const [, first, second, third, errors] = SUMMARY.exec(stdout) ?? []
    for (const count of [first, second, third]) expect(Number(count)).toBeGreaterThan(0)
    expect(errors).toBe('0')
    // As AWS documents an entry of the access log: type, time, load balancer, client, target.
    expect(stdout).toMatch(/^ +http \S+Z app\/neargate-demo\/[0-9a-f]{16} 127\.\S+:\d+ 172\.31\.\S+:8080 .* 200 200 /m)
    expect(stdout).toContain('Try next:')
  }, 180_000)
})
