// The engine of this machine against the suite of all engines.

import { systemClock } from '#base/clock.ts'
import { engineConformance, type Behaviour, type EngineHarness } from '../conformance.ts'
import type { EngineTask } from '../engine.ts'
import type { LinuxEngine } from './container-engine.ts'
import { IMAGE, openTrial, rememberGvisor } from './host-for-tests.ts'
import { openLinuxEngine, type OpenOptions } from './linux-engine.ts'

const commandOf = (behaviour: Behaviour): string[] => {
  switch (behaviour.does) {
    case 'run':
      return ['/bin/sh', '-c', `trap "exit ${behaviour.stopExitCode}" TERM; while :; do sleep 0.02; done`]
    case 'exit':
      return ['/bin/sh', '-c', `exit ${behaviour.exitCode}`]
    case 'ignore-stop':
      return ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 1; done']
    case 'name-no-program':
      return ['no-such-program']
  }
}

const harness = async (options: Partial<OpenOptions>, isolation: EngineTask['isolation']): Promise<EngineHarness> => {
  const trial = await openTrial(options)
  if (isolation === 'gvisor') await rememberGvisor(trial)
  const others: LinuxEngine[] = []
  return {
    engine: trial.engine,
    isolation,
    imageDigest: IMAGE,
    behave: (_name, behaviour) => ({ entryPoint: commandOf(behaviour) }),
    execOf: (_name, wanted) =>
      wanted === 'never ends'
        ? ['sleep', '1000']
        : ['/bin/sh', '-c', `printf '%s' "$0"; exit ${wanted.exitCode}`, wanted.output],
    networkNamespace: trial.networkNamespace,
    pass: () => systemClock.sleep(0.01),
    reopen: async () => {
      const next = await openLinuxEngine(trial.options)
      others.push(next)
      return next
    },
    leftovers: trial.leftovers,
    close: async () => {
      for (const other of others) await other.close()
      await trial.close()
    },
  }
}

for (const runtime of ['crun', 'runc'] as const) {
  engineConformance(`the Linux engine with ${runtime}`, () => harness({ runtime }, 'default'))
}
engineConformance('the Linux engine with runsc', () => harness({}, 'gvisor'))
