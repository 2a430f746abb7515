// Where the Linux engine keeps what: on the disk, in the run-time folder, which is memory, and on the stage that only it
// sees. What means nothing after a reboot is in memory: making a file on a disk costs a third of a millisecond.

import { join } from 'node:path'

/**
 * Inside the engine's mount namespace this folder is a small file system of its own, where all tasks are mounted. It
 * exists on every Linux, can be reached by every user, and nothing that runs in there needs what it hides.
 */
export const STAGE = '/dev/shm'

export interface Folders {
  /** On the disk: what containers have written out, one file each. After a reboot it is all that is left of a task. */
  readonly outputs: string
  /** On the disk: storage of tasks where that is not a file system of its own. */
  readonly storage: string
  /** On the disk: file systems being made. */
  readonly ready: string
  /** One folder per task. */
  readonly tasks: string
  /** Written by conmon: one file per exited container, holding its exit code. */
  readonly exits: string
  /** Pinned mount namespace. */
  readonly mountNamespace: string
  /** The one that runtimes run in. */
  readonly launchNamespace: string
  /** The OCI runtime's own state. */
  readonly runtime: string
  /** conmon's sockets. */
  readonly sockets: string
  /** For what is tried out while the data disk is full. */
  readonly scratch: string
  /** What was found out about this host. */
  readonly memory: string
  /** What was found out about runsc, apart because it is looked for only when a task wants it. */
  readonly gvisorMemory: string
}

export const engineFolders = (dataDir: string, runDir: string): Folders => {
  const data = join(dataDir, 'engine')
  const run = join(runDir, 'engine')
  return {
    outputs: join(data, 'output'),
    storage: join(data, 'storage'),
    ready: join(data, 'ready'),
    tasks: join(run, 'tasks'),
    exits: join(run, 'exits'),
    // In a folder of its own, which becomes a mount.
    mountNamespace: join(run, 'ns', 'mounts'),
    launchNamespace: join(run, 'launch', 'mounts'),
    runtime: join(run, 'runtime'),
    sockets: join(run, 'sockets'),
    scratch: join(run, 'scratch'),
    memory: join(run, 'host.json'),
    gvisorMemory: join(run, 'gvisor.json'),
  }
}

export interface TaskFolders {
  readonly root: string
  readonly record: string
  readonly containers: string
  /** The task's storage where it is not a file system of its own. */
  readonly storage: string
  /** On the stage. */
  readonly stage: string
  readonly network: string
  readonly sys: string
  readonly mounted: string
}

/** Without `join`: these are asked for at every look at a container, and parsing paths was a tenth of a launch's script. */
export const taskFolders = (folders: Folders, taskId: string): TaskFolders => {
  const root = `${folders.tasks}/${taskId}`
  const stage = `${STAGE}/t/${taskId}`
  return {
    root,
    record: `${root}/task.json`,
    containers: `${root}/containers`,
    storage: `${folders.storage}/${taskId}`,
    stage,
    network: `${stage}/net`,
    sys: `${stage}/sys`,
    mounted: `${stage}/s`,
  }
}

/** conmon writes a new one under that name with ".tmp" when it has become too long. */
export const outputFile = (folders: Folders, containerId: string): string => `${folders.outputs}/${containerId}.log`

export interface ContainerFolders {
  readonly root: string
  /** What was asked for; there before anything else is. */
  readonly record: string
  /** What was made of it: written last, so that its absence means "half made". */
  readonly made: string
  readonly config: string
  readonly pid: string
  readonly conmonPid: string
  /** There when conmon saw the kernel kill for want of memory. */
  readonly oom: string
  readonly output: string
  /** Its time is when the container was started. */
  readonly started: string
  readonly exit: string
  /** On the stage. */
  readonly rootfs: string
  readonly writable: string
}

export const containerFolders = (folders: Folders, taskId: string, containerId: string): ContainerFolders => {
  const task = taskFolders(folders, taskId)
  const root = `${task.containers}/${containerId}`
  const short = containerId.slice(taskId.length + 1)
  return {
    root,
    record: `${root}/container.json`,
    made: `${root}/made.json`,
    config: `${root}/config.json`,
    pid: `${root}/pid`,
    conmonPid: `${root}/conmon.pid`,
    oom: `${root}/oom`,
    output: outputFile(folders, containerId),
    started: `${root}/started`,
    exit: `${folders.exits}/${containerId}`,
    rootfs: `${task.stage}/c/${short}`,
    writable: `${task.mounted}/c/${short}`,
  }
}
