// Kills: kill -9 of the control plane in the middle of real deployments, what it harmed, and how soon after the start of
// the next one the service was what it was to be.

import { seededRandom } from '#base/random.ts'
import { killedDeployments } from '#test/deployment-kills.ts'
import { startInstance } from '#test/instance.ts'
import { percentile } from './statistics.ts'

const number = (args: readonly string[], name: string, fallback: number): number => {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(args[at + 1])
}

/** Options: --kills N (1000), --seed N. */
export const run = async (args: readonly string[]): Promise<void> => {
  const kills = number(args, 'kills', 1000)
  const instance = await startInstance()
  try {
    const report = await killedDeployments(instance, {
      kills,
      random: seededRandom(number(args, 'seed', 1)),
      told: (done) => (done % 50 === 0 ? console.log(`  ${done} kills …`) : undefined),
    })
    const { lost, doubled, disturbed, orphans, convergedSeconds } = report
    const left = orphans.processes.length + orphans.mounts.length + orphans.cgroups.length
    console.log(`\n${report.kills} kills in the middle of deployments of ${report.tasks} tasks:`)
    console.log(`  ${lost.length} lost, ${doubled.length} started twice, ${disturbed.length} untouched ones disturbed`)
    console.log(`  ${left} processes, mounts and cgroups left over`)
    for (const line of [...lost, ...doubled, ...disturbed]) console.log(`    ${line}`)
    const seconds = (share: number): string => percentile(convergedSeconds, share).toFixed(2)
    console.log(
      `  from the start of a control plane until the service was as wished, ${convergedSeconds.length} times: p50 ${seconds(0.5)} s, p99 ${seconds(0.99)} s, longest ${seconds(1)} s`,
    )
  } finally {
    await instance.down()
  }
}
