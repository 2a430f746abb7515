// A rule's conditions as HAProxy's access lists. Values stand in files of their own, one on each line: there they need no
// quoting. AWS: "Condition types for listener rules".

import { Fault } from '#base/fault.ts'
import type { ConditionPlan } from '../balancer.ts'
import { pairPattern, wholePattern } from '../wildcards.ts'
import { token } from './quoting.ts'

export interface Lines {
  readonly lines: readonly string[]
  /** By name: what else is to be there for these lines. */
  readonly files: Readonly<Record<string, string>>
}

const METHOD = /^[A-Z_-]{1,40}$/
const CIDR = /^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/

/** A sample, how it is compared, and the lines of the file it is compared with. */
interface Comparison {
  readonly sample: string
  readonly values: readonly string[]
}

/** What needs no quoting in a file of values: HAProxy leaves out comments, and spaces at the start. */
const PLAIN = /^[!-~]+$/

/** The text of a pattern that is told by the whole of it or by its start; undefined where it takes more than that. */
export const plainPattern = (wild: string): { readonly way: 'str' | 'beg'; readonly text: string } | undefined => {
  const way = wayOf(wild)
  return way === 'str' || way === 'beg' ? { way, text: wild.replaceAll('*', '') } : undefined
}

/** How a pattern is told fastest: as a whole, by its start or its end, or as a regular expression. */
const wayOf = (wild: string): 'str' | 'beg' | 'end' | 'reg' => {
  const inner = wild.replace(/^\*|\*$/, '')
  if (!PLAIN.test(inner) || inner.startsWith('#') || /[*?]/.test(inner)) return 'reg'
  if (inner === wild) return 'str'
  return wild.startsWith('*') ? 'end' : 'beg'
}

const compared = (sample: string, patterns: readonly string[], flags = ''): Comparison[] =>
  [...Map.groupBy(patterns, wayOf)].map(([way, some]) => ({
    sample: `${sample} -m ${way}${flags}`,
    values: some.map(way === 'reg' ? wholePattern : (wild) => wild.replaceAll('*', '')),
  }))

/** The condition holds where any of these does. */
const comparisons = (condition: ConditionPlan): readonly Comparison[] => {
  switch (condition.on) {
    case 'path':
      return compared('path', condition.patterns)
    case 'host':
      // Without the port, which clients may add.
      return compared('req.hdr(host),host_only', condition.patterns, ' -i')
    case 'header':
      return compared(`req.fhdr(${token(condition.name)})`, condition.patterns, ' -i')
    case 'method':
      for (const method of condition.methods)
        if (!METHOD.test(method)) throw new Fault('invalid', `no method ${method}`)
      return [{ sample: 'method -m str', values: condition.methods }]
    case 'query':
      return [{ sample: 'query -m reg -i', values: condition.pairs.map(pairPattern) }]
    case 'source':
      for (const cidr of condition.cidrs) if (!CIDR.test(cidr)) throw new Fault('invalid', `no address block ${cidr}`)
      return [{ sample: 'src', values: condition.cidrs }]
  }
}

/** Lists of these names hold together when the rule applies. `folder` is where HAProxy finds the files. */
export const accessLists = (
  prefix: string,
  conditions: readonly ConditionPlan[],
  folder: string,
): Lines & { readonly names: readonly string[] } => {
  const lines: string[] = []
  const names: string[] = []
  const files: Record<string, string> = {}
  for (const [index, condition] of conditions.entries()) {
    const name = `${prefix}-c${index}`
    names.push(name)
    // Lists of one name: any of them will do.
    for (const [part, { sample, values }] of comparisons(condition).entries()) {
      const file = `${name}-${part}.lst`
      files[file] = values.map((value) => `${value}\n`).join('')
      lines.push(`acl ${name} ${sample} -f ${folder}/${file}`)
    }
  }
  return { lines, names, files }
}
