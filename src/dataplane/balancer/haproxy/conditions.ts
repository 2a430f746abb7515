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

/** The sample to look at, and the lines of the file it is compared with. */
const comparison = (condition: ConditionPlan): { readonly sample: string; readonly values: string[] } => {
  switch (condition.on) {
    case 'path':
      return { sample: 'path -m reg', values: condition.patterns.map(wholePattern) }
    case 'host':
      // Without the port, which clients may add.
      return { sample: 'req.hdr(host),host_only -m reg -i', values: condition.patterns.map(wholePattern) }
    case 'header':
      return { sample: `req.fhdr(${token(condition.name)}) -m reg -i`, values: condition.patterns.map(wholePattern) }
    case 'method':
      for (const method of condition.methods)
        if (!METHOD.test(method)) throw new Fault('invalid', `no method ${method}`)
      return { sample: 'method -m str', values: [...condition.methods] }
    case 'query':
      return { sample: 'query -m reg -i', values: condition.pairs.map(pairPattern) }
    case 'source':
      for (const cidr of condition.cidrs) if (!CIDR.test(cidr)) throw new Fault('invalid', `no address block ${cidr}`)
      return { sample: 'src', values: [...condition.cidrs] }
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
    const { sample, values } = comparison(condition)
    files[`${name}.lst`] = values.map((value) => `${value}\n`).join('')
    names.push(name)
    lines.push(`acl ${name} ${sample} -f ${folder}/${name}.lst`)
  }
  return { lines, names, files }
}
