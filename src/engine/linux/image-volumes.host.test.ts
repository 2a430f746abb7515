// Goal: a path that an image declares as a volume can be written to, begins as the image has it, and outlives a restart.
// Method: images that declare volumes, also where none may be, run with a read-only root file system.

import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { containerOf, endTrial, openTrial, TASK, taskOf, type Trial } from './host-for-tests.ts'

let trial: Trial
afterEach(() => endTrial(trial))

const ended = async (containerId: string): Promise<string> => {
  for (;;) {
    const seen = (await trial.engine.observeTask(TASK))?.containers.find(({ id }) => id === containerId)
    if (seen?.state === 'exited') {
      return readFileSync(seen.outputFile, 'utf8').replaceAll(/^\S+ \S+ F /gm, `${seen.exitCode} `)
    }
    await systemClock.sleep(0.02)
  }
}

it('is writable over a read-only root, holds the image’s files, and survives the container being made anew', async () => {
  trial = await openTrial({}, { volumes: ['/etc', '/new/folder/', '/proc', '/'] })
  const script = 'echo a >> /new/folder/file; cat /new/folder/file; test -f /etc/passwd && touch /etc/own && echo ok'
  const container = containerOf({
    command: ['/bin/sh', '-c', `${script}; touch /root/x || exit 3`],
    readonlyRootFilesystem: true,
  })
  await trial.engine.prepare(taskOf(trial))
  await trial.engine.create(container)
  await trial.engine.start(container.id)
  const first = await ended(container.id)
  expect(first).toContain('3 a\n3 ok\n')
  expect(first).toContain('Read-only file system')

  await trial.engine.recreate(container)
  await trial.engine.start(container.id)
  expect((await ended(container.id)).slice(first.length)).toContain('3 a\n3 a\n3 ok\n')
})

it('gives way to a volume that the task definition mounts there', async () => {
  trial = await openTrial({}, { volumes: ['/data'] })
  const mounts = [{ volume: 'own', path: '/data', readOnly: true }]
  const container = containerOf({ command: ['/bin/sh', '-c', 'touch /data/x || echo refused'], mounts })
  await trial.engine.prepare(taskOf(trial, { volumes: ['own'] }))
  await trial.engine.create(container)
  await trial.engine.start(container.id)
  expect(await ended(container.id)).toContain('refused')
})

it('is there for another container of the task, begun with the files of the image that declares it', async () => {
  trial = await openTrial({}, { volumes: ['/etc'] })
  const source = containerOf({ command: ['/bin/sleep', '600'] })
  const script = 'cat /etc/from-other; touch /etc/x || echo refused; echo own > /in/own && cat /in/own'
  const taker = containerOf({
    id: `${TASK}-0000000002`,
    name: 'taker',
    command: ['/bin/sh', '-c', script],
    mounts: [{ volume: 'own', path: '/in', readOnly: false }],
    volumesFrom: [{ containerId: source.id, readOnly: true }],
  })
  await trial.engine.prepare(taskOf(trial, { volumes: ['own'] }))
  await trial.engine.create(source)
  await trial.engine.start(source.id)
  const { exitCode } = await trial.engine.exec(source.id, ['/bin/sh', '-c', 'echo hello > /etc/from-other'], 5)
  expect(exitCode).toBe(0)
  await trial.engine.create(taker)
  await trial.engine.start(taker.id)
  const output = await ended(taker.id)
  expect(output).toContain('0 hello\n')
  expect(output).toContain('refused')
  expect(output).toContain('0 own\n')
})
