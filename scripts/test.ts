// Everything that must hold before a change lands, in the order in which a failure is cheapest. "--check" leaves out
// the tests themselves; names of files after it run only those tests.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = (path: string): string => join(root, 'node_modules', path)
const args = process.argv.slice(2)
const files = args.filter((arg) => !arg.startsWith('--'))

const CHECKS: readonly (readonly [says: string, script: string, ...args: string[]])[] = [
  ['types (tsc)', bin('typescript/bin/tsc'), '-p', '.'],
  ['lint (oxlint)', bin('oxlint/bin/oxlint'), '--quiet', 'src', 'test', 'scripts', 'bench'],
  ['format (oxfmt)', bin('oxfmt/bin/oxfmt'), '--check', 'src', 'test', 'scripts', 'bench'],
  [
    'imports (dependency-cruiser)',
    bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
    'src',
    '--config',
    '.dependency-cruiser.cjs',
  ],
]

const TESTS = ['tests (vitest)', bin('vitest/vitest.mjs'), 'run', ...files] as const

for (const [says, script, ...rest] of [
  ...(files.length > 0 ? [] : CHECKS),
  ...(args.includes('--check') ? [] : [TESTS]),
]) {
  console.log(`\n── ${says}`)
  // The same Node.js for every tool, whatever the host's is.
  const { status } = spawnSync(process.execPath, [script, ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` },
  })
  if (status !== 0) {
    console.error(`\n${says} failed`)
    process.exit(status ?? 1)
  }
}
