// Adds inbound rules to a security group.

import { authorizeRules } from '../rule-changes.ts'

export const authorizeSecurityGroupIngress = authorizeRules('ingress')
