// Shapes as the codecs walk them: linked objects made from a stored model, each on its first use.

import {
  PRIMITIVES,
  type Primitive,
  type ServiceEntry,
  type StoredError,
  type StoredModel,
  type StoredOperation,
  type StoredRef,
  type StoredShape,
  type StoredTraits,
  type TimestampFormat,
} from './model.ts'

export interface Shape {
  readonly name: string
  readonly type: Primitive | 'structure' | 'union' | 'list' | 'map'
  /** Of a structure or union, in the model's order. */
  readonly members: readonly Member[]
  readonly byName: ReadonlyMap<string, Member>
  /** The item of a list, the value of a map. */
  readonly element: Member
  readonly key: Member
  readonly xmlName: string | undefined
  readonly sensitive: boolean
  readonly enum: ReadonlySet<string> | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  readonly pattern: RegExp | undefined
  readonly error: StoredError | undefined
}

/** Where a member travels in a REST protocol; everything is in the body elsewhere. */
export type Binding = 'body' | 'label' | 'query' | 'queryParams' | 'header' | 'prefixHeaders' | 'payload' | 'status'

/** One use of a shape: a member, a list item, a map key or value. */
export interface Member {
  readonly name: string
  readonly shape: Shape
  readonly required: boolean
  /** Undefined where the model gives none: the protocol then has its own default. */
  readonly xmlName: string | undefined
  readonly ec2Name: string
  readonly jsonName: string
  readonly flattened: boolean
  readonly attribute: boolean
  readonly binding: Binding
  /** The name of the header or query parameter, or the prefix of headers. */
  readonly boundName: string
  readonly idempotencyToken: boolean
  readonly sensitive: boolean
  readonly streaming: boolean
  readonly timestampFormat: TimestampFormat | undefined
}

export interface OperationModel {
  readonly name: string
  readonly input: Shape
  readonly output: Shape
  /** No output at all, as against an output without members. */
  readonly outputIsUnit: boolean
  readonly http: readonly [method: string, uri: string, status: number]
  readonly unsigned: boolean
}

export interface ApiModel {
  readonly name: string
  readonly entry: ServiceEntry
  /** Operations that the model describes. */
  readonly operationNames: readonly string[]
  /** Undefined when the model does not describe it. */
  operation(name: string): OperationModel | undefined
  /** AWS has it, whether the model describes it or not. */
  exists(name: string): boolean
  /** The modelled error of that name or query code. */
  error(code: string): Shape | undefined
}

type MutableShape = { -readonly [K in keyof Shape]: Shape[K] }

const NO_MEMBERS: readonly Member[] = []
const NO_NAMES: ReadonlyMap<string, Member> = new Map()
const NO_TRAITS: StoredTraits = {}
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const bindingOf = (traits: StoredTraits): Binding => {
  if (traits.httpLabel) return 'label'
  if (traits.httpQuery !== undefined) return 'query'
  if (traits.httpQueryParams) return 'queryParams'
  if (traits.httpHeader !== undefined) return 'header'
  if (traits.httpPrefixHeaders !== undefined) return 'prefixHeaders'
  if (traits.httpPayload) return 'payload'
  return traits.httpResponseCode ? 'status' : 'body'
}

const bareShape = (name: string, type: Shape['type']): MutableShape => ({
  name,
  type,
  members: NO_MEMBERS,
  byName: NO_NAMES,
  // Only lists and maps have them, and theirs are set before anybody looks.
  element: undefined as unknown as Member,
  key: undefined as unknown as Member,
  xmlName: undefined,
  sensitive: false,
  enum: undefined,
  min: undefined,
  max: undefined,
  pattern: undefined,
  error: undefined,
})

const UNIT = bareShape('Unit', 'structure')
const PRIMITIVE_SHAPES: ReadonlyMap<string, Shape> = new Map(PRIMITIVES.map((type) => [type, bareShape(type, type)]))

