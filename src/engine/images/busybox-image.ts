// Makes an image out of the host's own static busybox, so that demo, tests and benchmarks need no registry.

import { existsSync, readFileSync } from 'node:fs'
import { Fault } from '#base/fault.ts'
import { run } from '#base/run.ts'
import { digestOf } from './manifest.ts'
import { tarEnd, tarEntry, tarOf, type TarFile } from './tar-writer.ts'

export interface BusyboxImage {
  /** Default "busybox:latest". */
  readonly reference?: string
  /** On top of busybox; a layer of their own. */
  readonly files?: readonly TarFile[]
  readonly entryPoint?: readonly string[]
  /** Default: a shell. */
  readonly command?: readonly string[]
  /** "NAME=value", beside PATH. */
  readonly environment?: readonly string[]
  readonly user?: string
  readonly workingDirectory?: string
  /** e.g. "SIGUSR1" */
  readonly stopSignal?: string
  readonly volumes?: readonly string[]
  /** As OCI names it; default: this host's. */
  readonly architecture?: string
}

export interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly bytes: Buffer
}

export interface BuiltImage {
  readonly manifest: Blob
  readonly config: Blob
  readonly layers: readonly Blob[]
}

const PROGRAMS = ['/usr/bin/busybox', '/bin/busybox']
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** An OCI layout as a tar, the same bytes each time. Fault "unsupported" when the host has no static busybox. */
export const busyboxImage = async function* (options: BusyboxImage = {}): AsyncGenerator<Uint8Array, void> {
  const { manifest, config, layers } = await builtBusyboxImage(options)
  const reference = options.reference ?? 'busybox:latest'
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...described(manifest), annotations: { 'org.opencontainers.image.ref.name': reference } }],
  }
  yield tarEntry({ path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' })
  yield tarEntry({ path: 'index.json', content: JSON.stringify(index) })
  for (const { digest, bytes } of [manifest, config, ...layers]) {
    yield tarEntry({ path: `blobs/${digest.replace(':', '/')}`, content: bytes })
  }
  yield tarEnd
}

/** The parts of the image, for those who want to push them. */
export const builtBusyboxImage = async (options: BusyboxImage = {}): Promise<BuiltImage> => {
  const tars = [await busyboxLayer(), ...(options.files === undefined ? [] : [tarOf(options.files)])]
  const layers = tars.map((bytes) => blob('application/vnd.oci.image.layer.v1.tar', bytes))
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    architecture: options.architecture ?? (process.arch === 'x64' ? 'amd64' : process.arch),
    os: 'linux',
    config: {
      Env: [PATH, ...(options.environment ?? [])],
      Cmd: options.command ?? ['/bin/sh'],
      ...(options.entryPoint === undefined ? {} : { Entrypoint: options.entryPoint }),
      ...(options.user === undefined ? {} : { User: options.user }),
      ...(options.workingDirectory === undefined ? {} : { WorkingDir: options.workingDirectory }),
      ...(options.stopSignal === undefined ? {} : { StopSignal: options.stopSignal }),
      ...(options.volumes === undefined
        ? {}
        : { Volumes: Object.fromEntries(options.volumes.map((path) => [path, {}])) }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  })
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: described(config),
    layers: layers.map(described),
  })
  return { manifest, config, layers }
}

const blob = (mediaType: string, bytes: Buffer): Blob => ({ mediaType, digest: digestOf(bytes), bytes })

const jsonBlob = (mediaType: string, value: unknown): Blob => blob(mediaType, Buffer.from(JSON.stringify(value)))

const described = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length })

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'app:x:1000:1000:app:/home/app:/bin/sh',
  'nobody:x:65534:65534:nobody:/:/bin/false',
]
const GROUP = ['root:x:0:', 'app:x:1000:', 'nogroup:x:65534:']

const busyboxLayer = async (): Promise<Buffer> => {
  const program = PROGRAMS.find((path) => existsSync(path))
  if (program === undefined) throw new Fault('unsupported', 'busybox is missing: apt-get install busybox-static')
  const content = readFileSync(program)
  if (isDynamic(content)) throw new Fault('unsupported', `${program} is not static: apt-get install busybox-static`)
  const applets = (await run(program, ['--list']))
    .split('\n')
    .filter((name) => /^[\w.[-]+$/.test(name) && name !== 'busybox')
  const directory = (path: string, mode?: number, id = 0): TarFile => ({
    path: `${path}/`,
    kind: 'directory',
    uid: id,
    gid: id,
    ...(mode === undefined ? {} : { mode }),
  })
  return tarOf([
    directory('bin'),
    { path: 'bin/busybox', content, mode: 0o755 },
    ...applets.toSorted().map((name): TarFile => ({ path: `bin/${name}`, kind: 'symlink', target: 'busybox' })),
    ...['dev', 'etc', 'home', 'proc', 'run', 'sbin', 'sys', 'usr', 'usr/bin', 'usr/sbin', 'var', 'var/log'].map(
      (path) => directory(path),
    ),
    directory('home/app', 0o755, 1000),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    directory('var/tmp', 0o1777),
    { path: 'usr/bin/env', kind: 'symlink', target: '/bin/busybox' },
    { path: 'var/run', kind: 'symlink', target: '/run' },
    { path: 'etc/passwd', content: PASSWD.join('\n') + '\n' },
    { path: 'etc/group', content: GROUP.join('\n') + '\n' },
  ])
}

/** A program with an interpreter (ELF segment type 3) needs libraries that the image does not have. */
const isDynamic = (elf: Buffer): boolean => {
  const table = Number(elf.readBigUInt64LE(32))
  const size = elf.readUInt16LE(54)
  return Array.from({ length: elf.readUInt16LE(56) }, (_, at) => elf.readUInt32LE(table + at * size)).includes(3)
}
