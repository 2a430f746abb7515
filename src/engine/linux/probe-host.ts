// What this host has and lacks for running tasks, each with the command that mends it: the facts behind "doctor".

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import type { ImageStore } from '../images/layer-source.ts'
import { openHost, type OpenHost } from './open-host.ts'
import { findProgram } from './runtime.ts'

export interface Finding {
  /** "missing": tasks cannot run without it. "note": they run, but less well. */
  readonly level: 'ok' | 'note' | 'missing'
  readonly subject: string
  readonly says: string
  /** A command for a root shell. */
  readonly fix?: string
}

export interface ProbeHostOptions {
  /** The data directory: disk limits depend on its file system. */
  readonly dataDir: string
  readonly clock: Clock
  /** Makes the names of what is tried unique: [a-z0-9]. */
  readonly unique: string
}

/** Nothing is ever pulled by a probe. */
const noImages = { layerKind: 'directory', owners: () => [] } as unknown as ImageStore

const storageFinding = ({ host }: OpenHost, refusals: string): Finding =>
  host.storage.kind === 'none'
    ? {
        level: 'note',
        subject: 'disk limit',
        says: `ephemeral storage is not limited: ${refusals}`,
        fix: 'apt-get install e2fsprogs; modprobe loop',
      }
    : { level: 'ok', subject: 'disk limit', says: `each task's storage is limited by: ${host.storage.kind}` }

const gvisorFinding = async ({ gvisor }: OpenHost): Promise<Finding> => {
  const subject = 'gvisor'
  try {
    const { version, platform, userNamespaces } = await gvisor.search()
    const says = `${version} (${platform}) runs tasks tagged neargate:isolation=gvisor`
    const lacks = [
      ...(userNamespaces ? [] : ['without user namespaces']),
      ...((await gvisor.waitsForPackets()) ? [] : ['with a fault: read(2) on a socket does not wait for data']),
    ]
    if (lacks.length === 0) return { level: 'ok', subject, says }
    // What Debian 12 itself has is from 2022; its backports, and gVisor's own packages, are newer.
    const fix = 'apt-get install -t bookworm-backports runsc'
    return { level: 'note', subject, says: `${says}, but ${lacks.join(' and ')}`, fix }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const says = `tasks tagged neargate:isolation=gvisor stop at once: ${error.message}`
    return { level: 'note', subject, says, fix: 'apt-get install runsc' }
  }
}

const findingsOf = async (opened: OpenHost): Promise<Finding[]> => {
  const { host } = opened
  const refusals = opened.refusals.join('; ')
  return [
    { level: 'ok', subject: 'runtime', says: `${host.runtime.version} runs containers, conmon keeps their output` },
    { level: 'ok', subject: 'cgroups', says: `cgroup ${host.cgroups.version}, below ${host.cgroups.root}` },
    host.ranges === undefined
      ? {
          level: 'note',
          subject: 'user namespaces',
          says: `root in a container is root on this host: ${refusals || 'only crun can do it'}`,
          fix: findProgram('crun') === undefined ? 'apt-get install crun' : 'upgrade to Linux 5.19 or newer',
        }
      : { level: 'ok', subject: 'user namespaces', says: 'each task has user ids of its own' },
    await gvisorFinding(opened),
    storageFinding(opened, refusals),
    host.init === undefined
      ? {
          level: 'note',
          subject: 'init',
          says: 'initProcessEnabled has no program to run',
          fix: 'apt-get install tini',
        }
      : { level: 'ok', subject: 'init', says: `${host.init} is there for initProcessEnabled` },
  ]
}

/** Tries everything for real, in folders of its own, and takes it away again. */
export const probeHost = async (options: ProbeHostOptions): Promise<Finding[]> => {
  const instance = `doctor${options.unique}`
  const dataDir = join(options.dataDir, instance)
  const runDir = join('/run/neargate', instance)
  const { clock } = options
  try {
    const opened = await openHost({ dataDir, runDir, instance, clock, log: silentLog, images: noImages })
    const findings = await findingsOf(opened)
    await opened.close(true)
    return findings
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const fix = 'apt-get install crun conmon runc golang-github-containers-common'
    return [{ level: 'missing', subject: 'engine', says: error.message, fix }]
  } finally {
    for (const folder of [dataDir, runDir]) rmSync(folder, { recursive: true, force: true })
  }
}
