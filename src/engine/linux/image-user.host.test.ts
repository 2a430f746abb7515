// Accounts are looked up inside the image, even when the image points elsewhere.

import { closeSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeFifoAt } from '#linux/files.ts'
import { resolveUser } from './image-user.ts'
import { openFolder } from './rootfs.ts'

let folder: string
let root: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-user-'))
  mkdirSync(join(folder, 'image/etc'), { recursive: true })
  root = openFolder(join(folder, 'image'))
})
afterEach(() => {
  closeSync(root)
  rmSync(folder, { recursive: true })
})

it('does not follow a link out of the image', () => {
  writeFileSync(join(folder, 'passwd'), 'outsider:x:4:4::/:/bin/sh\n')
  symlinkSync(join(folder, 'passwd'), join(folder, 'image/etc/passwd'))
  expect(() => resolveUser(root, 'outsider')).toThrow('unable to find user outsider')
  rmSync(join(folder, 'image/etc/passwd'))
  symlinkSync('../../passwd', join(folder, 'image/etc/passwd'))
  expect(() => resolveUser(root, 'outsider')).toThrow('unable to find user outsider')
})

it('follows links inside the image', () => {
  mkdirSync(join(folder, 'image/accounts'))
  writeFileSync(join(folder, 'image/accounts/passwd'), 'insider:x:4:5::/home/in:/bin/sh\n')
  symlinkSync('/accounts/passwd', join(folder, 'image/etc/passwd'))
  expect(resolveUser(root, 'insider')).toEqual({ uid: 4, gid: 5, additionalGids: [5], home: '/home/in' })
})

it('takes numbers without any account file', () => {
  expect(resolveUser(root, '12:34')).toEqual({ uid: 12, gid: 34, additionalGids: [34], home: '/' })
  expect(resolveUser(root, '')).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: '/' })
})

it('is not stopped by a broken file, nor by a pipe that nobody writes to', () => {
  writeFileSync(join(folder, 'image/etc/passwd'), Buffer.alloc(3_000_000, 58))
  makeFifoAt(root, 'etc/group', 0o644)
  expect(resolveUser(root, '7:8')).toMatchObject({ uid: 7, gid: 8 })
})
