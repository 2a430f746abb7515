// Adds outbound rules to a security group.

import { authorizeRules } from '../rule-changes.ts'

export const authorizeSecurityGroupEgress = authorizeRules('egress')
