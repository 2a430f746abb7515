// Takes inbound rules away from a security group.

import { revokeRules } from '../rule-changes.ts'

export const revokeSecurityGroupIngress = revokeRules('ingress')
