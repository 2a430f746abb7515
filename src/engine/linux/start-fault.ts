// What a runtime says when a container cannot start, in the words that users of Fargate know: runc's under containerd.

import { Fault } from '#base/fault.ts'

const PREFIX = 'failed to create shim task: OCI runtime create failed: '
const RUNC = 'runc create failed: unable to start container process: '
const SUFFIX = ': unknown'

export interface Attempt {
  /** The first word of what was to run. */
  readonly program: string
  readonly workingDirectory: string
}

const missing = (program: string): string =>
  program.includes('/')
    ? `exec: "${program}": stat ${program}: no such file or directory`
    : `exec: "${program}": executable file not found in $PATH`

type Meant = (match: RegExpExecArray, attempt: Attempt) => string

/** What runsc, crun or runc says, and what runc would have said. */
const RULES: readonly (readonly [said: RegExp, meant: Meant])[] = [
  [/error finding executable /, (_, { program }) => missing(program)],
  [/failed to load .*: no such file or directory/, (_, { program }) => missing(program)],
  [/failed to load .*: ([^:]*)$/, ([, why = ''], { program }) => `exec: "${program}": ${why}`],
  [/executable file .* not found/, (_, { program }) => missing(program)],
  [/exec: "[^"]*": stat .*: no such file or directory/, (_, { program }) => missing(program)],
  // A folder, which crun calls by another error.
  [/open executable: operation not permitted/i, (_, { program }) => `exec: "${program}": is a directory`],
  [/open executable: (.*)/i, ([, why = ''], { program }) => `exec: "${program}": ${why.toLowerCase()}`],
  [/exec: "[^"]*": (.*)/, ([, why = ''], { program }) => `exec: "${program}": ${why}`],
  [
    /chdir .*: ([^:]*)$/i,
    ([, why = ''], { workingDirectory }) =>
      `error during container init: chdir to cwd ("${workingDirectory}") set in config.json failed: ${why.toLowerCase()}`,
  ],
  [/sysctl .*/i, ([words]) => words],
  [/(?:invalid|unknown) rlimit .*/i, ([words]) => words],
  [/mount .*: not a directory/i, ([words]) => words],
]

/** The runtime's last line, without the marks of its log. */
const lastWords = (said: string): string => {
  const last = said.trim().split('\n').at(-1) ?? ''
  const plain = last.replace(/^time="[^"]*" level=\w+ msg="(.*)"$/, '$1').replaceAll('\\"', '"')
  return plain.replace(/^(?:crun: |runc create failed: (?:unable to start container process: )?)/, '').trim()
}

/** Fault "invalid" where the container itself is the reason, "no-space" for a full disk, "failed" otherwise. */
export const startFault = (said: string, attempt: Attempt): Fault => {
  const words = lastWords(said)
  if (/no space left|disk quota exceeded/i.test(words)) return new Fault('no-space', words)
  for (const [pattern, meant] of RULES) {
    const match = pattern.exec(words)
    if (match !== null) return new Fault('invalid', `${PREFIX}${RUNC}${meant(match, attempt)}${SUFFIX}`)
  }
  return new Fault('failed', `${PREFIX}${words === '' ? 'no reason given' : words}${SUFFIX}`)
}
