// Reads the environment and the command line once, into one frozen object; no other file reads process.env.

import { createHash } from 'node:crypto'
import { resolve } from 'node:path'

export interface Config {
  /** Everything that must survive a reboot. */
  readonly dataDir: string
  /** Everything that must not: sockets, namespaces, pid files. */
  readonly runDir: string
  /** Eight hex digits derived from the data directory: names what this instance owns in the kernel. */
  readonly instance: string
  readonly host: string
  readonly port: number
  readonly auth: 'on' | 'off'
  /** Nothing is kept: the store is in memory, and everything is removed when the control plane stops. */
  readonly ephemeral: boolean
  readonly mode: 'strict' | 'extended'
  /** Whether tasks may reach the world outside through the host. */
  readonly egress: boolean
  /** The account that the root access key belongs to; twelve digits. */
  readonly account: string
  /** What `neargate env` and the AWS profile name; any region works in calls. */
  readonly region: string
  /** Seconds for which stopped tasks stay visible. */
  readonly stoppedTaskRetentionSeconds: number
  /** How many times over the host's CPUs and its memory may be promised to tasks. */
  readonly cpuOvercommit: number
  readonly memoryOvercommit: number
  /** From a Spot task's notice to its SIGKILL. */
  readonly spotWarningSeconds: number
  /** Lifecycle hooks of deployments may be HTTP endpoints that begin with one of these, until there are functions. */
  readonly lifecycleHooks: readonly string[]
  /** Registries spoken to over plain HTTP, besides those on loopback. */
  readonly insecureRegistries: readonly string[]
}

export interface ConfigFlags {
  readonly data?: string | undefined
  readonly port?: string | undefined
  readonly host?: string | undefined
  readonly auth?: string | undefined
  readonly ephemeral?: boolean | undefined
  readonly mode?: string | undefined
  readonly egress?: string | undefined
  readonly cpuOvercommit?: string | undefined
  readonly memoryOvercommit?: string | undefined
}

/** The person's mistake; the message says what to do. */
export class ConfigError extends Error {}

const oneOf = <T extends string>(name: string, value: string, allowed: readonly T[]): T => {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw new ConfigError(`${name} must be one of ${allowed.join(', ')}, and is "${value}"`)
  return found
}

const integer = (name: string, value: string, least: number, most: number): number => {
  const number = Number(value)
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new ConfigError(`${name} must be a whole number from ${least} to ${most}, and is "${value}"`)
  }
  return number
}

const factor = (name: string, value: string): number => {
  const number = Number(value)
  if (value.trim() === '' || !(number >= OVERCOMMIT_LEAST && number <= OVERCOMMIT_MOST)) {
    throw new ConfigError(`${name} must be a number from ${OVERCOMMIT_LEAST} to ${OVERCOMMIT_MOST}, and is "${value}"`)
  }
  return number
}

/** Why these: docs/decisions/0005-capacity.md. */
const CPU_OVERCOMMIT = '32'
const MEMORY_OVERCOMMIT = '6'
const OVERCOMMIT_LEAST = 0.01
const OVERCOMMIT_MOST = 10_000
/** AWS: two minutes. */
const SPOT_WARNING_SECONDS = '120'
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

type Environment = Readonly<Record<string, string | undefined>>

/** Flags win over the environment, the environment over the defaults. */
export const readConfig = (flags: ConfigFlags = {}, env: Environment = process.env): Config => {
  const dataDir = resolve(flags.data ?? env['NEARGATE_DATA'] ?? '/var/lib/neargate')
  const instance = createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
  const host = flags.host ?? env['NEARGATE_HOST'] ?? '127.0.0.1'
  const auth = oneOf('--auth', flags.auth ?? env['NEARGATE_AUTH'] ?? 'on', ['on', 'off'])
  if (auth === 'off' && !LOOPBACK.test(host)) {
    throw new ConfigError(`--auth off lets anyone in, so it works on a loopback address only, not on ${host}`)
  }
  const account = env['NEARGATE_ACCOUNT'] ?? '000000000000'
  if (!/^\d{12}$/.test(account)) throw new ConfigError(`NEARGATE_ACCOUNT must be twelve digits, and is "${account}"`)
  return Object.freeze({
    dataDir,
    runDir: `/run/neargate/${instance}`,
    instance,
    host,
    port: integer('--port', flags.port ?? env['NEARGATE_PORT'] ?? '4566', 0, 65535),
    auth,
    ephemeral: flags.ephemeral ?? env['NEARGATE_EPHEMERAL'] === '1',
    mode: oneOf('--mode', flags.mode ?? env['NEARGATE_MODE'] ?? 'strict', ['strict', 'extended']),
    egress: oneOf('--egress', flags.egress ?? env['NEARGATE_EGRESS'] ?? 'on', ['on', 'off']) === 'on',
    account,
    region: env['NEARGATE_REGION'] ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    // AWS shows stopped tasks for at least an hour.
    stoppedTaskRetentionSeconds: integer(
      'NEARGATE_STOPPED_TASK_SECONDS',
      env['NEARGATE_STOPPED_TASK_SECONDS'] ?? '3600',
      60,
      10_000_000,
    ),
    cpuOvercommit: factor('--cpu-overcommit', flags.cpuOvercommit ?? env['NEARGATE_CPU_OVERCOMMIT'] ?? CPU_OVERCOMMIT),
    memoryOvercommit: factor(
      '--memory-overcommit',
      flags.memoryOvercommit ?? env['NEARGATE_MEMORY_OVERCOMMIT'] ?? MEMORY_OVERCOMMIT,
    ),
    spotWarningSeconds: integer(
      'NEARGATE_SPOT_WARNING_SECONDS',
      env['NEARGATE_SPOT_WARNING_SECONDS'] ?? SPOT_WARNING_SECONDS,
      1,
      3600,
    ),
    lifecycleHooks: (env['NEARGATE_LIFECYCLE_HOOKS'] ?? '').split(',').filter((url) => url !== ''),
    insecureRegistries: (env['NEARGATE_INSECURE_REGISTRIES'] ?? '').split(',').filter((name) => name !== ''),
  })
}
