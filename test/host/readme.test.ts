// Goal: the examples of README.md work as they stand.
// Method: the shell blocks of "Using it" run in one shell, in order, in a copy of nothing: this checkout, own data.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APIS } from '#apis/index.ts'
import { runToEnd } from '#base/run.ts'
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

  it('has examples that work as they stand', async () => {
    await instance.client.own('PUT', '/_neargate/images', busyboxImage({ reference: 'busybox' }))
    const result = await instance.withAws('bash', '-c', ['set -eu', ...blocksOf(text)].join('\n'))
    expect(result.exitCode, result.stderr).toBe(0)
    expect(blocksOf(text).length).toBeGreaterThan(0)
  }, 180_000)

  it('names every operation there is', async () => {
    const found = APIS.find(({ name }) => name === api)
    expect(Object.keys(found?.operations ?? {}).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })
})
