// What a runtime says when a container cannot start, in the words that users of Fargate know: runc's under containerd.

import { Fault } from '#base/fault.ts'

const PREFIX =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const SUFFIX = ': unknown'

/** crun's words, and runc's. */
const RULES: readonly (readonly [said: RegExp, meant: (match: RegExpExecArray) => string])[] = [
  [
    /executable file [`"']?([^`"']*)[`"']? not found(?: in \$PATH)?/,
    ([, name]) => `exec: "${name}": executable file not found in $PATH`,
  ],
  [/exec: "([^"]*)": executable file not found/, ([, name]) => `exec: "${name}": executable file not found in $PATH`],
  [
    /exec: "([^"]*)": (?:stat \S+: )?(no such file or directory|permission denied)/i,
    ([, name, why]) => `exec: "${name}": ${lower(why)}`,
  ],
  [/(?:open|exec) executable [`"']?([^`"':]*)[`"']?: (.*)/i, ([, name, why]) => `exec: "${name}": ${lower(why)}`],
  [
    /(?:cannot )?chdir to [`"']?([^`"':]*)[`"']?: (.*)/i,
    ([, path, why]) => `error during container init: chdir to cwd ("${path}") set in config.json failed: ${lower(why)}`,
  ],
  [/sysctl/i, (match) => match.input],
]

const lower = (why = ''): string => why.trim().toLowerCase()

/** The runtime's last line, without the marks of its log. */
const lastWords = (said: string): string => {
  const lines = said.trim().split('\n')
  const plain = (lines.at(-1) ?? '').replace(/^time="[^"]*" level=\w+ msg="(.*)"$/, '$1').replaceAll('\\"', '"')
  return plain.replace(/^(?:\d{4}-\S+: )?(?:crun: |runc create failed: |container_linux\S* )?/, '').trim()
}

/** Fault "invalid" where the container itself is the reason, "no-space" for a full disk, "failed" otherwise. */
export const startFault = (said: string): Fault => {
  const words = lastWords(said)
  if (/no space left|disk quota exceeded/i.test(words)) return new Fault('no-space', words)
  for (const [pattern, meant] of RULES) {
    const match = pattern.exec(words)
    if (match !== null) return new Fault('invalid', `${PREFIX}${meant(match)}${SUFFIX}`)
  }
  return new Fault(
    'failed',
    `failed to create shim task: OCI runtime create failed: ${words === '' ? 'no reason given' : words}${SUFFIX}`,
  )
}
