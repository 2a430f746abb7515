// Form bodies to a tree: "Filter.1.Value.2=x" becomes Filter > 1 > Value > 2 = x.

import { DecodeProblem } from './decode-problem.ts'
import type { Limits } from './limits.ts'
import { percentDecoded } from './wire.ts'

export interface FormNode {
  value: string | undefined
  children: Map<string, FormNode> | undefined
}

export type Form = ReadonlyMap<string, string>

const formDecoded = (text: string): string => {
  const decoded = percentDecoded(text.includes('+') ? text.replaceAll('+', ' ') : text)
  if (decoded === undefined) throw new DecodeProblem('malformed', 'The request is not valid form encoding.')
  return decoded
}

/** The decoded pairs of a form, in their order; of a name given twice the last counts. */
export const parsedForm = (text: string, limits: Pick<Limits, 'formPairs'>): Form => {
  const form = new Map<string, string>()
  let start = 0
  for (let count = 0; start < text.length; count++) {
    if (count === limits.formPairs) {
      throw new DecodeProblem('too-large', `The request has more than ${limits.formPairs} parameters.`)
    }
    const ampersand = text.indexOf('&', start)
    const end = ampersand < 0 ? text.length : ampersand
    const pair = text.slice(start, end)
    start = end + 1
    if (pair === '') continue
    const at = pair.indexOf('=')
    if (at < 0) form.set(formDecoded(pair), '')
    else form.set(formDecoded(pair.slice(0, at)), formDecoded(pair.slice(at + 1)))
  }
  return form
}

const emptyNode = (): FormNode => ({ value: undefined, children: undefined })

/** Names are split at dots. Deeper names than the limit are refused: each level costs memory. */
export const formTree = (form: Form, limits: Pick<Limits, 'depth'>): FormNode => {
  const root = emptyNode()
  for (const [name, value] of form) {
    const parts = name.split('.', limits.depth + 1)
    if (parts.length > limits.depth) {
      throw new DecodeProblem('too-large', `The request nests deeper than ${limits.depth} levels.`)
    }
    let node = root
    for (const part of parts) {
      node.children ??= new Map()
      let next = node.children.get(part)
      if (next === undefined) node.children.set(part, (next = emptyNode()))
      node = next
    }
    node.value = value
  }
  return root
}

/** Items by number; gaps are allowed, and 10 comes after 9. */
export const numbered = (node: FormNode): FormNode[] =>
  [...(node.children ?? [])]
    .filter(([key]) => /^\d{1,9}$/.test(key))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
