// The vault: what it sealed opens for its owner, and for nobody and nothing else.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newVault, openVault } from './vault.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-vault-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the vault', () => {
  it('opens what it sealed, also after a restart', () => {
    const sealed = openVault(folder).seal('geheim · 秘密', 'arn:1')
    expect(openVault(folder).open(sealed, 'arn:1')).toBe('geheim · 秘密')
  })

  it('shows nothing of the secret, not even that two are the same', () => {
    const vault = newVault()
    const [one, two] = [vault.seal('password-123', 'a'), vault.seal('password-123', 'a')]
    expect(one).not.toBe(two)
    expect(Buffer.from(one.slice(3), 'base64url').toString('latin1')).not.toContain('password')
  })

  it('does not open for another owner, with another key, or when it was changed', () => {
    const vault = newVault()
    const sealed = vault.seal('secret', 'arn:1')
    expect(() => vault.open(sealed, 'arn:2')).toThrow('does not open')
    expect(() => newVault().open(sealed, 'arn:1')).toThrow('does not open')
    const at = sealed.length - 2
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    expect(() => vault.open(changed, 'arn:1')).toThrow('does not open')
    expect(() => vault.open('secret', 'arn:1')).toThrow('sealed in a way that is not known')
    expect(() => vault.open('v1.', 'arn:1')).toThrow('does not open')
  })

  it('keeps its key in a file for its owner only, and refuses one that is none', () => {
    openVault(folder)
    const path = join(folder, 'vault.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    writeFileSync(path, 'short')
    expect(() => openVault(folder)).toThrow('must hold 32 bytes')
  })
})
