// Writes models/*.json from the SDK's schemas, adding what they lack (number kinds, enums, lengths) from botocore.
// Run after a version bump of the SDK packages: scripts/node scripts/build-models.ts

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { PRIMITIVES, type ProtocolName, type ServiceEntry, type StoredModel } from '#apiserver/model.ts'
import type { StoredOperation, StoredRef, StoredShape, StoredTraits } from '#apiserver/model.ts'

interface Source {
  /** The API's name in this project. */
  readonly name: string
  /** `@aws-sdk/client-<client>`. */
  readonly client: string
  readonly botocore: string
  readonly folder: 'models' | 'test/fixtures/models'
  /** The API enforces the patterns of its model; most do not. */
  readonly patterns?: boolean
  /** A file that lists the operations to keep. */
  readonly only?: string
}

const SOURCES: readonly Source[] = [
  { name: 'acm', client: 'acm', botocore: 'acm/2015-12-08', folder: 'models', patterns: true },
  { name: 'codedeploy', client: 'codedeploy', botocore: 'codedeploy/2014-10-06', folder: 'models' },
  { name: 'ecs', client: 'ecs', botocore: 'ecs/2014-11-13', folder: 'models' },
  { name: 'ec2', client: 'ec2', botocore: 'ec2/2016-11-15', folder: 'models', only: 'models/ec2-operations.json' },
  { name: 'elbv2', client: 'elastic-load-balancing-v2', botocore: 'elbv2/2015-12-01', folder: 'models' },
  { name: 'iam', client: 'iam', botocore: 'iam/2010-05-08', folder: 'models' },
  { name: 'logs', client: 'cloudwatch-logs', botocore: 'logs/2014-03-28', folder: 'models', patterns: true },
  { name: 'sts', client: 'sts', botocore: 'sts/2011-06-15', folder: 'models' },
  { name: 'cloudwatch', client: 'cloudwatch', botocore: 'cloudwatch/2010-08-01', folder: 'test/fixtures/models' },
  { name: 'efs', client: 'efs', botocore: 'efs/2015-02-01', folder: 'test/fixtures/models' },
  { name: 'route-53', client: 'route-53', botocore: 'route53/2013-04-01', folder: 'test/fixtures/models' },
]

const root = join(import.meta.dirname, '..')

// The two sources. ---------------------------------------------------------------------------------------------------

/** A schema of the SDK: the array forms are described in models/README.md. */
type Schema = readonly unknown[]
type SchemaRef = number | string | Schema | (() => SchemaRef)

interface BotoShape {
  readonly type: string
  readonly members?: Readonly<Record<string, BotoRef>>
  readonly member?: BotoRef
  readonly key?: BotoRef
  readonly value?: BotoRef
  readonly enum?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly sensitive?: boolean
}
interface BotoRef {
  readonly shape: string
}
interface BotoModel {
  readonly metadata: { readonly globalEndpoint?: string }
  readonly operations: Readonly<
    Record<
      string,
      { input?: BotoRef; output?: BotoRef; errors?: readonly BotoRef[]; authtype?: string; auth?: readonly string[] }
    >
  >
  readonly shapes: Readonly<Record<string, BotoShape>>
}

const botocoreData = (): string =>
  execFileSync(
    'python3',
    ['-c', 'import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), "data"))'],
    {
      encoding: 'utf8',
    },
  ).trim()

const botoModel = (data: string, source: Source): BotoModel =>
  JSON.parse(gunzipSync(readFileSync(join(data, source.botocore, 'service-2.json.gz'))).toString()) as BotoModel

type ClientPackage = Readonly<Record<string, unknown>>

const clientPackage = async (source: Source): Promise<ClientPackage> => {
  const module = (await import(`@aws-sdk/client-${source.client}`)) as { default?: ClientPackage } & ClientPackage
  return module.default ?? module
}

// One model. ---------------------------------------------------------------------------------------------------------

const TRAIT_BITS = [
  'httpLabel',
  '',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
]
const KEPT_TRAITS = new Set([
  ...TRAIT_BITS,
  'xmlName',
  'xmlFlattened',
  'xmlAttribute',
  'ec2QueryName',
  'jsonName',
  'httpQuery',
  'httpHeader',
  'httpPrefixHeaders',
  'streaming',
])

/** Traits are a bit set or an object. */
const traitsOf = (raw: unknown): Record<string, unknown> => {
  if (typeof raw === 'number') {
    return Object.fromEntries(TRAIT_BITS.flatMap((name, bit) => (name !== '' && raw & (1 << bit) ? [[name, 1]] : [])))
  }
  return raw !== null && typeof raw === 'object' ? { ...raw } : {}
}

