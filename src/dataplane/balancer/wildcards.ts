// ELB's patterns, in which `*` is any text and `?` any character, as regular expressions.
// AWS: "Condition types for listener rules", path and host conditions.

import { Fault } from '#base/fault.ts'

// oxlint-disable-next-line no-control-regex -- these are the ones that end a line or a word of a configuration
export const CONTROL = /[\u0000-\u001f\u007f]/

/** Not anchored: what stands around it is the caller's. Fault "invalid" for control characters. */
export const pattern = (wild: string): string => {
  if (CONTROL.test(wild)) throw new Fault('invalid', 'control characters cannot be matched')
  const plain = (text: string): string => text.replaceAll(/[\\^$.|+()[\]{}*?]/g, String.raw`\$&`)
  return wild
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : plain(part)))
    .join('')
}

/** For the whole of a value. */
export const wholePattern = (wild: string): string => `^${pattern(wild)}$`

/** For a query string that has this pair among others; without a key, the value alone or as that of any key. */
export const pairPattern = ({ key, value }: { readonly key?: string; readonly value: string }): string => {
  const within = (wild: string, text: string): string => pattern(wild).replaceAll('.*', text)
  const before = key === undefined ? '([^&=]*=)?' : `${within(key, '[^&=]*')}=`
  return `(^|&)${before}${within(value, '[^&]*')}(&|$)`
}
