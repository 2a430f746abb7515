// What host tests need around the engine: a temporary instance, an image made of the host's busybox, and an eye for
// what is left behind.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { createNamespace, removeNamespace } from '#linux/network-namespace.ts'
import type { EngineContainer, EngineTask, ImageConfig } from '../engine.ts'
import type { ImageStore, OpenImage } from '../images/layer-source.ts'
import { plainContainer } from '../plain-container.ts'
import type { LinuxEngine } from './container-engine.ts'
import { openLinuxEngine, type OpenOptions } from './linux-engine.ts'

export const IMAGE = `sha256:${'b'.repeat(64)}`
/** Of its own in every process: runsc knows a container on the whole machine by its id alone. */
export const TASK = randomBytes(16).toString('hex')

const CONFIG: ImageConfig = {
  entryPoint: [],
  command: ['/bin/sh'],
  environment: ['PATH=/bin', 'FROM_IMAGE=1'],
  workingDirectory: '',
  user: '',
  volumes: [],
  architecture: 'amd64',
}

const APPLETS = [
  'sh',
  'sleep',
  'cat',
  'echo',
  'id',
  'ls',
  'mount',
  'umount',
  'mknod',
  'touch',
  'dd',
  'ps',
  'kill',
  'true',
  'env',
  'pwd',
  'hostname',
  'df',
  'grep',
  'wc',
  'su',
  'chroot',
  'unshare',
  'nsenter',
  'head',
  'rm',
  'mkdir',
  'ln',
  'readlink',
  'stat',
  'date',
  'seq',
  'chmod',
  'ip',
  'nc',
  'swapon',
  'insmod',
  'reboot',
  'dmesg',
  'renice',
  'test',
  'sysctl',
  'ping',
  'yes',
  'tr',
  'chown',
  'find',
  'losetup',
  'setsid',
  'tail',
  'free',
]

