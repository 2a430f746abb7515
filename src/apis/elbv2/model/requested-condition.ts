// The conditions that a call asks for, as records; refused where AWS would.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html)

import type { RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import { parseCidr } from '../../ec2/model/cidr.ts'
import { InvalidConfigurationRequest, validationError } from '../errors.ts'
import { CONDITION_VALUES_PER_RULE, CONDITION_WILDCARDS_PER_RULE } from './limits.ts'
import type { ConditionRecord } from './rule.ts'

const FIELDS = [
  'host-header',
  'http-header',
  'http-request-method',
  'path-pattern',
  'query-string',
  'source-ip',
] as const
type Field = (typeof FIELDS)[number]

const CONFIGURATIONS: Readonly<Record<Field, keyof RuleCondition>> = {
  'host-header': 'HostHeaderConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'path-pattern': 'PathPatternConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
}

const VALUE_CHARACTERS = 128
const METHOD_CHARACTERS = 40
const HEADER_NAME_CHARACTERS = 40
/** Letters only after the last dot, so no address.
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html) */
const HOST = /^([A-Za-z0-9.*?-]*\.)?[A-Za-z*?]+$/
const PATH = /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/
const METHOD = /^[A-Z_-]+$/
/** RFC 9110's token. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** The one block that no condition may have. */
const BROADCAST = '255.255.255.255/32'
const VISIBLE = /^[\x20-\x7e]+$/

const checkValue = (value: string, allowed: RegExp, longest: number): void => {
  if (value === '') throw validationError('A condition value must be specified')
  if (value.length > longest) {
    throw validationError(`Condition value '${value}' cannot be longer than '${longest}' characters`)
  }
  if (!allowed.test(value)) {
    throw validationError(`Condition value '${value}' contains a character that is not valid`)
  }
}

const checked = (
  values: readonly string[] | undefined,
  allowed: RegExp,
  longest = VALUE_CHARACTERS,
): readonly string[] => {
  if (values === undefined || values.length === 0) throw validationError('A condition value must be specified')
  for (const value of values) checkValue(value, allowed, longest)
  return values
}

/** The old form has the values beside the field. */
const eitherForm = (
  condition: RuleCondition,
  config: { Values?: string[] | undefined } | undefined,
): readonly string[] => {
  const { Values = [] } = condition
  const nested = config?.Values ?? []
  if (Values.length > 0 && config !== undefined) {
    const field = fieldOf(condition)
    throw validationError(
      `You cannot provide both Values and '${CONFIGURATIONS[field]}' for a condition of type '${field}'`,
    )
  }
  return nested.length > 0 ? nested : Values
}

const httpHeader = ({ HttpHeaderConfig: config }: RuleCondition): ConditionRecord => {
  const { HttpHeaderName: name = '', Values } = config ?? {}
  if (name === '') throw validationError('An HTTP header name must be specified')
  if (name.length > HEADER_NAME_CHARACTERS || !HEADER_NAME.test(name)) {
    throw validationError(`HTTP header name '${name}' is not valid`)
  }
  if (name.toLowerCase() === 'host') {
    throw validationError("The host header cannot be used in an 'http-header' condition; use 'host-header'")
  }
  return { field: 'http-header', name, values: checked(Values, VISIBLE) }
}

const queryString = ({ QueryStringConfig: config }: RuleCondition): ConditionRecord => {
  const pairs = config?.Values ?? []
  if (pairs.length === 0) throw validationError('A condition value must be specified')
  const values = pairs.map(({ Key, Value = '' }) => {
    if (Key !== undefined && Key !== '') checkValue(Key, VISIBLE, VALUE_CHARACTERS)
    checkValue(Value, VISIBLE, VALUE_CHARACTERS)
    return { ...(Key === undefined || Key === '' ? {} : { key: Key }), value: Value }
  })
  return { field: 'query-string', values }
}

const sourceIp = ({ SourceIpConfig: config }: RuleCondition): ConditionRecord => {
  const values = config?.Values ?? []
  if (values.length === 0) throw validationError('A condition value must be specified')
  const bad = values.find((value) => parseCidr(value) === undefined)
  if (bad !== undefined) throw validationError(`Condition value '${bad}' is not a valid CIDR block`)
  if (values.includes(BROADCAST)) throw validationError(`Condition value '${BROADCAST}' cannot be used`)
  return { field: 'source-ip', values }
}

const fieldOf = (condition: RuleCondition): Field => {
  const given = FIELDS.filter((field) => condition[CONFIGURATIONS[field]] !== undefined)
  const field = condition.Field ?? given[0]
  if (field === undefined) throw validationError('A condition field must be specified')
  const found = FIELDS.find((each) => each === field)
  if (found === undefined) {
    throw validationError(`Condition field '${field}' must be one of '[${FIELDS.join(', ')}]'`)
  }
  if (given.some((each) => each !== found)) {
    throw validationError(`A condition with the field '${found}' cannot have another field's configuration`)
  }
  return found
}

const checkNoRegex = (condition: RuleCondition): void => {
  const { RegexValues, HostHeaderConfig, PathPatternConfig, HttpHeaderConfig } = condition
  const all = [
    RegexValues,
    HostHeaderConfig?.RegexValues,
    PathPatternConfig?.RegexValues,
    HttpHeaderConfig?.RegexValues,
  ]
  if (all.some((values) => values !== undefined && values.length > 0)) {
    throw InvalidConfigurationRequest('Regular expressions are not supported in conditions')
  }
}

const requestedCondition = (condition: RuleCondition): ConditionRecord => {
  checkNoRegex(condition)
  const field = fieldOf(condition)
  switch (field) {
    case 'host-header':
      return { field, values: checked(eitherForm(condition, condition.HostHeaderConfig), HOST) }
    case 'path-pattern':
      return { field, values: checked(eitherForm(condition, condition.PathPatternConfig), PATH) }
    case 'http-request-method': {
      const values = eitherForm(condition, condition.HttpRequestMethodConfig)
      return { field, values: checked(values, METHOD, METHOD_CHARACTERS) }
    }
    case 'http-header':
      return httpHeader(condition)
    case 'query-string':
      return queryString(condition)
    case 'source-ip':
      return sourceIp(condition)
  }
}

/** Any number of these may be in one rule. */
const REPEATABLE: readonly Field[] = ['http-header', 'query-string']

const patternsOf = (condition: ConditionRecord): readonly string[] => {
  if (condition.field === 'query-string') return condition.values.flatMap(({ key = '', value }) => [key, value])
  return condition.field === 'http-request-method' || condition.field === 'source-ip' ? [] : condition.values
}

const checkTogether = (conditions: readonly ConditionRecord[]): void => {
  for (const { field } of conditions) {
    if (!REPEATABLE.includes(field) && conditions.filter((each) => each.field === field).length > 1) {
      throw validationError(`A rule can only have one '${field}' condition`)
    }
  }
  const count = conditions.reduce((sum, { values }) => sum + values.length, 0)
  if (count > CONDITION_VALUES_PER_RULE) {
    throw validationError(`A rule can only have '${CONDITION_VALUES_PER_RULE}' condition values`)
  }
  const wildcards = conditions.flatMap(patternsOf).reduce((sum, text) => sum + text.replaceAll(/[^*?]/g, '').length, 0)
  if (wildcards > CONDITION_WILDCARDS_PER_RULE) {
    throw validationError(`A rule can only have '${CONDITION_WILDCARDS_PER_RULE}' condition wildcards`)
  }
}

export const requestedConditions = (conditions: readonly RuleCondition[]): ConditionRecord[] => {
  if (conditions.length === 0) throw validationError('A condition must be specified')
  const records = conditions.map(requestedCondition)
  checkTogether(records)
  return records
}

/** Rewriting a request on its way is not among what load balancers do here. */
export const checkNoTransforms = ({
  Transforms,
}: {
  readonly Transforms?: readonly RuleTransform[] | undefined
}): void => {
  if (Transforms !== undefined && Transforms.length > 0) {
    throw InvalidConfigurationRequest('Transforms are not supported in rules')
  }
}
