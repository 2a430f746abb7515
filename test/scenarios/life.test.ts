// Goal: a task's life, from RunTask to STOPPED, in every variant that its containers can give it.
// Method: real operations and controllers, fake engine and network, simulated time; the diary is the expectation.

import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

describe('a task', () => {
  it('runs until its only container exits', async () => {
    const world = await new World().begin()
    world.script('app', { exitAfterSeconds: 10, exitCode: 3 })
    await world.run([{ name: 'app' }])
    await world.advance(60)
    expect(await world.leftovers()).toEqual([])
    expect(world.diary.lines.join('\n')).toMatchInlineSnapshot(`
      "   0.0 task PROVISIONING
         0.0 task PENDING; interface ATTACHING
         0.0 engine prepare task
         0.0 task ACTIVATING; interface ATTACHED
         0.0 engine create app
         0.0 engine start app
         0.0 task RUNNING; app RUNNING
        10.0 task DEPROVISIONING; EssentialContainerExited: Essential container in task exited; interface DETACHING; app STOPPED (3)
        10.0 engine remove task
        10.0 task STOPPED; interface DELETED"
    `)
  })
})
