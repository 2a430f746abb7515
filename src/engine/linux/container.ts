// A container on this host: made ready to start, started, signalled, made anew.

import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { Fault } from '#base/fault.ts'
import { inside, writeSettings } from '#linux/network-namespace.ts'
import type { EngineContainer, EngineTask } from '../engine.ts'
import type { OpenImage } from '../images/layer-source.ts'
import { argumentsOf, bundleConfig, effectiveCapabilities } from './bundle.ts'
import { containerCgroup } from './cgroups.ts'
import { containerFolders, taskFolders, type ContainerFolders } from './folders.ts'
import { gvisorConfig } from './gvisor-bundle.ts'
import type { Host } from './host.ts'
import { resolveUser } from './image-user.ts'
import { imageVolumes, inheritedVolumes } from './image-volumes.ts'
import { firstIdOf, openRange, userNamespaceOf } from './owner-ranges.ts'
import { endCgroup, endWorkers, isInContainer, sendSignal } from './processes.ts'
import { sharedProcesses } from './process-holder.ts'
import { type BoundVolume, writeRecord, type ContainerState, type TaskState } from './records.ts'
import { makeFolderInside, mountRootfs, openFolder } from './rootfs.ts'
import { hasBegun, isWaitingToStart, startByCommand, startInProcess } from './runtime.ts'
import { signalSandboxed } from './sandbox.ts'
import { startFault, type Attempt } from './start-fault.ts'
import { createSupervised } from './supervisor.ts'
import { clearContainer, placesOf, sharedFiles, untilConmonEnds, volumeFolder } from './task.ts'

const SIGRTMIN = 34
const SIGTERM = 15
const SIGKILL = 9

/** "SIGQUIT", "QUIT", "3" and "SIGRTMIN+3" as images say it. */
export const signalNumber = (name: string | undefined): number => {
  if (name === undefined || name === '') return SIGTERM
  if (/^\d{1,2}$/.test(name)) return Number(name)
  const plain = name.toUpperCase().replace(/^SIG/, '')
  const realTime = /^RTMIN\+(\d{1,2})$/.exec(plain)?.[1]
  if (realTime !== undefined) return SIGRTMIN + Number(realTime)
  return (osConstants.signals as Readonly<Record<string, number>>)[`SIG${plain}`] ?? SIGTERM
}

/** crun has copied it; of ours, which takes up memory, only what commands inside are run with is asked for again. */
const keepProcessOnly = (folders: ContainerFolders, config: { readonly process?: object }): void =>
  writeRecord(folders.config, { process: config.process })

/** What its configuration says is to run. */
const attemptOf = (folders: ContainerFolders): Attempt => {
  const { process } = JSON.parse(readFileSync(folders.config, 'utf8')) as {
    readonly process: { readonly args: readonly string[]; readonly cwd: string }
  }
  return { program: process.args[0] ?? '', workingDirectory: process.cwd }
}

const imageOf = async (host: Host, container: EngineContainer): Promise<OpenImage> => {
  const image = await host.images.open(container.imageDigest)
  if (image === undefined) throw new Fault('not-found', `no image ${container.imageDigest} is here`)
  return image
}

const SETTING = /^net(\.[A-Za-z0-9_-]+)+$/

/** Those of the network are the task's: whoever sets one sets it for all containers, the last one wins (as on Fargate). */
const applyNetworkSysctls = (host: Host, container: EngineContainer): void => {
  const names = Object.keys(container.sysctls).filter((name) => name.startsWith('net.'))
  if (names.length === 0) return
  const { network } = taskFolders(host.folders, container.taskId)
  const namespace = host.within(() => openSync(network, 'r'))
  try {
    for (const name of names) {
      if (!SETTING.test(name)) throw new Fault('invalid', `sysctl "${name}" is not a name`)
      try {
        inside(namespace, () => writeSettings({ [name.slice(4).replaceAll('.', '/')]: container.sysctls[name] ?? '' }))
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        throw new Fault('invalid', `sysctl "${name}": ${error.message}`, { cause: error })
      }
    }
  } finally {
    closeSync(namespace)
  }
}

