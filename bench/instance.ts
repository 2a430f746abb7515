// A Neargate of its own for a benchmark: temporary data, a free port, the busybox image; gone at the end.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '#base/run.ts'
import { type Client, clientFor } from '#cli/client.ts'
import { requireServer } from '#cli/instance.ts'
import { type Config, readConfig } from '#config.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'

export const IMAGE = 'neargate.local/busybox:1'

export interface Instance {
  readonly config: Config
  readonly client: Client
  readonly dataDir: string
  readonly pid: number
  /** One of the default VPC's subnets. */
  readonly subnet: string
  readonly down: () => Promise<void>
}

const neargate = join(import.meta.dirname, '../neargate')

export const startInstance = async (): Promise<Instance> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'neargate-bench-'))
  await run(neargate, ['up', '--data', dataDir, '--port', '0'], { timeoutSeconds: 120 })
  const config = readConfig({ data: dataDir })
  const client = clientFor(config)
  await client.own('PUT', '/_neargate/images', busyboxImage({ reference: IMAGE }))
  const subnet = /<subnetId>([^<]+)/.exec(await client.query('ec2', 'DescribeSubnets'))?.[1] ?? ''
  return {
    config,
    client,
    dataDir,
    subnet,
    pid: requireServer(config).pid,
    down: async () => {
      await run(neargate, ['down', '--data', dataDir], { timeoutSeconds: 300 })
      rmSync(dataDir, { recursive: true })
    },
  }
}
