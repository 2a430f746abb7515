// Goal: wherever the control plane dies during a launch or a stop, the next one brings the task to the same end, and no
// container is started twice.
// Method: a fuse blows at the n-th call that touches store, engine or network, before or after the call is made; then a
// new control plane starts on the same store and host. Every n there is, is tried.

import { describe, expect, it } from 'vitest'
import { Fuse } from './fuse.ts'
import { World } from './world.ts'

const CONTAINERS = [
  { name: 'init', essential: false },
  { name: 'app', dependsOn: [{ containerName: 'init', condition: 'SUCCESS' as const }] },
  { name: 'side', essential: false, dependsOn: [{ containerName: 'app', condition: 'START' as const }] },
]

/** What a task leaves in the records: everything but ids, addresses and times. */
const ending = async (world: World, arn: Awaited<ReturnType<World['run']>>): Promise<object> => {
  const status = (await world.task(arn))?.status
  return {
    lastStatus: status?.lastStatus,
    stopCode: status?.stopCode,
    stoppedReason: status?.stoppedReason,
    attachment: status?.attachment.status,
    hasRun: status?.startedAt !== undefined,
    containers: status?.containers.map(({ name, lastStatus, exitCode, restartCount }) => [
      name,
      lastStatus,
      exitCode,
      restartCount,
    ]),
  }
}

const STARTED = / engine start (\S+)$/

/** A life with a death in it: returns what became of the task, and what was started. */
const livedWith = async (fuse: Fuse): Promise<{ world: World; end: object; starts: string[] }> => {
  const world = await new World({ fuse }).begin()
  world.script('init', { exitAfterSeconds: 2 })
  world.script('side', { stopSeconds: 1, stopExitCode: 0 })
  world.script('app', { ignoresStop: true })
  const arn = await world.run(CONTAINERS)
  let isRevived = false
  const live = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      await world.advance(1)
      if (!fuse.isBlown || isRevived) continue
      isRevived = true
      // Dead for a while: containers go on meanwhile.
      await world.advance(2)
      await world.restart()
    }
  }
  await live(20)
  await world.stop(arn)
  await live(200)
  const starts = world.diary.lines.flatMap((line) => STARTED.exec(line)?.[1] ?? [])
  return { world, end: await ending(world, arn), starts }
}

describe('a control plane that dies', async () => {
  const fuse = new Fuse()
  const undisturbed = await livedWith(fuse)

  it('at no moment: this is the end that all others must come to', () => {
    expect(undisturbed.end).toMatchInlineSnapshot(`
      {
        "attachment": "DELETED",
        "containers": [
          [
            "init",
            "STOPPED",
            0,
            0,
          ],
          [
            "app",
            "STOPPED",
            137,
            0,
          ],
          [
            "side",
            "STOPPED",
            0,
            0,
          ],
        ],
        "hasRun": true,
        "lastStatus": "STOPPED",
        "stopCode": "UserInitiated",
        "stoppedReason": "enough",
      }
    `)
    expect(undisturbed.starts).toEqual(['init', 'app', 'side'])
    expect(fuse.calls).toBeGreaterThan(20)
  })

  it.each(['before', 'after'] as const)('%s any call does no harm', async (when) => {
    for (let at = 1; at <= fuse.calls; at++) {
      const own = new Fuse(at, when)
      const { world, end, starts } = await livedWith(own)
      const moment = `${when} call ${at}:${world.story}`
      expect(own.isBlown, moment).toBe(true)
      expect(end, moment).toEqual(undisturbed.end)
      expect(starts, moment).toEqual(undisturbed.starts)
      expect(await world.leftovers(), moment).toEqual([])
    }
  })

  it('and stays dead while its task ends: the exit code is found afterwards', async () => {
    const world = await new World().begin()
    world.script('app', { exitAfterSeconds: 30, exitCode: 7 })
    await world.run([{ name: 'app' }])
    await world.advance(10)
    world.crash()
    await world.advance(100)
    await world.restart()
    await world.advance(1)
    expect(world.story).toMatchInlineSnapshot(`
      "
         0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
       110.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (7)
       110.0 engine remove task
       110.0 task STOPPED; interface DELETED
      "
    `)
    expect(await world.leftovers()).toEqual([])
  })

  it('and comes back with nothing to do leaves everything as it is', async () => {
    const world = await new World().begin()
    const arn = await world.run([{ name: 'app' }])
    await world.advance(10)
    const before = world.diary.lines.length
    await world.restart()
    await world.advance(1000)
    expect(world.diary.lines.slice(before)).toEqual([])
    await world.stop(arn)
    await world.advance(10)
    expect(await world.leftovers()).toEqual([])
  })
})
