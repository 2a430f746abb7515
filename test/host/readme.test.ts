// Goal: the examples of README.md work as they stand.
// Method: the shell blocks of "Using it" run in one shell, in order, in a copy of nothing: this checkout, own data.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APIS } from '#apis/index.ts'
import { type RunResult, runToEnd } from '#base/run.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'
import { type Instance, startInstance } from '#test/instance.ts'

const root = join(import.meta.dirname, '../..')
let instance: Instance
let folder: string
beforeAll(async () => {
  instance = await startInstance()
  folder = mkdtempSync(join(tmpdir(), 'neargate-readme-'))
})
afterAll(async () => {
  await instance.down()
  rmSync(folder, { recursive: true })
})

const blocksOf = (text: string): string[] => [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)

const blocks = (heading: string): string[] => {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  return blocksOf(text.slice(text.indexOf(`## ${heading}`)).split('\n## ')[0] ?? '')
}

const API_FOLDERS = readdirSync(join(root, 'src/apis'), { withFileTypes: true }).filter((entry) => entry.isDirectory())

describe('README.md', () => {
  it('"Using it": every command succeeds, and the task runs', async () => {
    const script = [
      'set -eu',
      `export NEARGATE_DATA='${instance.dataDir}'`,
      // There is no Docker daemon to save an image from: the busybox image stands in for it.
      `docker() { '${root}/scripts/node' -e '
        import("${root}/src/engine/images/busybox-image.ts").then(async ({ busyboxImage }) => {
          for await (const chunk of busyboxImage({ reference: "my-app" })) process.stdout.write(chunk)
        })'; }`,
      `cd '${folder}' && ln -s '${root}/neargate' neargate`,
      ...blocks('Using it'),
      'sleep 2; aws ecs list-tasks --desired-status STOPPED --output text',
    ].join('\n')
    const result = await runToEnd('bash', ['-c', script], { timeoutSeconds: 120 })
    expect(result.stderr).not.toMatch(/error/i)
    expect(result.exitCode, result.stderr).toBe(0)
    expect(result.stdout).toContain('my-app')
    expect(result.stdout).toMatch(/TASKARNS\s+\S+task\/default\/[0-9a-f]{32}/)
  }, 180_000)
})

describe.each(API_FOLDERS.map((api) => api.name))('src/apis/%s/README.md', (api) => {
  const text = readFileSync(join(root, 'src/apis', api, 'README.md'), 'utf8')

  const examples = blocksOf(text)
  const markOf = (at: number): string => join(folder, `${api}-${at}`)
  /** All in one shell, as a reader would run them: what one has made, the next may use. */
  let running: Promise<RunResult> | undefined
  const begun = async (): Promise<RunResult> => {
    await instance.client.own('PUT', '/_neargate/images', busyboxImage({ reference: 'busybox' }))
    const script = examples.map((block, at) => `${block}\n: > '${markOf(at)}'`)
    return instance.withAws('bash', '-c', ['set -eu', ...script].join('\n'))
  }

  it('has examples', () => expect(examples.length).toBeGreaterThan(0))

  // Each by itself: starting the AWS CLI takes most of the time, and a busy machine five times as long.
  it.each(examples.keys().toArray())(
    'example %i works as it stands',
    async (at) => {
      running ??= begun()
      let isOver = false
      const end = (): boolean => (isOver = true)
      void running.then(end, end)
      await expect.poll(() => isOver || existsSync(markOf(at)), { timeout: 175_000 }).toBe(true)
      const isLast = at === examples.length - 1
      const { exitCode, stderr } = existsSync(markOf(at)) && !isLast ? { exitCode: 0, stderr: '' } : await running
      expect(exitCode, stderr).toBe(0)
    },
    180_000,
  )

  it('names every operation there is', async () => {
    const found = APIS.find(({ name }) => name === api)
    expect(Object.keys(found?.operations ?? {}).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })
})
