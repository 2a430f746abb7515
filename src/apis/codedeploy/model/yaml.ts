// Reads the YAML, JSON among it, that AppSpec files are written in. Hostile text is refused before it costs much. Pure.

import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'
import { APP_SPEC_DEPTH, APP_SPEC_VALUES } from './limits.ts'

export type YamlValue = string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue }

/** What cannot be read; the message is one line and says where. */
export class YamlError extends Error {}

export const parseYaml = (source: string): YamlValue => {
  const value = read(source)
  count(value, APP_SPEC_VALUES)
  return value
}

const read = (source: string): YamlValue => {
  try {
    return source.trim() === '' ? null : (load(source, { schema: CORE_SCHEMA, maxDepth: APP_SPEC_DEPTH }) as YamlValue)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const line = error.mark === undefined ? '' : ` in line ${error.mark.line + 1}`
    throw new YamlError(`${error.reason}${line}`)
  }
}

/** Aliases make a small text into a large value: what is left of `most` after it. */
const count = (value: YamlValue, most: number): number => {
  let left = most - 1
  if (typeof value === 'object' && value !== null) {
    for (const one of Object.values<YamlValue>(value)) left = count(one, left)
  }
  if (left < 0) throw new YamlError(`more than ${APP_SPEC_VALUES} values`)
  return left
}
