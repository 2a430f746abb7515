// Goal: health is what the checks say, with AWS's intervals, retries and start period.
// Method: as in life.test.ts.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { Fault } from '#base/fault.ts'
import { World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await new World().begin()
})
afterEach(() => world.end())

const seconds = (): number => world.clock.now().getTime() / 1000 - Date.parse('2026-01-01T00:00:00Z') / 1000

/** Healthy from one second to another. */
const healthyFrom = (from: number, to: number) => () => ({
  exitCode: seconds() >= from && seconds() < to ? 0 : 1,
  output: '',
})

const storyOf = async (healthCheck: object, until: number): Promise<string> => {
  const arn = await world.run([{ name: 'app', healthCheck: { command: ['CMD', 'check'], ...healthCheck } }])
  await world.advance(until)
  await world.stop(arn)
  await world.advance(1)
  return world.story
}

it('turns HEALTHY soon, UNHEALTHY after so many failures in a row, and HEALTHY again at one success', async () => {
  world.script('app', { exec: () => healthyOrNot() })
  const healthyOrNot = () => (seconds() < 35 || seconds() > 75 ? healthyFrom(0, 999)() : healthyFrom(0, 1)())
  expect(await storyOf({ interval: 10, retries: 3 }, 100)).toMatchInlineSnapshot(`
    "
       0.0 task PROVISIONING
       0.0 task PENDING; interface ATTACHING
       0.0 engine prepare task
       0.0 task ACTIVATING; interface ATTACHED
       0.0 engine create app
       0.0 engine start app
       0.0 task RUNNING; app RUNNING
       0.1 task app HEALTHY
      60.0 task app UNHEALTHY
      80.0 task app HEALTHY
     100.0 task asked to stop
     100.0 task STOPPING; UserInitiated: enough
     100.0 engine STOP app
     100.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
     100.0 engine remove task
     100.0 task STOPPED; interface DELETED
    "
  `)
})

it('forgives failures during the start period', async () => {
  world.script('app', { exec: healthyFrom(65, 999) })
  expect(await storyOf({ interval: 10, retries: 2, startPeriod: 60 }, 100)).toMatchInlineSnapshot(`
    "
       0.0 task PROVISIONING
       0.0 task PENDING; interface ATTACHING
       0.0 engine prepare task
       0.0 task ACTIVATING; interface ATTACHED
       0.0 engine create app
       0.0 engine start app
       0.0 task RUNNING; app RUNNING
      70.0 task app HEALTHY
     100.0 task asked to stop
     100.0 task STOPPING; UserInitiated: enough
     100.0 engine STOP app
     100.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
     100.0 engine remove task
     100.0 task STOPPED; interface DELETED
    "
  `)
})

it('counts failures at once without a start period', async () => {
  world.script('app', { exec: healthyFrom(65, 999) })
  expect(await storyOf({ interval: 10, retries: 2 }, 100)).toMatchInlineSnapshot(`
    "
       0.0 task PROVISIONING
       0.0 task PENDING; interface ATTACHING
       0.0 engine prepare task
       0.0 task ACTIVATING; interface ATTACHED
       0.0 engine create app
       0.0 engine start app
       0.0 task RUNNING; app RUNNING
      20.0 task app UNHEALTHY
      70.0 task app HEALTHY
     100.0 task asked to stop
     100.0 task STOPPING; UserInitiated: enough
     100.0 engine STOP app
     100.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
     100.0 engine remove task
     100.0 task STOPPED; interface DELETED
    "
  `)
})

it('takes a check that hangs for a failure', async () => {
  world.script('app', { execSeconds: 60 })
  expect(await storyOf({ interval: 10, timeout: 4, retries: 2 }, 60)).toMatchInlineSnapshot(`
    "
       0.0 task PROVISIONING
       0.0 task PENDING; interface ATTACHING
       0.0 engine prepare task
       0.0 task ACTIVATING; interface ATTACHED
       0.0 engine create app
       0.0 engine start app
       0.0 task RUNNING; app RUNNING
      30.0 task app UNHEALTHY
      60.0 task asked to stop
      60.0 task STOPPING; UserInitiated: enough
      60.0 engine STOP app
      60.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
      60.0 engine remove task
      60.0 task STOPPED; interface DELETED
    "
  `)
})

it('takes a check that cannot be run for a failure', async () => {
  world.script('app', { exec: () => new Fault('invalid', 'exec: "check": executable file not found in $PATH') })
  expect(await storyOf({ interval: 10, retries: 2 }, 60)).toMatchInlineSnapshot(`
    "
       0.0 task PROVISIONING
       0.0 task PENDING; interface ATTACHING
       0.0 engine prepare task
       0.0 task ACTIVATING; interface ATTACHED
       0.0 engine create app
       0.0 engine start app
       0.0 task RUNNING; app RUNNING
      20.0 task app UNHEALTHY
      60.0 task asked to stop
      60.0 task STOPPING; UserInitiated: enough
      60.0 engine STOP app
      60.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
      60.0 engine remove task
      60.0 task STOPPED; interface DELETED
    "
  `)
})

it('leaves a standalone task running that is UNHEALTHY, and begins anew with a restarted container', async () => {
  world.script('app', { exec: healthyFrom(0, 999), exitAfterSeconds: 70, exitCode: 1 })
  const arn = await world.run([
    {
      name: 'app',
      healthCheck: { command: ['CMD-SHELL', 'check'], interval: 10 },
      restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
    },
  ])
  await world.advance(90)
  await world.stop(arn)
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
       0.1 task app HEALTHY
      70.0 task app PENDING (1); app restart 1; app UNKNOWN
      70.0 engine create app
      70.0 engine start app
      70.0 task app RUNNING
      70.1 task app HEALTHY
      90.0 task asked to stop
      90.0 task STOPPING; UserInitiated: enough
      90.0 engine STOP app
      90.0 task DEPROVISIONING; interface DETACHING; app STOPPED (143)
      90.0 engine remove task
      90.0 task STOPPED; interface DELETED
    "
  `)
})

it('asks the shell for CMD-SHELL and the program itself for CMD', async () => {
  const asked: (readonly string[])[] = []
  world.script('app', { exec: (command) => (asked.push(command), { exitCode: 0, output: '' }) })
  const arn = await world.run([
    { name: 'app', healthCheck: { command: ['CMD-SHELL', 'curl -f localhost || exit 1'] } },
    { name: 'side', healthCheck: { command: ['CMD', 'true', 'x'] } },
  ])
  world.script('side', { exec: (command) => (asked.push(command), { exitCode: 0, output: '' }) })
  await world.advance(1)
  expect(asked).toEqual([
    ['/bin/sh', '-c', 'curl -f localhost || exit 1'],
    ['true', 'x'],
  ])
  await world.stop(arn)
  await world.advance(1)
})
