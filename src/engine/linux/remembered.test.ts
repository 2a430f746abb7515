// What was found out about a host is believed exactly as long as nothing it depends on has changed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { identityOfPrograms, recall, remember, type Remembered } from './remembered.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-remembered-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const FOUND: Remembered = {
  runtime: { name: 'crun', version: 'crun 1', path: '/usr/bin/crun', globalArguments: [], stateFolder: '/run/x' },
  userNamespaces: true,
  refusals: [],
  storage: 'loop',
}

it('is recalled by the next process of the same boot', () => {
  const file = join(folder, 'host.json')
  const identity = identityOfPrograms(['sh', 'no-such-program'])
  expect(identity).toEqual([expect.stringMatching(/^\/\S+\/sh [\d.]+ \d+$/), 'no no-such-program'])
  expect(recall(file, identity)).toBeUndefined()
  remember(file, identity, FOUND)
  expect(recall(file, identity)).toEqual(FOUND)
})

it('is forgotten when a program is another, after a boot, and when the file is cut short', () => {
  const file = join(folder, 'host.json')
  remember(file, ['/usr/bin/crun 1 1'], FOUND)
  expect(recall(file, ['/usr/bin/crun 2 1'])).toBeUndefined()
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace(/"boot":"[^"]+"/, '"boot":"another"'))
  expect(recall(file, ['/usr/bin/crun 1 1'])).toBeUndefined()
  writeFileSync(file, text.slice(0, 40))
  expect(recall(file, ['/usr/bin/crun 1 1'])).toBeUndefined()
})
