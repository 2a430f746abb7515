// How callers name a log group: by name or by "identifier", which is a name or an ARN; exactly one of them.

import type { Scope } from '#aws/scope.ts'
import { InvalidParameterException, noSuchGroup } from '../errors.ts'
import { groupNameOf } from './tags.ts'

interface Naming {
  readonly logGroupName?: string | undefined
  readonly logGroupIdentifier?: string | undefined
}

/** The group's name. Throws AWS's refusal when none or both are given, or when the ARN cannot be of this account. */
export const identifiedGroup = ({ logGroupName, logGroupIdentifier }: Naming, scope: Scope): string => {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw InvalidParameterException('LogGroup name and LogGroup ARN are mutually exclusive parameters.')
  }
  const identifier = logGroupName ?? logGroupIdentifier
  if (identifier === undefined) {
    throw InvalidParameterException('One of LogGroup name or LogGroup identifier must be specified.')
  }
  const name = groupNameOf(identifier, scope)
  if (name === undefined) throw noSuchGroup()
  return name
}
