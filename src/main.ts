// The control plane's own program: "serve" runs it, "destroy" removes all that an instance has in the kernel.

import { flushCompileCache } from 'node:module'
import { parseArgs } from 'node:util'
import { systemClock } from '#base/clock.ts'
import { jsonLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { readConfig } from './config.ts'
import { destroyInstance, startControlPlane } from './control-plane.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    auth: { type: 'string' },
    mode: { type: 'string' },
    egress: { type: 'string' },
    ephemeral: { type: 'boolean' },
    'cpu-overcommit': { type: 'string' },
    'memory-overcommit': { type: 'string' },
  },
})

const config = readConfig({
  ...values,
  cpuOvercommit: values['cpu-overcommit'],
  memoryOvercommit: values['memory-overcommit'],
})
const log = jsonLog(() => systemClock.now())

if (positionals[0] === 'destroy') {
  await destroyInstance(config, { clock: systemClock, random: systemRandom, log })
} else if (positionals[0] === 'serve') {
  const running = await startControlPlane(config, { clock: systemClock, random: systemRandom, log })
  // Whoever is killed writes no cache at the end.
  flushCompileCache()
  const stop = (signal: string): void => {
    log.info('control-plane.stopping', { signal })
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.bug('control-plane.stop-failed', error)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal))
} else {
  process.stderr.write('usage: main.ts serve|destroy [--data DIR]; people want: neargate up\n')
  process.exit(2)
}
