// Where the Linux engine keeps what: on the disk, in the run-time folder, and on the stage that only it sees.

import { join } from 'node:path'

/**
 * Inside the engine's mount namespace this folder is a small file system of its own, where all tasks are mounted. It
 * exists on every Linux, can be reached by every user, and nothing that runs in there needs what it hides.
 */
export const STAGE = '/dev/shm'

export interface Folders {
  /** On the disk: one folder per task. */
  readonly tasks: string
  /** On the disk, written by conmon: one file per exited container, holding its exit code. */
  readonly exits: string
  /** On the disk: file systems ready for use. */
  readonly ready: string
  /** Pinned mount namespace. */
  readonly mountNamespace: string
  /** The OCI runtime's own state. */
  readonly runtime: string
  /** conmon's sockets. */
  readonly sockets: string
  /** In memory: for what must also work while the data disk is full. */
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
    tasks: join(data, 'tasks'),
    exits: join(data, 'exits'),
    ready: join(data, 'ready'),
    // In a folder of its own, which becomes a mount.
    mountNamespace: join(run, 'ns', 'mounts'),
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
  readonly image: string
  /** On the stage. */
  readonly stage: string
  readonly network: string
  readonly sys: string
  readonly mounted: string
}

export const taskFolders = (folders: Folders, taskId: string): TaskFolders => {
  const root = join(folders.tasks, taskId)
  const stage = join(STAGE, 't', taskId)
  return {
    root,
    record: join(root, 'task.json'),
    containers: join(root, 'containers'),
    storage: join(root, 'storage'),
    image: join(root, 'storage.img'),
    stage,
    network: join(stage, 'net'),
    sys: join(stage, 'sys'),
    mounted: join(stage, 's'),
  }
}

export interface ContainerFolders {
  readonly root: string
  /** What was asked for; there before anything else is. */
  readonly record: string
  /** What was made of it: written last, so that its absence means "half made". */
  readonly made: string
  readonly config: string
  readonly pid: string
  readonly conmonPid: string
  readonly output: string
  /** conmon leaves a file "oom" here. */
  readonly persist: string
  /** Its time is when the container was started. */
  readonly started: string
  readonly exit: string
  /** Not on the disk: what commands inside are asked for with. */
  readonly scratch: string
  /** On the stage. */
  readonly rootfs: string
  readonly writable: string
}

export const containerFolders = (folders: Folders, taskId: string, containerId: string): ContainerFolders => {
  const task = taskFolders(folders, taskId)
  const root = join(task.containers, containerId)
  const short = containerId.slice(taskId.length + 1)
  return {
    root,
    record: join(root, 'container.json'),
    made: join(root, 'made.json'),
    config: join(root, 'config.json'),
    pid: join(root, 'pid'),
    conmonPid: join(root, 'conmon.pid'),
    output: join(root, 'output.log'),
    persist: join(root, 'persist'),
    started: join(root, 'started'),
    exit: join(folders.exits, containerId),
    scratch: join(folders.scratch, containerId),
    rootfs: join(task.stage, 'c', short),
    writable: join(task.mounted, 'c', short),
  }
}
