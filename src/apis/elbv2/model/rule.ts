// A rule as a record: which requests it is for, and what is done with them. Rules are tried by priority, lowest first;
// all conditions must hold, and of a condition's values any.

import type { ListenerArn, ListenerRuleArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { ActionRecord } from './action.ts'
import type { TagRecord } from './tags.ts'

/** In values, * stands for any number of characters and ? for one, except in methods and address blocks. */
export type ConditionRecord =
  /** Case does not count. */
  | { readonly field: 'host-header'; readonly values: readonly string[] }
  /** Case counts; the path without its query. */
  | { readonly field: 'path-pattern'; readonly values: readonly string[] }
  /** Case does not count, neither of the name nor of the values. */
  | { readonly field: 'http-header'; readonly name: string; readonly values: readonly string[] }
  /** Case counts. */
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  /** Case does not count. Without a key, the value may be that of any. */
  | { readonly field: 'query-string'; readonly values: readonly { readonly key?: string; readonly value: string }[] }
  /** CIDR blocks, IPv4 or IPv6; the address of the connection, whatever X-Forwarded-For says. */
  | { readonly field: 'source-ip'; readonly values: readonly string[] }

/** Written by operations only. */
export interface RuleSpec {
  /** 1 to 50000; no two rules of a listener have the same. */
  readonly priority: number
  readonly conditions: readonly ConditionRecord[]
  readonly actions: readonly ActionRecord[]
}

export interface RuleRecord {
  readonly arn: ListenerRuleArn
  readonly scope: Scope
  readonly listenerArn: ListenerArn
  readonly tags: readonly TagRecord[]
  readonly spec: RuleSpec
}
