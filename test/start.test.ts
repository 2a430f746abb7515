// Goal: who starts Neargate from a tree whose packages are missing, or older than it, is told what to do.
// Method: a folder with the starting scripts and a lock file only; nothing of Neargate itself is there to be run.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runToEnd } from '#base/run.ts'

const root = join(import.meta.dirname, '..')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-start-'))
  mkdirSync(join(folder, 'scripts'))
  for (const name of ['neargate', 'scripts/node', 'package-lock.json'])
    copyFileSync(join(root, name), join(folder, name))
})
afterEach(() => rmSync(folder, { recursive: true }))

const started = () => runToEnd(join(folder, 'neargate'), ['status'], { env: { PATH: process.env['PATH'] ?? '' } })
const installed = (secondsAgo: number): void => {
  const file = join(folder, 'node_modules/.package-lock.json')
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  writeFileSync(file, '')
  const at = Date.now() / 1000 - secondsAgo
  utimesSync(file, at, at)
}

it('without packages', async () => {
  const { exitCode, stderr } = await started()
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`Run 'scripts/setup' in ${folder}`)
})

it('with packages that are older than the lock file, and not with newer ones', async () => {
  installed(3600)
  expect((await started()).stderr).toContain('older than this Neargate')
  installed(-60)
  expect((await started()).stderr).not.toContain('older than this Neargate')
})
