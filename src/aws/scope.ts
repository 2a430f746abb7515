// The account and region in which a call is made: they partition all state.

export interface Scope {
  /** "aws", "aws-cn" or "aws-us-gov". */
  readonly partition: string
  /** e.g. "eu-west-1"; any well-formed name works. */
  readonly region: string
  /** Twelve digits. */
  readonly account: string
}

/** Keys rows of one account and region together; comes first in the key of every table that AWS partitions. */
export const scopeKey = (scope: Scope): string => `${scope.account}/${scope.region}`

export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'

/** "amazonaws.com", or its Chinese counterpart. */
export const dnsSuffix = (scope: Scope): string => (scope.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com')
