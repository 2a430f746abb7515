// What this host has and lacks for Neargate, with the command that fixes it. Looks only; changes nothing that stays.

import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { release } from 'node:os'
import { systemClock } from '#base/clock.ts'
import { systemRandom } from '#base/random.ts'
import { runToEnd } from '#base/run.ts'
import { type Finding, probeHost } from '#engine/linux/probe-host.ts'
import type { Config } from './config.ts'
import { poolOf, thisHost } from './host-pool.ts'

const GIB = 1024 ** 3
/** Below this, one task's image and files may not fit. */
const COMFORTABLE_GIB = 10

interface Program {
  readonly name: string
  readonly package: string
  readonly what: string
  /** Neargate does without it, less well. */
  readonly optional?: true
  readonly version?: readonly string[]
}

const PROGRAMS: readonly Program[] = [
  { name: 'nft', package: 'nftables', what: 'security groups', version: ['--version'] },
  { name: 'haproxy', package: 'haproxy', what: 'load balancers', optional: true, version: ['-v'] },
  { name: 'ip', package: 'iproute2', what: 'the fall-back for network calls', optional: true, version: ['-V'] },
  { name: 'mkfs.erofs', package: 'erofs-utils', what: 'images that need no unpacking (1.8 or newer)', optional: true },
]

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? ''

const programFinding = async (program: Program): Promise<Finding> => {
  const found = await runToEnd('which', [program.name])
  const fix = `apt-get install ${program.package}`
  if (found.exitCode !== 0) {
    return {
      level: program.optional ? 'note' : 'missing',
      subject: program.name,
      says: `not installed: ${program.what}`,
      fix,
    }
  }
  if (program.version === undefined) return { level: 'ok', subject: program.name, says: program.what }
  const { stdout, stderr } = await runToEnd(program.name, program.version)
  return { level: 'ok', subject: program.name, says: `${firstLine(stdout || stderr)}: ${program.what}` }
}

const nodeFinding = (): Finding => ({ level: 'ok', subject: 'Node.js', says: process.version })

const rootFinding = (): Finding =>
  process.getuid?.() === 0
    ? { level: 'ok', subject: 'root', says: 'running as root' }
    : { level: 'missing', subject: 'root', says: 'namespaces and packet filters need root', fix: 'sudo neargate …' }

const kernelFinding = (): Finding => ({ level: 'ok', subject: 'kernel', says: release() })

const seccompFinding = (): Finding =>
  existsSync('/usr/share/containers/seccomp.json')
    ? { level: 'ok', subject: 'seccomp profile', says: 'as packaged by the distribution' }
    : {
        level: 'missing',
        subject: 'seccomp profile',
        says: 'not installed',
        fix: 'apt-get install golang-github-containers-common',
      }

const libraryFinding = (): Finding =>
  readFileSync('/etc/ld.so.cache', 'latin1').includes('libnftables.so.1')
    ? { level: 'ok', subject: 'libnftables', says: 'packet filters are written in-process' }
    : {
        level: 'note',
        subject: 'libnftables',
        says: 'not installed: a launch spawns nft instead',
        fix: 'apt-get install libnftables1',
      }

/** The folder itself, or the nearest one above it that exists. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

const dataFinding = (config: Config): Finding => {
  const folder = nearest(config.dataDir)
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return {
      level: 'missing',
      subject: 'data directory',
      says: `${folder} cannot be written`,
      fix: 'neargate up --data DIR',
    }
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = (bavail * bsize) / GIB
  const says = `${config.dataDir}: ${free.toFixed(1)} GiB free`
  return free < COMFORTABLE_GIB
    ? { level: 'note', subject: 'data directory', says, fix: 'make room, or: neargate up --data DIR' }
    : { level: 'ok', subject: 'data directory', says }
}

const poolFinding = (config: Config): Finding => {
  const host = thisHost()
  const pool = poolOf(host, config)
  const gib = (mib: number): string => (mib / 1024).toFixed(1)
  return {
    level: 'ok',
    subject: 'pool',
    says:
      `${host.cpus} CPUs × ${config.cpuOvercommit} and ${gib(host.memoryMiB)} GiB × ${config.memoryOvercommit}: ` +
      `room for ${pool.cpuUnits / 1024} vCPU and ${gib(pool.memoryMiB)} GiB of tasks ` +
      '(NEARGATE_CPU_OVERCOMMIT, NEARGATE_MEMORY_OVERCOMMIT)',
  }
}

/** Runs a container and limits a disk for real; both need root. */
const engineFindings = (config: Config): Promise<Finding[]> =>
  process.getuid?.() === 0
    ? probeHost({ dataDir: nearest(config.dataDir), clock: systemClock, unique: systemRandom.hex(8) })
    : Promise.resolve([])

const dockerFinding = async (): Promise<Finding[]> =>
  existsSync('/var/run/docker.sock')
    ? [
        {
          level: 'note',
          subject: 'Docker',
          says: 'present: Neargate adds its own accept rules to the DOCKER-USER chain',
        },
      ]
    : []

/** In the order in which a person would mend them. */
export const examineHost = async (config: Config): Promise<Finding[]> => [
  nodeFinding(),
  rootFinding(),
  kernelFinding(),
  ...(await engineFindings(config)),
  ...(await Promise.all(PROGRAMS.map(programFinding))),
  seccompFinding(),
  libraryFinding(),
  dataFinding(config),
  poolFinding(config),
  ...(await dockerFinding()),
]