/** Takes functions and [reference, traits] pairs off; outer traits win. */
const unwrapped = (ref: SchemaRef): { target: number | string | Schema; traits: Record<string, unknown> } => {
  let traits: Record<string, unknown> = {}
  let target: SchemaRef = ref
  for (;;) {
    if (typeof target === 'function') target = target()
    else if (Array.isArray(target) && target.length === 2) {
      traits = { ...traitsOf(target[1]), ...traits }
      target = target[0] as SchemaRef
    } else return { target: target as number | string | Schema, traits }
  }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

class ModelBuilder {
  readonly shapes = new Map<string, StoredShape>()
  readonly #boto: BotoModel
  readonly #patterns: boolean

  constructor(boto: BotoModel, patterns: boolean) {
    this.#boto = boto
    this.#patterns = patterns
  }

  /** The stored reference for one use of a schema; `botoName` is its counterpart, if botocore knows it. */
  ref(ref: SchemaRef, botoName: string | undefined, memberName = ''): StoredRef {
    const { target, traits } = unwrapped(ref)
    const boto = botoName === undefined ? undefined : this.#boto.shapes[botoName]
    if (Array.isArray(target) && target[0] === 0) {
      // A named simple type only adds traits to its target.
      const inner = this.ref(target[4] as SchemaRef, botoName, memberName)
      const [name, innerTraits] = typeof inner === 'string' ? [inner, {}] : inner
      return stored(name, { ...innerTraits, ...kept({ ...traitsOf(target[3]), ...traits }, memberName) })
    }
    if (typeof target === 'number' && target < 64) {
      const use = { ...traits }
      if (target === 5) use['timestampFormat'] = 'date-time'
      if (target === 6) use['timestampFormat'] = 'http-date'
      if (target === 7) use['timestampFormat'] = 'epoch-seconds'
      if (target === 42) use['streaming'] = 1
      return stored(this.#scalar(target, boto, botoName), kept(use, memberName))
    }
    return stored(this.#compound(target, boto, botoName), kept(traits, memberName))
  }

  #scalar(code: number, boto: BotoShape | undefined, botoName: string | undefined): string {
    const type = scalarType(code, boto)
    if (boto === undefined || botoName === undefined) return type
    const isText = type === 'string'
    const constraints: Partial<StoredShape> = {
      ...(isText && boto.enum !== undefined ? { enum: boto.enum } : {}),
      ...(boto.min === undefined || type === 'timestamp' ? {} : { min: boto.min }),
      ...(boto.max === undefined || type === 'timestamp' ? {} : { max: boto.max }),
      ...(isText && this.#patterns && boto.pattern !== undefined ? { pattern: boto.pattern } : {}),
      ...(boto.sensitive ? { sensitive: 1 as const } : {}),
    }
    if (Object.keys(constraints).length === 0) return type
    return this.#define(botoName, { type, ...constraints })
  }

  #compound(target: number | string | Schema, boto: BotoShape | undefined, botoName: string | undefined): string {
    if (typeof target === 'string') throw new Error(`a reference to ${target} is not expected here`)
    if (typeof target === 'number') {
      const inner = target >= 128 ? target - 128 : target - 64
      return target >= 128
        ? this.#map([0, inner], boto, botoName ?? `MapOf${inner}`)
        : this.#list(inner, boto, botoName ?? `ListOf${inner}`)
    }
    const [kind, , name] = target as [number, string, string]
    if (kind === 1) return this.#list(target[4] as SchemaRef, boto, name, target[3])
    if (kind === 2) return this.#map([target[4] as SchemaRef, target[5] as SchemaRef], boto, name, target[3])
    return this.structure(target, botoName)
  }

  #sizes(boto: BotoShape | undefined): Partial<StoredShape> {
    return {
      ...(boto?.min === undefined ? {} : { min: boto.min }),
      ...(boto?.max === undefined ? {} : { max: boto.max }),
    }
  }

  #list(item: SchemaRef, boto: BotoShape | undefined, name: string, traits: unknown = 0): string {
    const member = this.ref(item, boto?.member?.shape)
    return this.#define(name, { type: 'list', member, ...this.#sizes(boto), ...shapeTraits(traits) })
  }

  #map(
    [key, value]: readonly [SchemaRef, SchemaRef],
    boto: BotoShape | undefined,
    name: string,
    traits: unknown = 0,
  ): string {
    return this.#define(name, {
      type: 'map',
      key: this.ref(key, boto?.key?.shape),
      value: this.ref(value, boto?.value?.shape),
      ...this.#sizes(boto),
      ...shapeTraits(traits),
    })
  }

  structure(schema: Schema, botoName: string | undefined): string {
    const [kind, , name, rawTraits, memberNames, memberRefs, required = 0] = schema as [
      number,
      string,
      string,
      unknown,
      readonly string[],
      readonly SchemaRef[],
      number?,
    ]
    if (this.shapes.has(name)) return name
    // Entered before its members, because structures refer to themselves.
    this.shapes.set(name, { type: 'structure' })
    const boto = this.#boto.shapes[botoName ?? name]
    const members: Record<string, StoredRef> = {}
    memberNames.forEach((memberName, index) => {
      members[memberName] = this.ref(memberRefs[index]!, boto?.members?.[memberName]?.shape, memberName)
    })
    const traits = traitsOf(rawTraits)
    const [queryCode] = (traits['awsQueryError'] ?? []) as [string?]
    const fault = traits['error'] as 'client' | 'server' | undefined
    this.shapes.set(name, {
      type: kind === 4 ? 'union' : 'structure',
      members,
      ...(required > 0 ? { required: memberNames.slice(0, required) } : {}),
      ...shapeTraits(rawTraits),
      ...(fault === undefined
        ? {}
        : {
            error: {
              fault,
              status: (traits['httpError'] as number | undefined) ?? (fault === 'client' ? 400 : 500),
              ...(queryCode === undefined || queryCode === name ? {} : { queryCode }),
            },
          }),
    })
    return name
  }

  /** The same name may stand for two shapes (the SDK and botocore name independently): the second is renamed. */
  #define(name: string, shape: StoredShape): string {
    for (let attempt = 1; ; attempt++) {
      const candidate = attempt === 1 ? name : `${name}_${attempt}`
      const existing = this.shapes.get(candidate)
      if (existing === undefined && !(PRIMITIVES as readonly string[]).includes(candidate)) {
        this.shapes.set(candidate, shape)
        return candidate
      }
      if (existing !== undefined && JSON.stringify(existing) === JSON.stringify(shape)) return candidate
    }
  }
}

