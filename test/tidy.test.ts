// The house rules that no linter knows.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))

const sources = ['src', 'test', 'scripts', 'bench']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap(filesBelow)
  .filter((file) => file.endsWith('.ts'))
const text = (file: string): string => readFileSync(join(root, file), 'utf8')
const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.startsWith('test/')

const ROOMS = ['index.ts', 'operations', 'model', 'tables.ts', 'errors.ts', 'README.md']

describe('tidy', () => {
  it('gives every AWS API the same five rooms', () => {
    const apis = readdirSync(join(root, 'src/apis'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const missing = apis.flatMap((api) =>
      ROOMS.filter((room) => !existsSync(join(root, 'src/apis', api.name, room))).map((room) => `${api.name}/${room}`),
    )
    expect(missing).toEqual([])
  })

  it('opens every source file with a sentence that says what it is for', () => {
    const silent = sources.filter((file) => !isTest(file) && !/^(#!.*\n)?\/\/ \S.*/.test(text(file)))
    expect(silent).toEqual([])
  })

  it('builds ARNs in aws/arn.ts only', () => {
    const code = (file: string): string => text(file).replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '')
    const builders = sources.filter(
      (file) => !isTest(file) && file !== 'src/aws/arn.ts' && /['"`]arn:(aws|\$\{)/.test(code(file)),
    )
    expect(builders.filter((file) => !file.startsWith('bench/') && !file.startsWith('scripts/'))).toEqual([])
  })

  it('leaves nothing unfinished or silenced', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|\.(skip|only)\(|\bas any\b|@ts-ignore|@ts-nocheck/
    expect(sources.filter((file) => file !== 'test/tidy.test.ts' && marks.test(text(file)))).toEqual([])
  })

  it('keeps files under 500 lines, so that each is one room with one purpose', () => {
    const long = sources.filter((file) => !isTest(file) && text(file).split('\n').length > 500)
    expect(long).toEqual([])
  })

  it('has no folder named for not knowing what is in it', () => {
    expect(sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.ts$)/.test(file))).toEqual([])
  })

  it('names no file but in kebab-case', () => {
    expect(sources.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([])
  })

  it('gives each run-time dependency a line in docs/dependencies.md', () => {
    const manifest = JSON.parse(text('package.json')) as { dependencies: object; optionalDependencies: object }
    const documented = text('docs/dependencies.md')
    const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([])
  })
})
