// Shows security policies: all, or those that are named.

import type { DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeSslPolicy, SECURITY_POLICIES, sslPolicyNamed } from '../model/ssl-policy.ts'
import { paged } from '../paging.ts'

export const describeSslPolicies: Operation<DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput> = async (
  input,
  call,
) => {
  const { Names = [] } = input
  const chosen = Names.length > 0 ? Names.map(sslPolicyNamed) : SECURITY_POLICIES
  const { items, marker } = paged(chosen, input, ['DescribeSSLPolicies', call.scope, Names], ({ name }) => name)
  return { SslPolicies: items.map(describeSslPolicy), ...marker }
}
