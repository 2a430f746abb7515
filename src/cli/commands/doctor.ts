// neargate doctor: what this host has and lacks, with the command that fixes it.

import type { Command } from '../command.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor [--data DIR]',
  summary:
    'Say what this host has and lacks, with the command that fixes it. Exit code 1 when something needed is missing.',
  options: {},
  run: async ({ config, output }) => {
    // Loaded here only: it brings the engine, which no other command needs.
    const { examineHost } = await import('#doctor.ts')
    const findings = await examineHost(config)
    const mark = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' }
    output.result(
      findings
        .map(
          ({ level, subject, says, fix }) =>
            `${mark[level]} ${subject.padEnd(18)} ${says}${fix === undefined ? '' : `\n        fix: ${fix}`}`,
        )
        .join('\n'),
      { findings },
    )
    return findings.some((finding) => finding.level === 'missing') ? 1 : 0
  },
}
