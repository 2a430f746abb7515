// What ARCHITECTURE.md says of the code is what the code is.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentedImportMap, importMap } from '../scripts/import-map.ts'

const root = join(import.meta.dirname, '..')

describe('the documents', () => {
  it('draw the imports as they are (else: scripts/node scripts/import-map.ts --write)', () => {
    expect(documentedImportMap()).toBe(importMap())
  })

  it.each(['README.md', 'ARCHITECTURE.md', 'SPECIFICATION.md', 'AGENTS.md', 'SCOPE.md'])(
    '%s names only files that exist',
    (name) => {
      const text = readFileSync(join(root, name), 'utf8')
      const named = [...text.matchAll(/`((?:src|test|scripts|docs|bench)\/[A-Za-z0-9_./-]+)`/g)].map(
        ([, path = '']) => path,
      )
      const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path)
      expect([...named, ...linked].filter((path) => !existsSync(join(root, path)))).toEqual([])
    },
  )
})
