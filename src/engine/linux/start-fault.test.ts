// What runtimes say, and what people are told.

import { expect, it } from 'vitest'
import { startFault } from './start-fault.ts'

const attempt = { program: 'app', workingDirectory: '/work' }
const RUNC =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '

it.each([
  [
    'crun: executable file `app` not found in $PATH: No such file or directory',
    'invalid',
    `${RUNC}exec: "app": executable file not found in $PATH: unknown`,
  ],
  [
    'time="2026-01-01T00:00:00Z" level=error msg="runc create failed: unable to start container process: exec: \\"app\\": executable file not found in $PATH"',
    'invalid',
    `${RUNC}exec: "app": executable file not found in $PATH: unknown`,
  ],
  ['open executable: Permission denied', 'invalid', `${RUNC}exec: "app": permission denied: unknown`],
  [
    'chdir `/work`: Not a directory',
    'invalid',
    `${RUNC}error during container init: chdir to cwd ("/work") set in config.json failed: not a directory: unknown`,
  ],
  [
    'the sysctl `vm.swappiness` is not namespaced',
    'invalid',
    `${RUNC}sysctl \`vm.swappiness\` is not namespaced: unknown`,
  ],
  ['write to `x`: No space left on device', 'no-space', 'write to `x`: No space left on device'],
  [
    'mount `proc` to `proc`: Operation not permitted',
    'failed',
    'failed to create shim task: OCI runtime create failed: mount `proc` to `proc`: Operation not permitted: unknown',
  ],
  ['', 'failed', 'failed to create shim task: OCI runtime create failed: no reason given: unknown'],
])('%s', (said, kind, message) => {
  expect(startFault(said, attempt)).toMatchObject({ kind, message })
})

it('tells a missing path from a missing name', () => {
  const words = 'executable file `/no/such` not found'
  expect(startFault(words, { ...attempt, program: '/no/such' }).message).toBe(
    `${RUNC}exec: "/no/such": stat /no/such: no such file or directory: unknown`,
  )
})