const scalarType = (code: number, boto: BotoShape | undefined): StoredShape['type'] => {
  if (code === 0) return 'string'
  if (code === 2) return 'boolean'
  if (code >= 4 && code <= 7) return 'timestamp'
  if (code === 15) return 'document'
  if (code === 21 || code === 42) return 'blob'
  if (code !== 1) throw new Error(`schema code ${code} is not known`)
  const kind = boto?.type
  // Route 53 has numbers that botocore takes for text.
  return PRIMITIVES.find((name) => name === kind && name !== 'string') ?? 'number'
}

const shapeTraits = (raw: unknown): Partial<StoredShape> => {
  const { xmlName, sensitive } = traitsOf(raw)
  return {
    ...(typeof xmlName === 'string' ? { xmlName } : {}),
    ...(sensitive === undefined ? {} : { sensitive: 1 as const }),
  }
}

const kept = (traits: Record<string, unknown>, memberName: string): StoredTraits => {
  const xmlName = (traits['xmlName'] as string | undefined) ?? memberName
  return Object.fromEntries(
    Object.entries(traits).filter(
      ([name, value]) =>
        (KEPT_TRAITS.has(name) || name === 'timestampFormat') &&
        // Implied by the protocol's own rule; leaving it out makes EC2's model a fifth smaller.
        !(name === 'ec2QueryName' && value === capitalised(xmlName)) &&
        !(name === 'xmlName' && value === memberName),
    ),
  )
}

const stored = (name: string, traits: StoredTraits): StoredRef =>
  Object.keys(traits).length === 0 ? name : [name, traits]

const isSchema = (value: unknown, kind: number): value is Schema => Array.isArray(value) && value[0] === kind

