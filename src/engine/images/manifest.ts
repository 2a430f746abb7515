// Manifests, indexes and image configurations as OCI and Docker write them: read with suspicion, chosen by platform.

import { createHash } from 'node:crypto'
import { Fault } from '#base/fault.ts'
import type { ImageConfig } from '#engine/engine.ts'
import { IMAGE_LAYERS, INDEX_ENTRIES } from './limits.ts'
import { isDigest } from './reference.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly sizeBytes: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant: string }
  readonly annotations: Readonly<Record<string, string>>
}

export interface Manifest {
  readonly config: Descriptor
  /** Bottom first. */
  readonly layers: readonly Descriptor[]
}

export type Json = Readonly<Record<string, unknown>>

export const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

export const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const invalid = (what: string): Fault => new Fault('invalid', `the image is malformed: ${what}`)

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const parsedJson = (bytes: Uint8Array, what: string): Json => {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  } catch (error) {
    throw new Fault('invalid', `the image is malformed: ${what} is not JSON`, { cause: error })
  }
  if (!isObject(value)) throw invalid(`${what} is not an object`)
  return value
}

/** An index by its media type or, where that is missing as in OCI's index.json, by its content. */
export const isIndex = (value: Json): boolean =>
  typeof value['mediaType'] === 'string' ? INDEX_TYPES.includes(value['mediaType']) : Array.isArray(value['manifests'])

export const indexEntries = (value: Json): readonly Descriptor[] => {
  const entries = value['manifests']
  if (!Array.isArray(entries)) throw invalid('the index has no manifests')
  if (entries.length > INDEX_ENTRIES) throw invalid(`the index has more than ${INDEX_ENTRIES} entries`)
  return entries.map((entry) => descriptor(entry))
}

export const manifestOf = (value: Json): Manifest => {
  const type = text(value['mediaType'])
  if (value['schemaVersion'] !== 2 || (type !== '' && !MANIFEST_TYPES.includes(type))) {
    throw invalid(`unsupported manifest type ${type === '' ? 'of schema 1' : type.slice(0, 100)}`)
  }
  const layers = value['layers']
  if (!Array.isArray(layers)) throw invalid('the manifest has no layers')
  if (layers.length > IMAGE_LAYERS) throw invalid(`more than ${IMAGE_LAYERS} layers`)
  return { config: descriptor(value['config']), layers: layers.map((layer) => descriptor(layer)) }
}

const descriptor = (value: unknown): Descriptor => {
  if (!isObject(value)) throw invalid('a descriptor is not an object')
  const { mediaType, digest, size, platform, annotations } = value
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid('a descriptor has no SHA-256 digest')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid('a descriptor has no size')
  return {
    mediaType: text(mediaType),
    digest,
    sizeBytes: size,
    annotations: texts(annotations),
    ...(isObject(platform)
      ? {
          platform: {
            os: text(platform['os']),
            architecture: text(platform['architecture']),
            variant: text(platform['variant']),
          },
        }
      : {}),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const texts = (value: unknown): Record<string, string> =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {}

/** The entry for Linux on `architecture` ("amd64"), else one that names no platform. BuildKit's attestations are no images. */
export const chosenEntry = (entries: readonly Descriptor[], architecture: string): Descriptor => {
  const images = entries.filter((entry) => entry.annotations['vnd.docker.reference.type'] === undefined)
  const found =
    images.find(
      ({ platform }) =>
        platform?.os === 'linux' && platform.architecture === architecture && ['', 'v8'].includes(platform.variant),
    ) ?? images.find(({ platform }) => platform === undefined)
  if (found !== undefined) return found
  throw new Fault('not-found', `image Manifest does not contain descriptor matching platform 'linux/${architecture}'`)
}

/** One diff id per layer of the manifest. */
export const diffIdsOf = (config: Json, layers: number): readonly string[] => {
  const rootfs = config['rootfs']
  const ids: unknown = isObject(rootfs) ? rootfs['diff_ids'] : undefined
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string' && isDigest(id))) {
    throw invalid('the configuration has no diff ids')
  }
  if (ids.length !== layers) throw invalid(`mismatched image rootfs and manifest layers (${ids.length} and ${layers})`)
  return ids as readonly string[]
}

export const imageConfigOf = (raw: Json): ImageConfig => {
  const config = isObject(raw['config']) ? raw['config'] : {}
  const stopSignal = text(config['StopSignal'])
  const volumes = config['Volumes']
  return {
    entryPoint: strings(config['Entrypoint']),
    command: strings(config['Cmd']),
    environment: strings(config['Env']),
    workingDirectory: text(config['WorkingDir']),
    user: text(config['User']),
    volumes: isObject(volumes) ? Object.keys(volumes) : [],
    architecture: text(raw['architecture']),
    ...(stopSignal === '' ? {} : { stopSignal }),
  }
}

const strings = (value: unknown): readonly string[] => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string')) {
    throw invalid('the configuration has something else where a list of strings belongs')
  }
  return value
}
