// Takes outbound rules away from a security group.

import { revokeRules } from '../rule-changes.ts'

export const revokeSecurityGroupEgress = revokeRules('egress')
