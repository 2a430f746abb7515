// Image references as Docker normalises them: "busybox" is "docker.io/library/busybox:latest".

import { Fault } from '#base/fault.ts'

export interface Reference {
  /** Host and port as written, e.g. "docker.io" or "localhost:5000". */
  readonly registry: string
  /** e.g. "library/busybox" */
  readonly repository: string
  /** Absent only when there is a digest. */
  readonly tag?: string
  /** "sha256:…"; wins over the tag. */
  readonly digest?: string
  /** The whole, normalised. */
  readonly text: string
}

const DOMAIN =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]{1,5})?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/
/** Characters; the distribution specification's limit. */
const NAME_CHARACTERS = 255

export const isDigest = (text: string): boolean => DIGEST.test(text)

/** Fault "invalid" with Docker's words. */
export const parsedReference = (input: string): Reference => {
  const refused = new Fault(
    'invalid',
    `failed to parse image reference "${input.slice(0, 300)}": invalid reference format`,
  )
  const [beforeDigest = '', digest, ...more] = input.split('@')
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) throw refused
  const [named, tag] = cut(beforeDigest)
  if (tag !== undefined && !TAG.test(tag)) throw refused
  const { registry, repository } = located(named)
  const name = `${registry}/${repository}`
  if (!DOMAIN.test(registry) || name.length > NAME_CHARACTERS) throw refused
  if (!repository.split('/').every((part) => COMPONENT.test(part))) throw refused
  const shownTag = tag ?? (digest === undefined ? 'latest' : undefined)
  return {
    registry,
    repository,
    text: name + (shownTag === undefined ? '' : `:${shownTag}`) + (digest === undefined ? '' : `@${digest}`),
    ...(shownTag === undefined ? {} : { tag: shownTag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** A colon after the last slash starts the tag; one before it is a port's. */
const cut = (text: string): [name: string, tag: string | undefined] => {
  const colon = text.lastIndexOf(':')
  return colon > text.lastIndexOf('/') ? [text.slice(0, colon), text.slice(colon + 1)] : [text, undefined]
}

const located = (name: string): { readonly registry: string; readonly repository: string } => {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isHost = /[.:A-Z[]/.test(first) || first === 'localhost'
  const registry = isHost ? first : 'docker.io'
  const repository = isHost ? name.slice(slash + 1) : name
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return { registry, repository }
  return { registry: 'docker.io', repository: repository.includes('/') ? repository : `library/${repository}` }
}
