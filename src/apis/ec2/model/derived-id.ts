// Ids of what is there without anybody having made it: the same text always gets the same id. Pure.

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n
const MASK = (1n << 64n) - 1n
const ID_DIGITS = 17

/** FNV-1a, 64 bits: ids need to differ, not to withstand anybody. */
const hash = (text: string): bigint =>
  Array.from(text).reduce((value, sign) => ((value ^ BigInt(sign.codePointAt(0)!)) * FNV_PRIME) & MASK, FNV_OFFSET)

/** e.g. "dopt-0123456789abcdef0" */
export const derivedEc2Id = (prefix: string, text: string): string => {
  const digits = [text, `${text}#`].map((each) => hash(each).toString(16).padStart(16, '0')).join('')
  return `${prefix}-${digits.slice(0, ID_DIGITS)}`
}
