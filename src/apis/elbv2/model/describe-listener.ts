// How DescribeListeners and DescribeRules show a listener and its rules.

import type { Listener, Rule, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { describeAction } from './describe-action.ts'
import type { ListenerRecord } from './listener.ts'
import type { ConditionRecord, RuleRecord } from './rule.ts'

export const describeListener = ({ arn, loadBalancerArn, spec }: ListenerRecord): Listener => ({
  ListenerArn: arn,
  LoadBalancerArn: loadBalancerArn,
  Port: spec.port,
  Protocol: spec.protocol,
  ...(spec.defaultCertificateArn === undefined
    ? {}
    : { Certificates: [{ CertificateArn: spec.defaultCertificateArn }] }),
  ...(spec.sslPolicy === undefined ? {} : { SslPolicy: spec.sslPolicy }),
  DefaultActions: spec.defaultActions.map(describeAction),
  ...(spec.alpnPolicy === undefined ? {} : { AlpnPolicy: [spec.alpnPolicy] }),
  ...(spec.protocol === 'HTTPS' ? { MutualAuthentication: { Mode: 'off' } } : {}),
})

const describeCondition = (condition: ConditionRecord): RuleCondition => {
  const Field = condition.field
  switch (condition.field) {
    case 'host-header':
      return { Field, Values: [...condition.values], HostHeaderConfig: { Values: [...condition.values] } }
    case 'path-pattern':
      return { Field, Values: [...condition.values], PathPatternConfig: { Values: [...condition.values] } }
    case 'http-header':
      return { Field, HttpHeaderConfig: { HttpHeaderName: condition.name, Values: [...condition.values] } }
    case 'http-request-method':
      return { Field, HttpRequestMethodConfig: { Values: [...condition.values] } }
    case 'query-string': {
      const Values = condition.values.map(({ key, value }) => ({
        ...(key === undefined ? {} : { Key: key }),
        Value: value,
      }))
      return { Field, QueryStringConfig: { Values } }
    }
    case 'source-ip':
      return { Field, SourceIpConfig: { Values: [...condition.values] } }
  }
}

export const describeRule = ({ arn, spec }: RuleRecord): Rule => ({
  RuleArn: arn,
  Priority: String(spec.priority),
  Conditions: spec.conditions.map(describeCondition),
  Actions: spec.actions.map(describeAction),
  IsDefault: false,
})

/** What the listener does with a request that no rule is for. */
export const describeDefaultRule = ({ defaultRuleArn, spec }: ListenerRecord): Rule => ({
  RuleArn: defaultRuleArn,
  Priority: 'default',
  Conditions: [],
  Actions: spec.defaultActions.map(describeAction),
  IsDefault: true,
})