export const apiModel = (name: string, entry: ServiceEntry, stored: StoredModel): ApiModel => {
  const shapes = new Map<string, Shape>()
  const operations = new Map<string, OperationModel>()

  const member = (memberName: string, ref: StoredRef, required: boolean): Member => {
    const [target, traits] = typeof ref === 'string' ? [ref, NO_TRAITS] : ref
    const linked = shape(target)
    return {
      name: memberName,
      shape: linked,
      required,
      xmlName: traits.xmlName,
      ec2Name: traits.ec2QueryName ?? capitalised(traits.xmlName ?? memberName),
      jsonName: traits.jsonName ?? memberName,
      flattened: traits.xmlFlattened === 1,
      attribute: traits.xmlAttribute === 1,
      binding: bindingOf(traits),
      boundName: traits.httpQuery ?? traits.httpHeader ?? traits.httpPrefixHeaders ?? '',
      idempotencyToken: traits.idempotencyToken === 1,
      sensitive: traits.sensitive === 1 || linked.sensitive,
      streaming: traits.streaming === 1,
      timestampFormat: traits.timestampFormat,
    }
  }

  const shape = (shapeName: string): Shape => {
    const known = PRIMITIVE_SHAPES.get(shapeName) ?? shapes.get(shapeName)
    if (known !== undefined) return known
    const from = stored.shapes[shapeName]
    if (from === undefined) throw new Error(`the model of ${name} has no shape ${shapeName}`)
    const made = constrainedShape(shapeName, from)
    // Entered before its members are linked, because structures refer to themselves.
    shapes.set(shapeName, made)
    if (from.members !== undefined) {
      const required = new Set(from.required)
      made.members = Object.entries(from.members).map(([key, ref]) => member(key, ref, required.has(key)))
      made.byName = new Map(made.members.map((one) => [one.name, one]))
    }
    if (from.member !== undefined) made.element = member('member', from.member, false)
    if (from.key !== undefined) made.key = member('key', from.key, false)
    if (from.value !== undefined) made.element = member('value', from.value, false)
    return made
  }

  return {
    name,
    entry,
    operationNames: Object.keys(stored.operations),
    operation: (operationName) => {
      const known = operations.get(operationName)
      if (known !== undefined) return known
      const from = Object.hasOwn(stored.operations, operationName) ? stored.operations[operationName] : undefined
      if (from === undefined) return undefined
      const made = linkedOperation(operationName, from, shape)
      operations.set(operationName, made)
      return made
    },
    exists: (operationName) =>
      Object.hasOwn(stored.operations, operationName) || (stored.others ?? []).includes(operationName),
    error: (code) => {
      if (Object.hasOwn(stored.shapes, code) && stored.shapes[code]?.error !== undefined) return shape(code)
      const byCode = Object.entries(stored.shapes).find(([, one]) => one.error?.queryCode === code)
      return byCode === undefined ? undefined : shape(byCode[0])
    },
  }
}

/** Everything of a shape but its links to others. */
const constrainedShape = (name: string, from: StoredShape): MutableShape => ({
  ...bareShape(name, from.type),
  xmlName: from.xmlName,
  sensitive: from.sensitive === 1,
  enum: from.enum === undefined ? undefined : new Set(from.enum),
  min: from.min,
  max: from.max,
  pattern: from.pattern === undefined ? undefined : wholePattern(from.pattern),
  error: from.error,
})

const linkedOperation = (name: string, from: StoredOperation, shape: (name: string) => Shape): OperationModel => ({
  name,
  input: from.input === undefined ? UNIT : shape(from.input),
  output: from.output === undefined ? UNIT : shape(from.output),
  outputIsUnit: from.output === undefined,
  http: from.http ?? ['POST', '/', 200],
  unsigned: from.unsigned === 1,
})

/** Patterns of the model describe the whole text; some use escapes that only `v`-less syntax takes. */
const wholePattern = (source: string): RegExp | undefined => {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(`^(?:${source})$`, flags)
    } catch (error) {
      // Java's regular expressions know more than ours: such a pattern is not enforced.
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  return undefined
}