const buildModel = (source: Source, sdk: ClientPackage, boto: BotoModel): StoredModel => {
  const only =
    source.only === undefined ? undefined : (JSON.parse(readFileSync(join(root, source.only), 'utf8')) as string[])
  const builder = new ModelBuilder(boto, source.patterns === true)
  const operations: Record<string, StoredOperation> = {}
  const others: string[] = []
  const schemas = Object.values(sdk).toSorted((a, b) => (String(schemaName(a)) < String(schemaName(b)) ? -1 : 1))
  for (const schema of schemas.filter((value) => isSchema(value, 9))) {
    const [, , name, traits, input, output] = schema as [9, string, string, unknown, SchemaRef, SchemaRef]
    if (only !== undefined && !only.includes(name)) {
      others.push(name)
      continue
    }
    operations[name] = operationOf(builder, name, traitsOf(traits), [input, output], boto.operations[name])
  }
  for (const schema of schemas.filter((value) => isSchema(value, -3))) {
    if (!String((schema as Schema)[1]).startsWith('smithy.ts.sdk.synthetic'))
      builder.structure(schema as Schema, undefined)
  }
  const missing = only?.filter((name) => operations[name] === undefined) ?? []
  if (missing.length > 0) throw new Error(`${source.name} has no ${missing.join(', ')}`)
  const shapes = Object.fromEntries([...builder.shapes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { operations, ...(others.length > 0 ? { others } : {}), shapes }
}

const schemaName = (value: unknown): unknown => (Array.isArray(value) ? value[2] : '')

const operationOf = (
  builder: ModelBuilder,
  name: string,
  traits: Record<string, unknown>,
  [input, output]: readonly [SchemaRef, SchemaRef],
  boto: BotoModel['operations'][string] | undefined,
): StoredOperation => {
  const named = (ref: SchemaRef, botoName: string | undefined): string | undefined => {
    const { target } = unwrapped(ref)
    return typeof target === 'string' ? undefined : builder.structure(target as Schema, botoName)
  }
  const inputName = named(input, boto?.input?.shape)
  const outputName = named(output, boto?.output?.shape)
  const [hostPrefix] = (traits['endpoint'] ?? []) as [string?]
  return {
    ...(inputName === undefined ? {} : { input: inputName }),
    ...(outputName === undefined ? {} : { output: outputName }),
    ...(traits['http'] === undefined ? {} : { http: traits['http'] as [string, string, number] }),
    ...(boto?.errors === undefined || boto.errors.length === 0
      ? {}
      : { errors: boto.errors.map((error) => error.shape) }),
    ...(hostPrefix === undefined ? {} : { hostPrefix }),
    ...(boto?.authtype === 'none' || boto?.auth?.includes('smithy.api#noAuth') ? { unsigned: 1 as const } : {}),
  }
}

// The service table. -------------------------------------------------------------------------------------------------

interface ClientConfig {
  readonly protocol: { getShapeId(): string }
  readonly protocolSettings: {
    readonly defaultNamespace: string
    readonly serviceTarget: string
    readonly version: string
    readonly xmlNamespace?: string
    readonly awsQueryCompatible?: boolean
  }
  readonly endpointProvider: (parameters: object) => { readonly url: URL }
}

const serviceEntry = (source: Source, sdk: ClientPackage): ServiceEntry => {
  const clientName = Object.keys(sdk).find((key) => /^[A-Z0-9].*Client$/.test(key))!
  const Client = sdk[clientName] as new (options: object) => { readonly config: ClientConfig }
  const { config } = new Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
  const settings = config.protocolSettings
  const { hostname } = config.endpointProvider({ Region: 'us-east-1', UseFIPS: false, UseDualStack: false }).url
  return {
    protocol: config.protocol.getShapeId().replace(/^.*#/, '') as ProtocolName,
    signingName: signingName(source),
    target: settings.serviceTarget,
    version: settings.version,
    namespace: settings.defaultNamespace,
    ...(settings.xmlNamespace === undefined ? {} : { xmlNamespace: settings.xmlNamespace }),
    hostLabels: hostname.split('.').filter((label) => !['us-east-1', 'amazonaws', 'com'].includes(label)),
    ...(settings.awsQueryCompatible ? { queryCompatible: 1 as const } : {}),
  }
}

/** The name is nowhere in the client's configuration, only in its source. */
const signingName = (source: Source): string => {
  const path = join(root, 'node_modules/@aws-sdk', `client-${source.client}`, 'dist-es/auth/httpAuthSchemeProvider.js')
  const [, name] = /signingProperties: \{\s+name: "([^"]+)"/.exec(readFileSync(path, 'utf8')) ?? []
  if (name === undefined) throw new Error(`no signing name in ${path}`)
  return name
}

// Output. ------------------------------------------------------------------------------------------------------------

/** One entry per line, so that a new version of a model reads well as a difference. */
const printed = (model: StoredModel): string => {
  const lines = (entries: object): string =>
    Object.entries(entries)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n')
  const others = model.others === undefined ? '' : `"others":${JSON.stringify(model.others)},\n`
  return `{"operations":{\n${lines(model.operations)}\n},\n${others}"shapes":{\n${lines(model.shapes)}\n}}\n`
}

const data = botocoreData()
const tables: Record<Source['folder'], Record<string, ServiceEntry>> = { models: {}, 'test/fixtures/models': {} }
for (const source of SOURCES) {
  const sdk = await clientPackage(source)
  const text = printed(buildModel(source, sdk, botoModel(data, source)))
  mkdirSync(join(root, source.folder), { recursive: true })
  writeFileSync(join(root, source.folder, `${source.name}.json`), text)
  tables[source.folder][source.name] = serviceEntry(source, sdk)
  console.log(`${source.folder}/${source.name}.json ${Math.round(text.length / 1024)} kB`)
}
for (const [folder, table] of Object.entries(tables)) {
  writeFileSync(join(root, folder, 'index.json'), JSON.stringify(table, null, 2) + '\n')
}