const mountOf = (task: EngineTask, container: EngineContainer, host: Host) => {
  const folders = taskFolders(host.folders, task.id)
  return container.mounts.map(({ volume, path, readOnly }) => {
    const index = task.volumes.indexOf(volume)
    if (index < 0) throw new Fault('invalid', `task ${task.id} has no volume "${volume}"`)
    return { source: volumeFolder(folders, index), path, readOnly }
  })
}

/** Mounts the root file system and finds out in it who the container runs as. */
const layOut = (host: Host, state: TaskState, container: EngineContainer, image: OpenImage) => {
  const folders = containerFolders(host.folders, container.taskId, container.id)
  const { range } = state.record
  const firstId = range === undefined ? 0 : firstIdOf(range)
  return host.within(() => {
    const namespace = range === undefined ? undefined : openRange(range)
    try {
      mountRootfs({
        layers: image.layers,
        target: folders.rootfs,
        writable: folders.writable,
        ...(namespace === undefined ? {} : { owner: { namespace, firstId } }),
      })
    } finally {
      if (namespace !== undefined) closeSync(namespace)
    }
    const root = openFolder(folders.rootfs)
    try {
      makeFolderInside(root, container.workingDirectory ?? image.config.workingDirectory, firstId)
      return resolveUser(root, container.user ?? image.config.user)
    } finally {
      closeSync(root)
    }
  })
}

const configOf = async (
  host: Host,
  state: TaskState,
  container: EngineContainer,
  image: OpenImage,
  pidNamespace: string | undefined,
): Promise<{ config: object; volumes: readonly BoundVolume[] }> => {
  const { task, range } = state.record
  if (argumentsOf(container, image.config).length === 0) throw new Fault('invalid', 'no command specified')
  if (container.init && host.init === undefined) {
    throw new Fault('unsupported', 'initProcessEnabled needs tini-static; install the package "tini"')
  }
  const folders = taskFolders(host.folders, task.id)
  const filter = host.seccomp(effectiveCapabilities(container))
  const user = layOut(host, state, container, image)
  const inherited = inheritedVolumes(state, container)
  const owner = range === undefined ? 0 : firstIdOf(range)
  const declared = [...inherited, ...(await imageVolumes(host, container, image.config, owner, inherited))]
  const config = bundleConfig({
    task,
    container,
    image: image.config,
    user,
    rootfs: containerFolders(host.folders, task.id, container.id).rootfs,
    ...(range === undefined ? {} : { userNamespace: userNamespaceOf(range) }),
    networkNamespace: folders.network,
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    cgroup: containerCgroup(host.cgroups, task.id, container.id),
    files: sharedFiles(folders),
    sys: folders.sys,
    volumes: [...declared, ...mountOf(task, container, host)],
    ...(container.init && host.init !== undefined ? { init: host.init } : {}),
    seccomp: filter,
    annotations: host.filters.annotations(filter),
    hardLimits: host.hardLimits,
  })
  const fitting = host.runtime.name === 'runsc' ? gvisorConfig(config, container, task) : config
  return { config: fitting, volumes: declared }
}

