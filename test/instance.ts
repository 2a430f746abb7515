// A Neargate of its own for a test or benchmark: temporary data, a free port, the busybox image; gone at the end.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECSClient } from '@aws-sdk/client-ecs'
import { run, runToEnd, type RunResult } from '#base/run.ts'
import { type Client, clientFor } from '#cli/client.ts'
import { requireServer, rootCredentials } from '#cli/instance.ts'
import { type Config, readConfig } from '#config.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'
import { awsEnvironment } from './aws-environment.ts'

export const IMAGE = 'neargate.local/busybox:1'
export const REGION = 'us-east-1'

export interface Instance {
  readonly config: Config
  readonly dataDir: string
  /** The command line's own client. */
  readonly client: Client
  /** For further clients of AWS's SDK. */
  readonly sdk: {
    readonly endpoint: string
    readonly region: string
    readonly credentials: ReturnType<typeof rootCredentials>
    readonly maxAttempts: number
  }
  readonly ecs: ECSClient
  readonly ec2: EC2Client
  readonly logs: CloudWatchLogsClient
  /** One of the default VPC's subnets. */
  readonly subnet: string
  /** Runs `neargate …` on this instance. */
  readonly neargate: (...args: string[]) => Promise<RunResult>
  /** Runs any program with the AWS environment of this instance. */
  readonly withAws: (command: string, ...args: string[]) => Promise<RunResult>
  readonly pid: () => number
  /** What the control plane complained of, newest last: the first thing to read when a test fails. */
  readonly complaints: () => string
  /** kill -9 of the control plane; resolves when it is gone. */
  readonly kill: () => Promise<void>
  readonly up: () => Promise<void>
  readonly down: () => Promise<void>
}

const program = join(import.meta.dirname, '../neargate')

export interface InstanceOptions {
  readonly flags?: readonly string[]
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
}

const gone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      // A zombie answers signals: what counts is that it runs no more.
      if (/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export const startInstance = async (options: InstanceOptions = {}): Promise<Instance> => {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'neargate-test-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...options.env }
  const neargate = (...args: string[]): Promise<RunResult> =>
    runToEnd(program, [...args, '--data', dataDir], { timeoutSeconds: 300, env })
  const config = readConfig({ data: dataDir }, {})
  // A restart keeps the port, as an operator's would.
  let port = '0'
  const up = async (): Promise<void> => {
    await run(program, ['up', '--data', dataDir, '--port', port, ...(options.flags ?? [])], {
      timeoutSeconds: 120,
      env,
    })
    port = new URL(requireServer(config).endpoint).port
  }
  await up()
  const { endpoint } = requireServer(config)
  const credentials = rootCredentials(config)
  const sdk = { endpoint, region: REGION, credentials, maxAttempts: 1 }
  const client = clientFor(config)
  await client.own('PUT', '/_neargate/images', busyboxImage({ reference: IMAGE }))
  const awsEnv = { ...awsEnvironment(sdk), ...env }
  return {
    config,
    dataDir,
    client,
    sdk,
    ecs: new ECSClient(sdk),
    ec2: new EC2Client(sdk),
    logs: new CloudWatchLogsClient(sdk),
    subnet: /<subnetId>([^<]+)/.exec(await client.query('ec2', 'DescribeSubnets'))?.[1] ?? '',
    neargate,
    withAws: (command, ...args) => runToEnd(command, args, { timeoutSeconds: 600, env: awsEnv }),
    pid: () => requireServer(config).pid,
    complaints: () =>
      readFileSync(join(dataDir, 'neargate.log'), 'utf8')
        .split('\n')
        .filter((line) => !line.includes('"level":"info"'))
        .slice(-20)
        .join('\n'),
    kill: async () => {
      const { pid } = requireServer(config)
      process.kill(pid, 'SIGKILL')
      await gone(pid)
    },
    up,
    down: async () => {
      await run(program, ['down', '--data', dataDir], { timeoutSeconds: 300, env })
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
