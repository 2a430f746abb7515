// Images of a few bytes for tests: any layers, in any compression, wrapped as a registry or an archive has them.

import type { Blob, BuiltImage } from './busybox-image.ts'
import { digestOf } from './manifest.ts'
import { tarOf, type TarFile } from './tar-writer.ts'

export const asBlob = (mediaType: string, bytes: Buffer): Blob => ({ mediaType, digest: digestOf(bytes), bytes })

export const asDescriptor = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length })

const plain = (tar: Buffer): Buffer => tar

export interface TestImage {
  /** The tars of its layers, bottom first. */
  readonly tars: readonly Buffer[]
  readonly compress?: (tar: Buffer) => Buffer
  readonly config?: Readonly<Record<string, unknown>>
  readonly architecture?: string
}

export const builtImage = ({ tars, compress = plain, config, architecture = 'amd64' }: TestImage): BuiltImage => {
  const layers = tars.map((tar) => asBlob('application/vnd.oci.image.layer.v1.tar+gzip', compress(tar)))
  const raw = {
    architecture,
    os: 'linux',
    ...(config === undefined ? {} : { config }),
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
  }
  const configBlob = asBlob('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(raw)))
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: asDescriptor(configBlob),
    layers: layers.map(asDescriptor),
  }
  return {
    config: configBlob,
    layers,
    manifest: asBlob('application/vnd.oci.image.manifest.v1+json', Buffer.from(JSON.stringify(manifest))),
  }
}

/** One layer with these files. */
export const imageOf = (files: readonly TarFile[], more: Omit<TestImage, 'tars'> = {}): BuiltImage =>
  builtImage({ tars: [tarOf(files)], ...more })

export const blobFile = ({ digest, bytes }: Blob): TarFile => ({
  path: `blobs/${digest.replace(':', '/')}`,
  content: bytes,
})

export const layoutOf = (references: Readonly<Record<string, BuiltImage>>): Buffer => {
  const manifests = Object.entries(references).map(([name, image]) => ({
    ...asDescriptor(image.manifest),
    ...(name === '' ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }),
  }))
  const blobs = Object.values(references).flatMap(({ manifest, config, layers }) => [manifest, config, ...layers])
  return tarOf([
    { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    ...blobs.map(blobFile),
    { path: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
  ])
}

/** In pieces of that many bytes, as a socket would bring it. */
export const inPieces = async function* (bytes: Buffer, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
