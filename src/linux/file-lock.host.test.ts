import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tryLock } from './file-lock.ts'
import { spawnProcess } from './spawn.ts'

it('is held by whoever has the file, and let go by the last', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'neargate-lock-'))
  const path = join(folder, 'lock')
  const [first, second] = [openSync(path, 'a'), openSync(path, 'a')]
  expect(tryLock(first)).toBe(true)
  expect(tryLock(second)).toBe(false)
  // A child that was given the file, as one that is still being made has all files.
  const child = spawnProcess('/bin/cat', [], { input: 'pipe', descriptors: new Map([[3, first]]) })
  // And one that was not: it has none of ours.
  const other = spawnProcess('/bin/cat', [], { input: 'pipe' })
  closeSync(first)
  expect(tryLock(second)).toBe(false)
  child.kill()
  await child.exited
  expect(tryLock(second)).toBe(true)
  other.kill()
  await other.exited
  closeSync(second)
  rmSync(folder, { recursive: true })
})
