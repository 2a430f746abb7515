// The actions that a call asks for, as records; refused where AWS would.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html)

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '#aws/scope.ts'
import { InvalidLoadBalancerAction, TooManyActions, validationError } from '../errors.ts'
import type { ActionRecord, FixedResponseAction, ForwardAction, RedirectAction, WeightedTargetGroup } from './action.ts'
import { checkedTargetGroupArn } from './arns.ts'
import { TARGET_GROUPS_PER_FORWARD } from './limits.ts'
import type { ListenerSpec } from './listener.ts'

/** What must be known of a listener to judge its actions. */
type Listener = Pick<ListenerSpec, 'protocol' | 'port'>

const MOST_WEIGHT = 999
/** Seven days. */
const MOST_STICKY_SECONDS = 604_800

const weighted = (action: Action, scope: Scope): WeightedTargetGroup[] => {
  const { TargetGroupArn, ForwardConfig } = action
  const tuples = ForwardConfig?.TargetGroups ?? []
  if (tuples.length === 0) {
    if (TargetGroupArn === undefined) throw validationError('A target group ARN must be specified')
    return [{ arn: checkedTargetGroupArn(TargetGroupArn, scope), weight: 1 }]
  }
  // Both may be given, as Describe calls show both, if they say the same.
  if (TargetGroupArn !== undefined && (tuples.length > 1 || tuples[0]?.TargetGroupArn !== TargetGroupArn)) {
    throw validationError('The target group ARN and the forward configuration of an action must name the same group')
  }
  return tuples.map(({ TargetGroupArn: arn, Weight = 1 }) => {
    if (arn === undefined) throw validationError('A target group ARN must be specified')
    if (Weight < 0 || Weight > MOST_WEIGHT) {
      throw validationError(`The weight for each target group must be between 0 and ${MOST_WEIGHT}, inclusive`)
    }
    return { arn: checkedTargetGroupArn(arn, scope), weight: Weight }
  })
}

const forward = (action: Action, { protocol }: Listener, scope: Scope): ForwardAction => {
  const targetGroups = weighted(action, scope)
  if (targetGroups.length > TARGET_GROUPS_PER_FORWARD) {
    throw validationError(`A forward action can have a maximum of '${TARGET_GROUPS_PER_FORWARD}' target groups`)
  }
  if (new Set(targetGroups.map(({ arn }) => arn)).size < targetGroups.length) {
    throw validationError('Target groups of a forward action must be unique')
  }
  const { Enabled = false, DurationSeconds: seconds } = action.ForwardConfig?.TargetGroupStickinessConfig ?? {}
  // Of application load balancers only (API_TargetGroupStickinessConfig.html).
  const needsDuration = protocol === 'HTTP' || protocol === 'HTTPS'
  if (Enabled && needsDuration && seconds === undefined)
    throw validationError('A stickiness duration must be specified')
  if (seconds !== undefined && (seconds < 1 || seconds > MOST_STICKY_SECONDS)) {
    throw validationError(`Stickiness duration '${seconds}' must be between '1' and '${MOST_STICKY_SECONDS}' inclusive`)
  }
  const stickiness = { enabled: Enabled, ...(seconds === undefined ? {} : { durationSeconds: seconds }) }
  return { type: 'forward', targetGroups, stickiness }
}

const KEYWORDS = /#\{(protocol|host|port|path|query)\}/g

