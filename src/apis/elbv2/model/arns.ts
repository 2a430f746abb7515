// ARNs that a call names: whether they are what they should be, before anyone looks whether such a thing exists.

import {
  type CertificateArn,
  type ListenerArn,
  listenerArn,
  type ListenerRuleArn,
  listenerRuleArn,
  type LoadBalancerArn,
  loadBalancerArn,
  parseArn,
  type TargetGroupArn,
  targetGroupArn,
} from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { AwsError } from '#aws/refusal.ts'
import {
  CertificateNotFound,
  ListenerNotFound,
  LoadBalancerNotFound,
  RuleNotFound,
  TargetGroupNotFound,
  validationError,
} from '../errors.ts'

const NAME = '[A-Za-z0-9-]{1,32}'
const ID = '[0-9a-f]{16}'
const BALANCER = `(?:app|net)/${NAME}/${ID}`

export const loadBalancerNotFound = (arn: string): AwsError => LoadBalancerNotFound(`Load balancer '${arn}' not found`)
export const targetGroupNotFound = (arn: string): AwsError => TargetGroupNotFound(`Target groups '${arn}' not found`)
export const listenerNotFound = (arn: string): AwsError => ListenerNotFound(`Listener '${arn}' not found`)
export const ruleNotFound = (arn: string): AwsError => RuleNotFound(`Rule '${arn}' not found`)
export const certificateNotFound = (arn: string): AwsError => CertificateNotFound(`Certificate '${arn}' not found`)

/** The rows that a Describe call asks for, all of them. AWS does not say there which ones are missing. */
export const allThere = <Row>(rows: readonly (Row | undefined)[], missing: AwsError): Row[] => {
  const there = rows.filter((row) => row !== undefined)
  if (there.length < rows.length) throw missing
  return there
}

/** The parts of a well-formed ARN; another account's or region's is as good as not there. */
const parts = (
  text: string,
  scope: Scope,
  of: { readonly pattern: string; readonly noun: string; readonly missing: (arn: string) => AwsError },
): readonly string[] => {
  const arn = parseArn(text)
  const match = arn?.service === 'elasticloadbalancing' ? new RegExp(`^${of.pattern}$`).exec(arn.resource) : null
  if (arn === undefined || match === null) throw validationError(`'${text}' is not a valid ${of.noun} ARN`)
  if (arn.region !== scope.region || arn.account !== scope.account) throw of.missing(text)
  return match.slice(1)
}

export const checkedLoadBalancerArn = (text: string, scope: Scope): LoadBalancerArn => {
  const of = { pattern: `loadbalancer/(${BALANCER})`, noun: 'load balancer', missing: loadBalancerNotFound }
  const [path = ''] = parts(text, scope, of)
  return loadBalancerArn(scope, path)
}

export const checkedTargetGroupArn = (text: string, scope: Scope): TargetGroupArn => {
  const of = { pattern: `targetgroup/(${NAME})/(${ID})`, noun: 'target group', missing: targetGroupNotFound }
  const [name = '', id = ''] = parts(text, scope, of)
  return targetGroupArn(scope, name, id)
}

export const checkedListenerArn = (text: string, scope: Scope): ListenerArn => {
  const of = { pattern: `listener/(${BALANCER})/(${ID})`, noun: 'listener', missing: listenerNotFound }
  const [path = '', id = ''] = parts(text, scope, of)
  return listenerArn(scope, path, id)
}

export const checkedRuleArn = (text: string, scope: Scope): ListenerRuleArn => {
  const of = { pattern: `listener-rule/(${BALANCER})/(${ID})/(${ID})`, noun: 'listener rule', missing: ruleNotFound }
  const [path = '', listenerId = '', id = ''] = parts(text, scope, of)
  return listenerRuleArn(scope, path, listenerId, id)
}

/** The listener whose rule this is: its ARN is in the rule's. */
export const listenerOfRule = (rule: ListenerRuleArn, scope: Scope): ListenerArn => {
  const [, path = '', id = ''] = /:listener-rule\/(.+)\/([0-9a-f]+)\/[0-9a-f]+$/.exec(rule) ?? []
  return listenerArn(scope, path, id)
}

/** ACM's; IAM's server certificates do not exist here. */
export const checkedCertificateArn = (text: string, scope: Scope): CertificateArn => {
  const arn = parseArn(text)
  if (arn === undefined) throw validationError(`'${text}' is not a valid certificate ARN`)
  const isOurs = arn.service === 'acm' && arn.region === scope.region && arn.account === scope.account
  if (!isOurs) throw certificateNotFound(text)
  return text as CertificateArn
}
