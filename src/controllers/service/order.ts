// Orders of records. Pure; by code units, which is what ISO 8601 and ids need, and much faster than by language.

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const byAge = (
  a: { readonly createdAt: string; readonly arn: string },
  b: { readonly createdAt: string; readonly arn: string },
): number => byText(a.createdAt, b.createdAt) || byText(a.arn, b.arn)
