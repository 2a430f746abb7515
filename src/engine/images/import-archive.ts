// Finds the images in an archive: an OCI layout, or what `docker save` writes (today's is both, an old one is not).

import { createReadStream, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { Fault } from '#base/fault.ts'
import { ARCHIVE_IMAGES, CONFIG_BYTES, INDEX_DEPTH, MANIFEST_BYTES } from './limits.ts'
import {
  chosenEntry,
  digestOf,
  indexEntries,
  isIndex,
  isObject,
  manifestOf,
  MANIFEST_TYPES,
  parsedJson,
  type Descriptor,
  type Json,
} from './manifest.ts'
import { knownImage, type KnownImage } from './records.ts'
import { parsedReference } from './reference.ts'
import { spooledArchive, type SpooledArchive } from './spool-archive.ts'
import type { LayerInput } from './unpack-layer.ts'

export interface ImportOptions {
  /** An empty folder for the archive's files; the caller deletes it. */
  readonly scratch: string
  readonly architecture: string
  readonly storedAt: string
  readonly signal?: AbortSignal
}

export interface FoundImage {
  readonly image: KnownImage
  /** Where its layers are read from, bottom first. */
  readonly layers: readonly LayerInput[]
  /** Normalised. */
  readonly references: readonly string[]
}

const REFERENCE_ANNOTATIONS = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

/** Faults: "invalid" when this is no image archive or a broken one, "not-found" when it has nothing for this host. */
export const importedImages = async (
  tar: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<readonly FoundImage[]> => {
  const archive = await spooledArchive(tar, options.scratch, options.signal)
  const found = archive.has('index.json')
    ? imagesOfLayout(archive, options)
    : archive.has('manifest.json')
      ? imagesOfDockerSave(archive, options)
      : []
  if (found.length === 0) {
    throw new Fault('invalid', 'the archive holds no image: neither index.json nor manifest.json is in it')
  }
  return found
}

const imagesOfLayout = (archive: SpooledArchive, options: ImportOptions): readonly FoundImage[] => {
  const index = parsedJson(readSmall(archive, 'index.json', MANIFEST_BYTES), 'index.json')
  const byName = new Map<string, Descriptor[]>()
  for (const entry of indexEntries(index)) {
    const name = REFERENCE_ANNOTATIONS.map((key) => entry.annotations[key]).find((value) => value !== undefined) ?? ''
    byName.set(name, [...(byName.get(name) ?? []), entry])
  }
  // Beside named images, unnamed entries are parts or attestations of those.
  if (byName.size > 1) byName.delete('')
  if (byName.size > ARCHIVE_IMAGES) throw new Fault('invalid', `the archive has more than ${ARCHIVE_IMAGES} images`)
  return [...byName].map(([name, entries]) => {
    const image = layoutImage(archive, entries, options)
    return { ...image, references: name === '' ? [] : [parsedReference(name).text] }
  })
}

const layoutImage = (
  archive: SpooledArchive,
  entries: readonly Descriptor[],
  options: ImportOptions,
): Omit<FoundImage, 'references'> => {
  let descriptor = chosenEntry(entries, options.architecture)
  for (let depth = 0; ; depth++) {
    const bytes = readBlob(archive, descriptor, MANIFEST_BYTES)
    const value = parsedJson(bytes, 'the manifest')
    if (!isIndex(value)) return imageOfManifest(archive, descriptor.digest, bytes, options)
    if (depth === INDEX_DEPTH) throw new Fault('invalid', `indexes are nested more than ${INDEX_DEPTH} deep`)
    descriptor = chosenEntry(indexEntries(value), options.architecture)
  }
}

const imageOfManifest = (
  archive: SpooledArchive,
  digest: string,
  bytes: Buffer,
  options: ImportOptions,
): Omit<FoundImage, 'references'> => {
  const manifest = manifestOf(parsedJson(bytes, 'the manifest'))
  const config = readBlob(archive, manifest.config, CONFIG_BYTES)
  const image = knownImage({
    digest,
    manifest: bytes.toString('utf8'),
    config: config.toString('utf8'),
    storedAt: options.storedAt,
  })
  const layers = manifest.layers.map((layer, at) => {
    const path = existing(archive, blobPath(layer.digest), layer.digest)
    return { bytes: lazily(path), blob: layer, diffId: image.diffIds[at] ?? '' }
  })
  return { image, layers }
}

/** manifest.json lists, for each image, its configuration, its names and its layers as paths in the archive. */
const imagesOfDockerSave = (archive: SpooledArchive, options: ImportOptions): readonly FoundImage[] => {
  const list: unknown = Object.values(
    parsedJson(
      Buffer.concat([Buffer.from('{"list":'), readSmall(archive, 'manifest.json', MANIFEST_BYTES), Buffer.from('}')]),
      'manifest.json',
    ),
  )[0]
  if (!Array.isArray(list) || list.length > ARCHIVE_IMAGES) {
    throw new Fault('invalid', 'the image is malformed: manifest.json is not a list of images')
  }
  return list.map((entry) => dockerImage(archive, isObject(entry) ? entry : {}, options))
}

const dockerImage = (archive: SpooledArchive, entry: Json, options: ImportOptions): FoundImage => {
  const paths = strings(entry['Layers']).map((path) => posix.normalize(path))
  const configPath = posix.normalize(strings([entry['Config']])[0] ?? '')
  const config = readSmall(archive, configPath, CONFIG_BYTES)
  const named = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(configPath)?.[1]
  if (named !== undefined && digestOf(config) !== `sha256:${named}`) {
    throw new Fault('invalid', `the configuration's digest is ${digestOf(config)}, not sha256:${named}`)
  }
  const raw = parsedJson(config, 'the configuration')
  const diffIds = isObject(raw['rootfs']) ? strings(raw['rootfs']['diff_ids']) : []
  // There is no manifest in such an archive; this one is the same each time the image is imported.
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPES[0],
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: diffIds.map((digest, at) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest,
      size: archive.sizeBytes(paths[at] ?? '') ?? 0,
    })),
  })
  const image = knownImage({
    digest: digestOf(manifest),
    manifest,
    config: config.toString('utf8'),
    storedAt: options.storedAt,
  })
  if (paths.length !== diffIds.length) {
    throw new Fault('invalid', `mismatched image rootfs and manifest layers (${diffIds.length} and ${paths.length})`)
  }
  return {
    image,
    layers: paths.map((path, at) => ({ bytes: lazily(existing(archive, path, path)), diffId: diffIds[at] ?? '' })),
    references: strings(entry['RepoTags'] ?? []).map((tag) => parsedReference(tag).text),
  }
}

const strings = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value
  throw new Fault('invalid', 'the image is malformed: manifest.json has something else where a string belongs')
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`

const existing = (archive: SpooledArchive, path: string, called: string): string => {
  const spooled = archive.path(path)
  if (spooled === undefined) throw new Fault('invalid', `content ${called.slice(0, 200)}: not found in the archive`)
  return spooled
}

const readSmall = (archive: SpooledArchive, path: string, limitBytes: number): Buffer => {
  const spooled = existing(archive, path, path)
  if ((archive.sizeBytes(path) ?? 0) > limitBytes) {
    throw new Fault('invalid', `${path.slice(0, 200)} is larger than ${limitBytes} bytes`)
  }
  return readFileSync(spooled)
}

const readBlob = (archive: SpooledArchive, descriptor: Descriptor, limitBytes: number): Buffer => {
  const bytes = readSmall(archive, blobPath(descriptor.digest), limitBytes)
  if (digestOf(bytes) !== descriptor.digest) {
    throw new Fault('invalid', `unexpected digest ${digestOf(bytes)}, expected ${descriptor.digest}`)
  }
  return bytes
}

/** Opened only when it is read: a layer that is here already never is. */
const lazily = async function* (path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 256 * 1024 })
}
