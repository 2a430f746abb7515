// The stored form of an AWS API's model: what scripts/build-models.ts writes and shape.ts reads.

/** Types without a name of their own; every other reference names an entry of `shapes`. */
export const PRIMITIVES = [
  'string',
  'boolean',
  'byte',
  'short',
  'integer',
  'long',
  'float',
  'double',
  /** A number whose kind neither source tells. */
  'number',
  'timestamp',
  'blob',
  'document',
] as const
export type Primitive = (typeof PRIMITIVES)[number]

/** How a use of a shape is written on the wire, in Smithy's words. */
export interface StoredTraits {
  readonly xmlName?: string
  readonly xmlFlattened?: 1
  readonly xmlAttribute?: 1
  readonly ec2QueryName?: string
  readonly jsonName?: string
  readonly httpLabel?: 1
  readonly httpQuery?: string
  readonly httpQueryParams?: 1
  readonly httpHeader?: string
  readonly httpPrefixHeaders?: string
  readonly httpPayload?: 1
  readonly httpResponseCode?: 1
  readonly idempotencyToken?: 1
  readonly sensitive?: 1
  readonly streaming?: 1
  readonly timestampFormat?: TimestampFormat
}
export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds'

/** The name of a shape or a primitive, alone or with traits. */
export type StoredRef = string | readonly [name: string, traits: StoredTraits]

export interface StoredShape {
  readonly type: Primitive | 'structure' | 'union' | 'list' | 'map'
  readonly members?: Readonly<Record<string, StoredRef>>
  readonly required?: readonly string[]
  /** The item of a list. */
  readonly member?: StoredRef
  readonly key?: StoredRef
  readonly value?: StoredRef
  readonly xmlName?: string
  readonly sensitive?: 1
  readonly enum?: readonly string[]
  /** Length of strings, lists and maps; value of numbers. */
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly error?: StoredError
}

export interface StoredError {
  readonly fault: 'client' | 'server'
  readonly status: number
  /** The code in query protocols, where it is not the shape's name. */
  readonly queryCode?: string
}

export interface StoredOperation {
  readonly input?: string
  readonly output?: string
  readonly http?: readonly [method: string, uri: string, status: number]
  readonly errors?: readonly string[]
  /** Put before the host by clients: "data-". */
  readonly hostPrefix?: string
  /** May be called without a signature. */
  readonly unsigned?: 1
}

export interface StoredModel {
  readonly operations: Readonly<Record<string, StoredOperation>>
  /** Operations AWS has and this model leaves out, so that they are told from ones that do not exist. */
  readonly others?: readonly string[]
  readonly shapes: Readonly<Record<string, StoredShape>>
}

export type ProtocolName = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restJson1' | 'restXml' | 'rpcv2Cbor'

/** One line of `index.json`: what must be known of an API before its model is loaded. */
export interface ServiceEntry {
  readonly protocol: ProtocolName
  readonly signingName: string
  /** Before the dot in X-Amz-Target, and the service in an RPC v2 path. */
  readonly target: string
  readonly version: string
  /** The Smithy namespace, e.g. "com.amazonaws.ecs". */
  readonly namespace: string
  readonly xmlNamespace?: string
  /** The labels of AWS's host name that stand for the API, e.g. ["ecs"]. */
  readonly hostLabels: readonly string[]
  /** Spoke the query protocol once; old clients still expect its error codes. */
  readonly queryCompatible?: 1
}
export type ServiceTable = Readonly<Record<string, ServiceEntry>>