const checkPart = (name: string, text: string, allowed: RegExp): void => {
  const rest = text.replaceAll(KEYWORDS, '')
  if (/[#{}]/.test(rest) || !allowed.test(rest)) {
    throw InvalidLoadBalancerAction(`The redirect ${name} '${text}' is not valid`)
  }
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535

const redirect = (action: Action, listener: Listener): RedirectAction => {
  const { RedirectConfig: config } = action
  if (config === undefined) throw validationError('A redirect configuration must be specified')
  const record: RedirectAction = {
    type: 'redirect',
    protocol: config.Protocol ?? '#{protocol}',
    host: config.Host ?? '#{host}',
    port: config.Port ?? '#{port}',
    path: config.Path ?? '/#{path}',
    query: config.Query ?? '#{query}',
    statusCode: config.StatusCode ?? 'HTTP_301',
  }
  const { protocol, host, port, path, query } = record
  if (!['HTTP', 'HTTPS', '#{protocol}'].includes(protocol)) {
    throw validationError(`The redirect protocol '${protocol}' must be one of 'HTTP, HTTPS, #{protocol}'`)
  }
  if (listener.protocol === 'HTTPS' && protocol === 'HTTP') {
    throw InvalidLoadBalancerAction('Requests cannot be redirected from HTTPS to HTTP')
  }
  if (port !== '#{port}' && !isPort(port)) {
    throw validationError(`The redirect port '${port}' must be in the range 1-65535 or '#{port}'`)
  }
  if (!path.startsWith('/')) throw validationError(`The redirect path '${path}' must begin with a '/' character`)
  // They become part of a response header: no line may end in them.
  checkPart('host', host, /^[A-Za-z0-9.-]*$/)
  checkPart('path', path, /^[\x21-\x7e]*$/)
  checkPart('query', query, /^[\x21-\x7e]*$/)
  // Another query alone does not count.
  // (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html)
  const isSameDoor =
    ['#{protocol}', listener.protocol].includes(protocol) && ['#{port}', String(listener.port)].includes(port)
  if (isSameDoor && host === '#{host}' && path === '/#{path}') {
    throw InvalidLoadBalancerAction('The redirect configuration is not valid because it creates a loop.')
  }
  return record
}

const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json']

const fixedResponse = (action: Action): FixedResponseAction => {
  const { FixedResponseConfig: config } = action
  if (config?.StatusCode === undefined) throw validationError('A fixed response status code must be specified')
  const { StatusCode: statusCode, ContentType: type, MessageBody: body } = config
  if (!/^[245]\d\d$/.test(statusCode)) {
    throw validationError(`The fixed response status code '${statusCode}' must be 2XX, 4XX or 5XX`)
  }
  if (type !== undefined && type !== '' && !CONTENT_TYPES.includes(type)) {
    throw validationError(`The fixed response content type '${type}' must be one of '${CONTENT_TYPES.join(', ')}'`)
  }
  return {
    type: 'fixed-response',
    statusCode,
    ...(type === undefined || type === '' ? {} : { contentType: type }),
    ...(body === undefined || body === '' ? {} : { messageBody: body }),
  }
}

const CONFIGURATIONS = {
  forward: 'ForwardConfig',
  redirect: 'RedirectConfig',
  'fixed-response': 'FixedResponseConfig',
} as const

const requestedAction = (action: Action, listener: Listener, scope: Scope): ActionRecord => {
  const { protocol } = listener
  const { Type: type } = action
  if (type !== 'forward' && type !== 'redirect' && type !== 'fixed-response') {
    throw InvalidLoadBalancerAction(`Actions of type '${type}' are not supported`)
  }
  const isOfHttp = protocol === 'HTTP' || protocol === 'HTTPS'
  if (!isOfHttp && type !== 'forward') {
    throw InvalidLoadBalancerAction(`Actions of type '${type}' are not supported for ${protocol} listeners`)
  }
  for (const [other, member] of Object.entries(CONFIGURATIONS)) {
    if (other !== type && action[member] !== undefined) {
      throw validationError(`An action of type '${type}' cannot have a ${member}`)
    }
  }
  const record =
    type === 'forward'
      ? forward(action, listener, scope)
      : type === 'redirect'
        ? redirect(action, listener)
        : fixedResponse(action)
  return { ...record, ...(action.Order === undefined ? {} : { order: action.Order }) }
}

/** Each kind of action here ends the request, so there is exactly one. */
export const requestedActions = (actions: readonly Action[], listener: Listener, scope: Scope): ActionRecord[] => {
  if (actions.length === 0) throw validationError('An action must be specified')
  if (actions.length > 1) {
    const types = actions.map(({ Type }) => Type)
    const unknown = types.find((type) => type === undefined || !(type in CONFIGURATIONS))
    if (unknown !== undefined) throw InvalidLoadBalancerAction(`Actions of type '${unknown}' are not supported`)
    throw TooManyActions('You cannot specify more than one action of type forward, redirect or fixed-response')
  }
  return actions.map((action) => requestedAction(action, listener, scope))
}
