// A process of its own that drives the engine through launches and stops, for a test to kill at any moment.

import { readFileSync } from 'node:fs'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { EngineContainer, EngineTask } from '../engine.ts'
import { BusyboxImages } from './host-for-tests.ts'
import { openLinuxEngine } from './linux-engine.ts'

interface Plan {
  readonly dataDir: string
  readonly runDir: string
  readonly instance: string
  readonly imageFolder: string
  readonly task: EngineTask
  readonly containers: readonly EngineContainer[]
}

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Plan
const images = new BusyboxImages(plan.imageFolder)
const engine = await openLinuxEngine({ ...plan, clock: systemClock, log: silentLog, images })
process.stdout.write('open\n')
for (;;) {
  await engine.prepare(plan.task)
  for (const container of plan.containers) {
    await engine.create(container)
    await engine.start(container.id)
  }
  await engine.signal(plan.containers[0]?.id ?? '', 'STOP')
  await engine.remove(plan.task.id)
}
