// Attributes: settings that are texts under a key, of load balancers, target groups and listeners. Each has a default,
// and is known to some kinds only.

import { InvalidConfigurationRequest, validationError } from '../errors.ts'

/** What an attribute's value may be. */
export type AttributeValues =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly also?: readonly string[] }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'text'; readonly pattern?: RegExp; readonly longest: number }

/** `Of`: what is known of the thing that has the attribute. */
export interface AttributeKind<Of> {
  readonly key: string
  readonly values: AttributeValues
  readonly default: string | ((of: Of) => string)
  /** Whether such a thing has the attribute at all. */
  readonly appliesTo: (of: Of) => boolean
}

/** Writes one down in a line: `of(appliesTo, key, values, default)`. */
export const attributeOf =
  <Of>() =>
  (
    appliesTo: AttributeKind<Of>['appliesTo'],
    key: string,
    values: AttributeValues,
    fallback: AttributeKind<Of>['default'],
  ): AttributeKind<Of> => ({ key, values, default: fallback, appliesTo })

const isWithin = (text: string, least: number, most: number): boolean =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most

export const isValidValue = (values: AttributeValues, text: string): boolean => {
  switch (values.kind) {
    case 'boolean':
      return text === 'true' || text === 'false'
    case 'number':
      return isWithin(text, values.least, values.most) || (values.also ?? []).includes(text)
    case 'one-of':
      return values.values.includes(text)
    case 'text':
      return text.length <= values.longest && (text === '' || values.pattern === undefined || values.pattern.test(text))
  }
}

/** Every attribute that such a thing has: what was set, else the default. In the order of the table. */
export const attributesWithDefaults = <Of>(
  kinds: readonly AttributeKind<Of>[],
  of: Of,
  set: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> =>
  new Map(
    kinds
      .filter((kind) => kind.appliesTo(of))
      .map((kind) => [kind.key, set[kind.key] ?? (typeof kind.default === 'string' ? kind.default : kind.default(of))]),
  )

export const BOOLEAN: AttributeValues = { kind: 'boolean' }
export const numberFrom = (least: number, most: number, ...also: string[]): AttributeValues => ({
  kind: 'number',
  least,
  most,
  also,
})
export const oneOf = (...values: string[]): AttributeValues => ({ kind: 'one-of', values })

interface Change {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** What is set after a call that changes attributes. `noun`: of whom they are, in texts, e.g. "Load balancer". */
export const changedAttributes = <Of>(
  kinds: readonly AttributeKind<Of>[],
  of: Of,
  set: Readonly<Record<string, string>>,
  changes: readonly Change[],
  noun: string,
): Readonly<Record<string, string>> => {
  const changed: Record<string, string> = { ...set }
  const seen = new Set<string>()
  for (const { Key = '', Value = '' } of changes) {
    if (seen.has(Key)) throw validationError(`${noun} attribute key '${Key}' cannot be specified more than once`)
    seen.add(Key)
    const known = kinds.filter(({ key }) => key === Key)
    if (known.length === 0) throw validationError(`${noun} attribute key '${Key}' is not recognized`)
    const kind = known.find((one) => one.appliesTo(of))
    if (kind === undefined)
      throw InvalidConfigurationRequest(`The provided ${noun.toLowerCase()} attribute is not supported`)
    if (!isValidValue(kind.values, Value)) {
      throw validationError(`${noun} attribute value '${Value}' is not valid for the key '${Key}'`)
    }
    changed[Key] = Value
  }
  return changed
}

/** As the Describe and Modify calls show them. */
export const describeAttributes = (attributes: ReadonlyMap<string, string>): { Key: string; Value: string }[] =>
  [...attributes].map(([Key, Value]) => ({ Key, Value }))
