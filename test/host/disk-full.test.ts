// Goal: a full disk refuses what cannot be kept, harms nothing that runs, and passes when there is room again.
// Method: the data directory is a small file system of its own, filled and emptied by the test.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '#base/run.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { describeTask, launch, register, runToStop, until } from '#test/tasks.ts'

let folder: string
let instance: Instance

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-full-'))
  await run('truncate', ['-s', '256M', join(folder, 'disk')])
  await run('mkfs.ext4', ['-q', join(folder, 'disk')])
  await run('mkdir', [join(folder, 'mount')])
  await run('mount', ['-o', 'loop', join(folder, 'disk'), join(folder, 'mount')])
  instance = await startInstance({ dataDir: join(folder, 'mount', 'data') })
})
afterAll(async () => {
  rmSync(filler(), { force: true })
  await instance.down()
  await run('umount', [join(folder, 'mount')])
  rmSync(folder, { recursive: true })
})

const filler = (): string => join(folder, 'mount', 'filler')

const fill = async (): Promise<void> => {
  // dd fails when the disk is full, which is the point.
  await run('dd', ['if=/dev/zero', `of=${filler()}`, 'bs=64k']).catch(() => undefined)
  await run('sh', ['-c', 'cat /dev/zero >> "$1"', 'sh', filler()]).catch(() => undefined)
}

describe('a full data directory', () => {
  it('refuses new wishes, leaves running tasks alone, and recovers', async () => {
    const [arn = ''] = await launch(instance, await register(instance, [{ command: ['sleep', '600'] }]))
    await until(instance, arn, 'RUNNING')
    await fill()

    let refused: unknown
    // The store may have a little room left in what it holds already.
    for (let index = 0; index < 200 && refused === undefined; index++) {
      const wish = new CreateClusterCommand({
        clusterName: `full-${index}`,
        tags: [{ key: 'x', value: 'y'.repeat(250) }],
      })
      refused = await instance.ecs.send(wish).then(
        () => undefined,
        (error: unknown) => error,
      )
    }
    expect(refused, instance.complaints()).toMatchObject({ name: 'ServerException' })
    expect((await describeTask(instance, arn)).lastStatus).toBe('RUNNING')

    rmSync(filler())
    await instance.ecs.send(new CreateClusterCommand({ clusterName: 'roomy' }))
    const { clusters } = await instance.ecs.send(new DescribeClustersCommand({ clusters: ['roomy'] }))
    expect(clusters?.[0]?.status).toBe('ACTIVE')
    expect((await runToStop(instance, [{ command: ['true'] }])).containers?.[0]?.exitCode).toBe(0)

    await instance.kill()
    await instance.up()
    expect((await describeTask(instance, arn)).lastStatus).toBe('RUNNING')
  }, 120_000)
})