const layRootfs = (root: string): void => {
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'home/app'])
    mkdirSync(join(root, folder), { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  cpSync('/usr/bin/busybox', join(root, 'bin/busybox'))
  for (const name of APPLETS) symlinkSync('busybox', join(root, 'bin', name))
  // A program that belongs to root and takes root's rights for whoever runs it.
  cpSync('/usr/bin/busybox', join(root, 'bin/busybox-setuid'))
  chmodSync(join(root, 'bin/busybox-setuid'), 0o4755)
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\nextra:x:2000:app\n')
}

/** One image, always there. Keeps count of who retains it. */
export class BusyboxImages implements ImageStore {
  readonly layerKind = 'directory'
  readonly retained = new Set<string>()
  readonly #root: string
  readonly #config: ImageConfig

  constructor(folder: string, config: Partial<ImageConfig> = {}) {
    this.#root = join(folder, 'busybox')
    this.#config = { ...CONFIG, ...config }
    try {
      mkdirSync(this.#root)
      layRootfs(this.#root)
    } catch (error) {
      // Another process of the same test has made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }

  async open(digest: string): Promise<OpenImage | undefined> {
    if (digest !== IMAGE) return undefined
    const layers = [{ diffId: IMAGE, kind: 'directory' as const, path: this.#root }]
    return { digest, config: this.#config, rawConfig: {}, layers }
  }

  async retain(_digest: string, owner: string): Promise<void> {
    this.retained.add(owner)
  }

  async release(owner: string): Promise<void> {
    this.retained.delete(owner)
  }

  owners(): readonly string[] {
    return [...this.retained]
  }

  async collect() {
    return { removedImages: 0, removedLayers: 0, freedBytes: 0 }
  }

  async pull() {
    return { digest: IMAGE, config: this.#config }
  }

  async import() {
    return []
  }

  async list() {
    return []
  }

  async remove(): Promise<void> {}
}

const mentions = (file: string, words: readonly string[]): string[] => {
  try {
    const text = readFileSync(file, 'utf8')
    return words.some((word) => text.includes(word)) ? [text.replaceAll('\0', ' ').trim()] : []
  } catch {
    // Processes and their files come and go.
    return []
  }
}

const cgroupsNamed = (instance: string): string[] =>
  ['', ...readdirSync('/sys/fs/cgroup')]
    .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, `neargate-${instance}`))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
    .filter((path) => !path.includes('.'))

export interface Trial {
  readonly engine: LinuxEngine
  readonly images: BusyboxImages
  readonly options: OpenOptions
  readonly networkNamespace: (taskId: string) => string
  readonly leftovers: () => Promise<string[]>
  readonly close: () => Promise<void>
}

/** Destroys the engine and everything around it. Throws when something was left. */
export const endTrial = async ({ engine, leftovers, close }: Trial): Promise<void> => {
  await engine.destroy()
  const left = await leftovers()
  await close()
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
}

/** An instance of its own, in a temporary folder. */
export const openTrial = async (
  changes: Partial<OpenOptions> = {},
  config: Partial<ImageConfig> = {},
): Promise<Trial> => {
  const folder = mkdtempSync(join(tmpdir(), 'neargate-engine-'))
  const images = new BusyboxImages(folder, config)
  const options: OpenOptions = {
    dataDir: join(folder, 'data'),
    runDir: join(folder, 'run'),
    instance: `t${randomBytes(4).toString('hex')}`,
    clock: systemClock,
    log: silentLog,
    images,
    ...changes,
  }
  const namespaces = new Set<string>()
  const engine = await openLinuxEngine(options)
  return {
    engine,
    images,
    options,
    networkNamespace: (taskId) => {
      const path = join(folder, 'netns', taskId)
      if (createNamespace(path, {})) namespaces.add(path)
      return path
    },
    leftovers: async () => [
      ...readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => mentions(`/proc/${pid}/cmdline`, [folder])),
      ...readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(folder) && !line.includes('/netns/')),
      ...cgroupsNamed(options.instance),
      ...readdirSync(folder).filter((name) => !['busybox', 'netns', 'data', 'run'].includes(name)),
      ...[...images.retained].map((owner) => `${owner} retains its image`),
    ],
    close: async () => {
      for (const path of namespaces) await removeNamespace(path)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const taskOf = (trial: Trial, changes: Partial<EngineTask> = {}): EngineTask => {
  const id = changes.id ?? TASK
  return {
    id,
    networkNamespacePath: trial.networkNamespace(id),
    hostname: 'ip-10-0-1-23.ec2.internal',
    cpuMillis: 1000,
    memoryMiB: 512,
    storageGiB: 20,
    pidMode: 'container',
    isolation: 'default',
    volumes: [],
    dns: { servers: ['10.0.0.2'], search: ['example.internal'] },
    hosts: [{ address: '10.0.1.23', names: ['ip-10-0-1-23.ec2.internal'] }],
    ...changes,
  }
}

let count = 0

export const containerOf = (changes: Partial<EngineContainer> = {}): EngineContainer => {
  const taskId = changes.taskId ?? TASK
  return plainContainer({
    id: `${taskId}-${String(++count).padStart(10, '0')}`,
    taskId,
    name: 'web',
    imageDigest: IMAGE,
    ...changes,
  })
}

let found: Promise<Buffer> | undefined

const gvisorMemory = ({ options }: Trial): string => join(options.runDir, 'engine', 'gvisor.json')

/** What a first instance has found out of runsc is remembered by this one, which need not find it out again. */
export const rememberGvisor = async (trial: Trial): Promise<void> => {
  found ??= (async () => {
    const first = await openTrial()
    await first.engine.prepare(taskOf(first, { isolation: 'gvisor' }))
    const memory = readFileSync(gvisorMemory(first))
    await endTrial(first)
    return memory
  })()
  writeFileSync(gvisorMemory(trial), await found)
}