/** Makes it ready to start, whatever an interrupted attempt has left. The caller knows that there is none yet. */
export const createContainer = async (host: Host, state: TaskState, container: EngineContainer): Promise<void> => {
  const folders = containerFolders(host.folders, container.taskId, container.id)
  const image = await imageOf(host, container)
  if (existsSync(folders.record)) await discard(host, container.taskId, container.id)
  // From here on a crash leaves a trace that the next process finds.
  writeRecord(folders.record, container)
  state.containers.set(container.id, { spec: container })
  try {
    await host.images.retain(container.imageDigest, container.id)
    applyNetworkSysctls(host, container)
    const processes = await sharedProcesses(host, state, (id) => discard(host, container.taskId, id))
    const { config, volumes } = await configOf(host, state, container, image, processes)
    writeFileSync(folders.config, JSON.stringify(config), { mode: 0o600 })
    const pid = await createSupervised(host, {
      containerId: container.id,
      folders,
      places: placesOf(host, state.record),
      tty: container.tty,
      interactive: container.interactive,
      attempt: {
        program: argumentsOf(container, image.config)[0] ?? '',
        workingDirectory: container.workingDirectory ?? image.config.workingDirectory,
      },
    })
    if (host.runtime.name === 'crun') keepProcessOnly(folders, config)
    host.filters.learn(host.seccomp(effectiveCapabilities(container)), host.runtime, container.id)
    const made = {
      pid,
      stopSignal: signalNumber(image.config.stopSignal),
      layers: image.layers,
      ...(volumes.length === 0 ? {} : { volumes }),
      boot: host.boot,
    }
    writeRecord(folders.made, made)
    state.containers.set(container.id, { spec: container, made })
  } catch (error) {
    await discard(host, container.taskId, container.id)
    state.containers.delete(container.id)
    throw error
  }
}

/** Takes away what an attempt has left, but not the output. */
const discard = async (host: Host, taskId: string, containerId: string): Promise<void> => {
  await endWorkers(containerId, host.clock)
  await endCgroup(host.cgroups, containerCgroup(host.cgroups, taskId, containerId), host.clock)
  await untilConmonEnds(host, taskId, containerId)
  clearContainer(host, taskId, containerId)
}

/** For a container that is made and not started. Fault "invalid" when what is to run turns out not to be there. */
export const startContainer = async (host: Host, task: TaskState, container: ContainerState): Promise<void> => {
  const { spec } = container
  const folders = containerFolders(host.folders, spec.taskId, spec.id)
  writeFileSync(folders.started, host.clock.now().toISOString(), { mode: 0o600 })
  if (await startInProcess(host.runtime, spec.id, host.clock)) return
  container.starting = true
  try {
    if (!isWaitingToStart(host.runtime, spec.id)) return
    if (container.made !== undefined && hasBegun(host.runtime, spec.id, container.made.pid)) return
    const refusal = await startByCommand(host.runtime, host.launch.within, spec.id)
    // A command that a killed server had begun may come first.
    if (refusal === undefined || /in state running/.test(refusal)) return
    const fault = startFault(refusal, attemptOf(folders))
    // runsc looks for the program only now, and takes the sandbox down: what is left is as much as create would leave.
    if (host.runtime.name === 'runsc') {
      await discard(host, spec.taskId, spec.id)
      task.containers.delete(spec.id)
    }
    throw fault
  } finally {
    container.starting = false
  }
}

/** Leaves alone what does not run. A container that was never started is killed, whatever the signal. */
export const signalContainer = async (
  host: Host,
  { spec, made }: ContainerState,
  signal: 'STOP' | 'KILL',
): Promise<void> => {
  if (made === undefined || made.boot !== host.boot || !isInContainer(made.pid, spec.id)) return
  const kill = signal === 'KILL' || isWaitingToStart(host.runtime, spec.id)
  if (kill) sendSignal(made.pid, SIGKILL)
  else if (host.runtime.name === 'runsc') await signalSandboxed(host, spec.id, made.stopSignal)
  else sendSignal(made.pid, made.stopSignal)
}

/** Takes away an exited container but for its output, and makes it anew. */
export const recreateContainer = async (host: Host, state: TaskState, container: EngineContainer): Promise<void> => {
  await endCgroup(host.cgroups, containerCgroup(host.cgroups, container.taskId, container.id), host.clock)
  await untilConmonEnds(host, container.taskId, container.id)
  clearContainer(host, container.taskId, container.id)
  rmSync(containerFolders(host.folders, container.taskId, container.id).record, { force: true })
  state.containers.delete(container.id)
  await createContainer(host, state, container)
}
